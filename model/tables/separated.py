"""CSV as programs and spreadsheets write it: what separates its cells is certain, or is asked for in one line."""

import csv
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import IO, Any

from model.errors import TableError
from model.plain import many
from model.tables.lines import LONGEST_ROW, Form, Taken, counted, decoded_lines

TEXT = "text"
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES, _SAMPLE = 200, 1 << 16  # lines, and characters, by which the delimiter is known
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's own first line


def read_tsv(raw: IO[bytes], taken: Taken, form: Form | None) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """Read CSV whose cells are between tabs, unless it or its form says something else."""
    return read_csv(raw, taken, form, "\t")


def read_csv(
    raw: IO[bytes], taken: Taken, form: Form | None, known: str | None = None
) -> tuple[list[str], Iterator[dict[str, Any]]]:
    """Give the names of the columns, and the rows; raise `TableError` for what is no table.

    Columns without a name behind the last that has one, and rows of nothing but delimiters behind the last that has
    more, are what a spreadsheet leaves of its grid, and no content.
    """
    csv.field_size_limit(LONGEST_ROW)  # a limit of the module's; `counted` holds the row's
    sample = _Sample(decoded_lines(raw, form, newline=""))
    marked = _SEPARATOR_LINE.fullmatch(sample.head[0]) if sample.head else None
    if marked:
        del sample.head[0]
    said = (form and form.delimiter) or (marked and marked[1]) or known
    taken.delimiter = said or _delimiter(sample, form)
    # strict: a quote that is never closed is an error instead of one enormous last cell
    rows = csv.reader(counted(sample, taken), delimiter=taken.delimiter, strict=True)
    first = _first(rows, form)
    wrong = partial(_wrong_width, taken.delimiter, form, said is None)
    if form and not form.header:
        names = [str(number) for number in range(1, len(first) + 1)] if len(first) > 1 else [TEXT]
        return names, _rows(names, first, chain([first], rows), taken, wrong)
    names = _filled(first)
    if len(set(names)) < len(names):
        option = "; where the first line is a row already: --no-header" if form else ""
        shown = ", ".join(name or "''" for name in names)
        raise TableError(f"a column name stands twice in {shown}{option}")
    taken.characters = 0
    return names, _rows(names, first, rows, taken, wrong)


class _Sample:
    """Lines of which the first were looked at; an error among them is raised where it stands."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.head: list[str] = []
        self.is_whole = False
        self._lines = lines
        self._error: Exception | None = None
        characters = 0
        try:
            while len(self.head) < _SAMPLE_LINES and characters < _SAMPLE:
                self.head.append(next(lines))
                characters += len(self.head[-1])
        except StopIteration:
            self.is_whole = True
        except (OSError, EOFError, ValueError, zlib.error) as error:
            self._error = error

    def __iter__(self) -> Iterator[str]:
        yield from self.head
        self.head = []
        if self._error:
            raise self._error
        yield from self._lines


def _first(rows: Iterator[list[str]], form: Form | None) -> list[str]:
    """Give the first row that says something."""
    for row in rows:
        if any(row) or (row and form and not form.header):
            return row
    raise TableError("the file is empty; expected a line of column names")


def _filled(cells: list[str]) -> list[str]:
    """Leave out the empty cells at the end."""
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _rows(
    names: list[str], first: list[str], rows: Iterable[list[str]], taken: Taken, wrong: Callable[[int, int], str]
) -> Iterator[dict[str, Any]]:
    width = len(names)
    for cells in rows:
        if not cells or (
            not any(cells) and taken.characters < len(cells) + 2
        ):  # without quotes, in which an empty cell is meant
            taken.empty += bool(cells)
            taken.characters = 0
            continue
        while taken.empty:
            taken.empty -= 1
            yield dict.fromkeys(names, "")
        if width < len(cells) <= len(first) and (beyond := next(filter(None, cells[width:]), "")):
            raise TableError(f"{beyond[:40]!r} stands in a column without a name")
        if len(cells) < width or any(cells[width:]):
            raise TableError(wrong(width, len(cells)))
        yield dict(zip(names, cells, strict=False))


def _wrong_width(delimiter: str, form: Form | None, is_guess: bool, width: int, got: int) -> str:
    where = "the first row" if form and not form.header else "the line of column names"
    mark = DELIMITERS.get(delimiter, repr(delimiter))
    hint = ""
    if got > width:
        hint = f"; a cell that holds a {mark} must stand in quotes"
    elif is_guess and form:
        hint = f"; where a {mark} separates no cells, name what does with --delimiter"
    return f"{many(width, 'cell')} expected, as in {where}, got {got}{hint}"


def _delimiter(sample: _Sample, form: Form | None) -> str:
    """Find what separates the cells, by the rule that each row has as many as the first; raise `TableError`."""
    by_mark = {mark: _split(sample, mark) for mark in DELIMITERS}
    able = {mark: rows for mark, rows in by_mark.items() if rows and len(rows[0]) > 1}
    fitting = [mark for mark, rows in able.items() if _is_even(rows, form)]
    if len(fitting) > 1:
        fitting = [mark for mark in fitting if not _has_stray_quotes(able[mark])] or fitting
    if len(fitting) > 1:
        option = "; name what separates its cells with --delimiter" if form else ""
        seen = " and ".join(f"{DELIMITERS[mark]}s" for mark in fitting)
        raise TableError(f"its cells may be separated by {seen}: each would give all rows as many{option}")
    if fitting or not able:
        return (fitting or [","])[0]
    # the row at fault will say so itself
    return max(able, key=lambda mark: sum(_is_even([able[mark][0], row], form) for row in able[mark]))


def _split(sample: _Sample, mark: str) -> list[list[str]]:
    """Split the sample; give nothing where a quoted cell is not followed by the mark."""
    rows: list[list[str]] = []
    try:
        rows += filter(any, csv.reader(sample.head, delimiter=mark, strict=True))
    except csv.Error as error:
        if "unexpected end" not in str(error):  # which the sample's own end may be
            return []
    return rows if sample.is_whole else rows[: max(1, len(rows) - 1)]


def _is_even(rows: list[list[str]], form: Form | None) -> bool:
    width = len(rows[0]) if form and not form.header else len(_filled(rows[0]))
    return all(len(row) >= width and (len(row) <= len(rows[0]) or not any(row[width:])) for row in rows)


def _has_stray_quotes(rows: list[list[str]]) -> bool:
    return any(cell.count('"') % 2 for row in rows for cell in row)
