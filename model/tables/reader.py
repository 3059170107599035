"""Reads files of headlines, a row at a time: CSV, gzipped CSV, JSON lines, Parquet and plain text, by suffix."""

import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeAlias

from model.errors import TableError
from model.files.reading import open_regular

if TYPE_CHECKING:
    from pyarrow import RecordBatch
    from pyarrow.parquet import FileMetaData

Row: TypeAlias = dict[str, Any]

TEXT = "text"
FAULTS = (OSError, EOFError, ValueError, csv.Error, zlib.error)  # what reading a damaged file raises
LONGEST_ROW = 1_000_000  # characters: a row of empty lists takes a hundred times that in memory; a headline has 500
MOST_COLUMNS = 10_000
_LARGEST_BATCH = 2 * LONGEST_ROW  # characters of rows in memory at a time
# Of a Parquet file's column, bytes before its cells are looked at: an article's text has 5,000 at the mean
_LARGEST_COLUMN, _LARGEST_MEAN = 32_000_000, 16_384
_ROWS_AT_ONCE, _NESTED_AT_ONCE = 1000, 10  # nested text is unpacked before it can be measured


class TableReader:
    """Iterates over a file's rows as dictionaries; `columns` are known before the first row.

    Raises `TableError`, with the row's number where one is at fault, for a file that is missing, of an unknown
    suffix, not UTF-8, cut short or malformed. Close it, or use it in a `with`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.row = 0
        self._finished = False
        opener = _READERS[suffix_of(path)]
        with self._naming_errors(), ExitStack() as on_error:
            self._raw = on_error.enter_context(open_regular(path))
            self._size = max(os.fstat(self._raw.fileno()).st_size, 1)
            self._taken = _Taken()
            columns, self._rows = opener(self._raw, self._taken)
            if len(columns) > MOST_COLUMNS:
                raise TableError(f"a file must have at most {MOST_COLUMNS:,} columns, got {len(columns):,}")
            self.columns = columns
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._raw.close()

    def __iter__(self) -> Iterator[Row]:
        with self._naming_errors():
            for row in self._rows:
                self.row += 1
                yield row
                self._taken.characters = 0
            self._finished = True

    def batches(self, most: int) -> Iterator[list[Row]]:
        """Give the rows in lists of at most `most`, and of fewer where they are long: memory is bounded by both."""
        batch, characters = list[Row](), 0
        for row in self:
            batch.append(row)
            characters += self._taken.characters
            if len(batch) == most or characters > _LARGEST_BATCH:
                yield batch
                batch, characters = [], 0
        if batch:
            yield batch

    def require(self, column: str, hint: str = "") -> None:
        """Raise `TableError` unless the file has `column`."""
        if column not in self.columns:
            found = ", ".join(self.columns) or "none"
            raise TableError(f"{self.path} must have a column {column!r}; its columns: {found}{hint}")

    @property
    def share_read(self) -> float:
        """How much of the file has been read, 0-1, for a progress bar."""
        return 1.0 if self._finished else min(self._raw.tell() / self._size, 1.0)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except TableError as error:
            raise TableError(f"{self._place}: {error}") from error
        except FAULTS as error:
            raise TableError(f"{self._place}: {fault(error)}") from error

    @property
    def _place(self) -> str:
        return f"{self.path}, row {self.row + 1}" if hasattr(self, "columns") else str(self.path)


def suffix_of(path: Path) -> str:
    """Give the suffix that decides how a file is read or written; raise `TableError` for an unknown one."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise TableError(f"{path} must end in one of {', '.join(SUFFIXES)}")


def fault(error: BaseException) -> str:
    """Say in one line why a file could not be read."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text (byte {error.object[error.start]:#04x})"
    if isinstance(error, (EOFError, zlib.error)):
        return "the compressed file is cut short or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__


@dataclass(slots=True)
class _Taken:
    """How many characters of the file the row at hand has taken so far; whoever is done with a row sets them to 0."""

    characters: int = 0


def _lines(raw: IO[bytes], taken: _Taken, newline: str | None = None) -> Iterator[str]:
    """Give the lines of UTF-8 text and leave `raw` open: who opened it closes it.

    Raises `TableError` for a row that is too long, before it is in memory.
    """
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline=newline)
    try:
        while line := text.readline(LONGEST_ROW + 1):
            taken.characters += len(line)
            if taken.characters > LONGEST_ROW:
                raise TableError(f"a row must have at most {LONGEST_ROW:,} characters")
            yield line
    finally:
        with suppress(ValueError):  # it is closed already
            text.detach()


def lines_of(raw: IO[bytes]) -> Iterator[str]:
    """Give the lines of UTF-8 text; raise `TableError` for one that is too long."""
    taken = _Taken()
    for line in _lines(raw, taken):
        yield line
        taken.characters = 0


def _filled_lines(raw: IO[bytes], taken: _Taken) -> Iterator[str]:
    for line in _lines(raw, taken):
        if line.isspace():
            taken.characters = 0
        else:
            yield line


def _read_csv(raw: IO[bytes], taken: _Taken) -> tuple[list[str], Iterator[Row]]:
    # strict: a quote that is never closed is an error instead of one enormous last cell
    lines = csv.reader(_lines(raw, taken, newline=""), strict=True)
    columns = next(lines, [])
    if not columns:
        raise TableError("the file is empty; expected a line of column names")
    if len(set(columns)) < len(columns):
        raise TableError(f"a column name stands twice in {', '.join(columns)}")
    taken.characters = 0
    return columns, _csv_rows(columns, lines, taken)


def _csv_rows(columns: list[str], lines: Iterator[list[str]], taken: _Taken) -> Iterator[Row]:
    for cells in lines:
        if not cells:
            taken.characters = 0
        if len(cells) != len(columns) and cells:
            raise TableError(f"{len(columns)} cells expected, as in the line of column names, got {len(cells)}")
        if cells:
            yield dict(zip(columns, cells, strict=True))


def _read_csv_gz(raw: IO[bytes], taken: _Taken) -> tuple[list[str], Iterator[Row]]:
    return _read_csv(io.BufferedReader(gzip.GzipFile(fileobj=raw)), taken)


def _read_jsonl(raw: IO[bytes], taken: _Taken) -> tuple[list[str], Iterator[Row]]:
    rows = map(_json_object, _filled_lines(raw, taken))
    try:
        first = next(rows, None)
    except (TableError, *FAULTS) as error:
        raise TableError(f"row 1: {fault(error)}") from error
    if first is None:
        raise TableError("the file is empty; expected one JSON object a line")
    return list(first), _with_first(first, rows)


def _with_first(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


def _json_object(line: str) -> Row:
    try:
        value = json.loads(line)
    except RecursionError as error:
        raise TableError("the JSON is nested too deeply") from error
    if not isinstance(value, dict):
        raise TableError(f"expected a JSON object, got {line.strip()[:20]}")
    return value


def _read_parquet(raw: IO[bytes], taken: _Taken) -> tuple[list[str], Iterator[Row]]:
    import pyarrow as pa  # 60 ms and 40 MB that the other kinds of file do not need
    import pyarrow.parquet as pq

    file = pq.ParquetFile(raw)
    _require_small(file.metadata)
    # text stays in its dictionary, where a long one that many rows have stands once
    texts = [one.name for one in file.schema_arrow if pa.types.is_string(one.type) or pa.types.is_binary(one.type)]
    file = pq.ParquetFile(raw, metadata=file.metadata, read_dictionary=texts, buffer_size=1 << 20)
    is_nested = any(pa.types.is_nested(one.type) for one in file.schema_arrow)
    batches = file.iter_batches(_NESTED_AT_ONCE if is_nested else _ROWS_AT_ONCE, use_threads=False)
    return list(file.schema_arrow.names), (row for batch in batches for row in _parquet_rows(batch, taken))


def _require_small(metadata: "FileMetaData") -> None:
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for column in map(group.column, range(min(group.num_columns, MOST_COLUMNS))):
            if column.total_uncompressed_size > max(_LARGEST_COLUMN, _LARGEST_MEAN * column.num_values):
                raise TableError(
                    f"cells of {column.path_in_schema} must have at most {_LARGEST_MEAN:,} bytes at the mean"
                )


def _parquet_rows(batch: "RecordBatch", taken: _Taken) -> Iterator[Row]:
    """Give the rows of a batch; only one at a time is made of text that stands there once."""
    sizes = [_longest(column) for column in batch.columns]
    if sum(sizes) > LONGEST_ROW:
        raise TableError(f"a row must have at most {LONGEST_ROW:,} bytes, the longest cell of each column")
    step = max(1, min(len(batch), LONGEST_ROW // max(sum(sizes), 1)))
    for start in range(0, len(batch), step):
        for row in batch.slice(start, step).to_pylist():
            taken.characters = sum(sizes)
            yield row


def _longest(column: Any) -> int:
    """Give the bytes of a column's longest cell; of a nested one, those of all its cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    if pa.types.is_nested(values.type):
        return int(values.nbytes)
    if pa.types.is_string(values.type) or pa.types.is_binary(values.type) or pa.types.is_large_string(values.type):
        return int(pc.max(pc.binary_length(values)).as_py() or 0)
    return 8


def _read_txt(raw: IO[bytes], taken: _Taken) -> tuple[list[str], Iterator[Row]]:
    return [TEXT], ({TEXT: line.rstrip("\n")} for line in _filled_lines(raw, taken))


_READERS: dict[str, Callable[[IO[bytes], _Taken], tuple[list[str], Iterator[Row]]]] = {
    ".csv": _read_csv,
    ".csv.gz": _read_csv_gz,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
    ".txt": _read_txt,
}
SUFFIXES = tuple(_READERS)
