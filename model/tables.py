"""Reads files of headlines, a row at a time: CSV, gzipped CSV, JSON lines, Parquet and plain text, by suffix."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

from model.errors import TableError

Row: TypeAlias = dict[str, Any]

TEXT = "text"
FAULTS = (OSError, EOFError, ValueError, csv.Error, zlib.error)  # what reading a damaged file raises
SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".parquet", ".txt")


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
            self._raw = on_error.enter_context(path.open("rb"))
            self._size = max(path.stat().st_size, 1)
            self.columns, self._rows = opener(self._raw)
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
            self._finished = True

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


def _lines(raw: IO[bytes], newline: str | None = None) -> Iterator[str]:
    """Give the lines of UTF-8 text and leave `raw` open: who opened it closes it."""
    text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline=newline)
    try:
        yield from text
    finally:
        with suppress(ValueError):  # it is closed already
            text.detach()


def _read_csv(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    # strict: a quote that is never closed is an error instead of one enormous last cell
    lines = csv.reader(_lines(raw, newline=""), strict=True)
    columns = next(lines, [])
    if not columns:
        raise TableError("the file is empty; expected a line of column names")
    if len(set(columns)) < len(columns):
        raise TableError(f"a column name stands twice in {', '.join(columns)}")
    return columns, _csv_rows(columns, lines)


def _csv_rows(columns: list[str], lines: Iterator[list[str]]) -> Iterator[Row]:
    for cells in lines:
        if len(cells) != len(columns) and cells:
            raise TableError(f"{len(columns)} cells expected, as in the line of column names, got {len(cells)}")
        if cells:
            yield dict(zip(columns, cells, strict=True))


def _read_csv_gz(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    return _read_csv(io.BufferedReader(gzip.GzipFile(fileobj=raw)))


def _read_jsonl(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    lines = (line for line in _lines(raw) if not line.isspace())
    rows = map(_json_object, lines)
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


def _read_parquet(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    import pyarrow.parquet as pq  # 60 ms and 40 MB that the other kinds of file do not need

    file = pq.ParquetFile(raw)
    return list(file.schema_arrow.names), (row for batch in file.iter_batches() for row in batch.to_pylist())


def _read_txt(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    return [TEXT], ({TEXT: line.rstrip("\n")} for line in _lines(raw) if not line.isspace())


_READERS: dict[str, Callable[[IO[bytes]], tuple[list[str], Iterator[Row]]]] = {
    ".csv": _read_csv,
    ".csv.gz": _read_csv_gz,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
    ".txt": _read_txt,
}
