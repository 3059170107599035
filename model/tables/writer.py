"""Writes files of headlines, a batch of rows at a time, of every kind that `model.tables.reader` reads."""

import csv
import gzip
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

from model.errors import TableError
from model.tables.reader import Row, fault, suffix_of

_NOTHING = (None, "")
# what a spreadsheet takes for a formula, in full-width characters and behind white space as well (OWASP)
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")


class TableWriter:
    """Writes rows to a file of the kind that `path`'s suffix names; use it in a `with` over a temporary path.

    `kinds` says which columns hold `str`, `int`, `float` or `bool` alone, whatever rows there are. With
    `for_spreadsheet`, text that a spreadsheet would take for a formula begins with an apostrophe, a byte order mark
    says the encoding, and `delimiter` separates the cells of .csv.
    """

    def __init__(
        self,
        path: Path,
        columns: list[str],
        kinds: Mapping[str, type] | None = None,
        *,
        for_spreadsheet: bool = False,
        delimiter: str = ",",
    ) -> None:
        self._shown = as_shown if for_spreadsheet else _unchanged
        suffix = suffix_of(path)
        if suffix == ".parquet":
            from model.tables.arrow_out import RowsToParquet

            rows = RowsToParquet(path, columns, kinds or {})
            opened: _Opened = rows.write, rows.close
        else:
            shown = [self._shown(name) for name in columns]
            encoding = "utf-8-sig" if for_spreadsheet else "utf-8"
            mark = "\t" if suffix.startswith(".tsv") else delimiter if for_spreadsheet else ","
            opened = _WRITERS[suffix.removesuffix(".gz")](_text_file(path, encoding), shown, mark)
        self._write, self._close = opened

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        self._close(kind is None)

    def write(self, rows: list[Row]) -> None:
        """Append rows; raise `TableError` where one has a column that the first row has not."""
        try:
            self._write([self._cells(row) for row in rows] if self._shown is as_shown else rows)
        except (ValueError, TypeError) as error:
            raise TableError(f"a row does not fit the first one: {fault(error)}") from error
        except RecursionError as error:
            raise TableError("a value is nested too deeply") from error

    def _cells(self, row: Row) -> Row:
        return {as_shown(name): as_shown(value) for name, value in row.items()}


def as_shown(value: Any) -> Any:
    """Give text as a spreadsheet shows it as text; numbers are no text."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _unchanged(value: Any) -> Any:
    return value


def json_text(value: object, indent: int | None = None) -> str:
    """Give JSON, in which there is no NaN and no infinity: they are null."""
    try:
        return json.dumps(value, ensure_ascii=False, default=str, allow_nan=False, indent=indent)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, default=str, allow_nan=False, indent=indent)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return list(map(_finite, value)) if isinstance(value, (list, tuple)) else value


_Opened: TypeAlias = tuple[Callable[[list[Row]], object], Callable[[bool], object]]  # the latter told if all is done


def _text_file(path: Path, encoding: str) -> IO[str]:
    """Open a file of text; half a surrogate pair, which JSON may hold, is no text that can be written but as JSON."""
    errors = "backslashreplace" if suffix_of(path) == ".jsonl" else "replace"
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "wt", encoding=encoding, errors=errors, newline="", compresslevel=6)
    return path.open("w", encoding=encoding, errors=errors, newline="")


def csv_writer(file: IO[str], columns: list[str], mark: str = ",") -> Callable[[Iterable[Row]], None]:
    """Write the line of column names, and give what writes rows."""
    writer = csv.DictWriter(_UnixLines(file), columns, delimiter=mark, lineterminator="\r\n")
    quoting = csv.DictWriter(_UnixLines(file), columns, delimiter=mark, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writeheader()

    def write(rows: Iterable[Row]) -> None:
        for row in rows:  # one without a value would be nothing but delimiters, of which spreadsheets leave many
            (writer if any(cell not in _NOTHING for cell in row.values()) else quoting).writerow(row)

    return write


class _UnixLines:
    """Ends lines in LF, where csv ends them in CRLF: told to use LF, Python 3.11 leaves a CR in a cell unquoted."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.removesuffix("\r\n") + "\n")


def _write_csv(file: IO[str], columns: list[str], mark: str) -> _Opened:
    write = csv_writer(file, columns, mark)
    return lambda rows: write(map(flat, rows)), lambda _done: file.close()


def _write_jsonl(file: IO[str], _columns: list[str], _mark: str) -> _Opened:
    return lambda rows: file.writelines(json_text(row) + "\n" for row in rows), lambda _done: file.close()


def _write_txt(file: IO[str], columns: list[str], _mark: str) -> _Opened:
    return lambda rows: file.writelines(_line(flat(row), columns) for row in rows), lambda _done: file.close()


def _line(row: Row, columns: Iterable[str]) -> str:
    """Give a row as one line, tabs between the cells; white space within a cell is folded."""
    cells = [" ".join(str(row[column]).split()) if row.get(column) is not None else "" for column in columns]
    return "\t".join(cells) + "\n"


def flat(row: Row) -> Row:
    """Put what a cell cannot hold, such as evidence, into it as JSON."""
    return {name: json_text(value) if isinstance(value, (dict, list)) else value for name, value in row.items()}


_WRITERS: dict[str, Callable[[IO[str], list[str], str], _Opened]] = {
    ".csv": _write_csv,
    ".tsv": _write_csv,
    ".jsonl": _write_jsonl,
    ".txt": _write_txt,
}
