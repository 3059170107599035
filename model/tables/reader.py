"""Reads files of headlines, a row at a time: CSV and TSV, also gzipped, JSON lines, Parquet and text, by suffix."""

import csv
import gzip
import io
import json
import os
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeAlias

from model.errors import TableError
from model.files.reading import open_regular
from model.tables.lines import LONGEST_ROW, Form, Taken, filled_lines, lines_of
from model.tables.separated import TEXT, read_csv, read_tsv

if TYPE_CHECKING:
    from model.tables.arrow_in import ParquetRows

Row: TypeAlias = dict[str, Any]
Opened: TypeAlias = tuple[list[str], Iterator[Row]]
_Reader: TypeAlias = Callable[[IO[bytes], Taken, Form | None], Opened]

__all__ = [
    "FAULTS",
    "LONGEST_ROW",
    "MOST_COLUMNS",
    "SUFFIXES",
    "TEXT",
    "Form",
    "Row",
    "TableReader",
    "fault",
    "lines_of",
]

PARQUET = ".parquet"
SEPARATED = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
FAULTS = (OSError, EOFError, ValueError, csv.Error, zlib.error, MemoryError)  # what reading a damaged file raises
MOST_COLUMNS = 10_000
_QUOTES = {  # what the csv module says: what is meant
    "expected after": "a quote stands within a cell in quotes; there it is written twice",
    "unexpected end of data": "a cell begins with a quote that no other one ends",
}
_LARGEST_BATCH = 2 * LONGEST_ROW  # characters of rows in memory at a time


class TableReader:
    """Iterates over a file's rows as dictionaries; `columns` are known before the first row.

    `only` is what the caller wants of the columns: of a Parquet file, no other is read. A Parquet file's rows come as
    Arrow as well, in `record_batches`. `raw` is read in place of the file, which is then a name alone.

    Raises `TableError`, with the row's number where one is at fault, for a file that is missing, of an unknown
    suffix, not UTF-8, cut short or malformed. Close it, or use it in a `with`.
    """

    def __init__(
        self, path: Path, form: Form | None = None, *, only: Collection[str] | None = None, raw: IO[bytes] | None = None
    ) -> None:
        self.path = path
        self.row = 0
        self.parquet: ParquetRows | None = None
        self._finished = False
        self._form, self._only = form, only
        self.kind = kind_of(path, form)
        with self._naming_errors(), ExitStack() as opened:
            self._opened = opened
            self._raw = raw or self._opened.enter_context(open_regular(path))
            self._size = max(_size(self._raw), 1)
            self._taken = Taken()
            self.columns, self._rows = self._open()
            if len(self.columns) > MOST_COLUMNS:
                raise TableError(f"a file must have at most {MOST_COLUMNS:,} columns, got {len(self.columns):,}")
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    def _open(self) -> Opened:
        if self.kind != PARQUET:
            return _READERS[self.kind](self._raw, self._taken, self._form)
        from model.tables.arrow_in import ParquetRows  # 60 ms and 40 MB that the other kinds of file do not need

        if not self._raw.seekable():  # its index stands at its end
            import shutil
            import tempfile

            copy = self._opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            shutil.copyfileobj(self._raw, copy)
            self._raw = copy
        self.parquet = ParquetRows(self._raw)
        return list(self.parquet.schema.names), self._parquet_rows()

    def _parquet_rows(self) -> Iterator[Row]:
        from model.tables.values import values_of

        for batch in self.parquet.batches(self._only) if self.parquet else ():
            names, columns = batch.schema.names, [values_of(column) for column in batch.columns]
            for cells in zip(*columns, strict=True):
                self._taken.characters = batch.nbytes // len(batch)
                yield dict(zip(names, cells, strict=True))

    def __iter__(self) -> Iterator[Row]:
        with self._naming_errors():
            for row in self._rows:
                self.row += 1
                yield row
                self._taken.characters = 0
            self._finished = True

    def record_batches(self) -> Iterator[Any]:
        """Give a Parquet file's rows as Arrow's record batches, of some megabytes at most."""
        with self._naming_errors():
            for batch in self.parquet.batches(self._only) if self.parquet else ():
                self.row += len(batch)
                yield batch
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
    def delimiter(self) -> str:
        """What separates the cells: of what has none, a comma."""
        return self._taken.delimiter

    @property
    def is_text(self) -> bool:
        """Whether all cells are text, as in CSV, whatever they say."""
        return self.kind not in {".jsonl", PARQUET}

    @property
    def share_read(self) -> float:
        """How much of the file has been read, 0-1, for a progress bar."""
        if self._finished:
            return 1.0
        if self.parquet:
            return min(self.row / max(int(self.parquet.count), 1), 1.0)
        return min(self._raw.tell() / self._size, 1.0) if self._raw.seekable() else 0.0

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
        return f"{self.path}, row {self.row + self._taken.empty + 1}" if hasattr(self, "columns") else str(self.path)


def kind_of(path: Path, form: Form | None) -> str:
    """Give the suffix whose kind a file is of: what its form says, else its own."""
    kind = (
        f".{form.kind}"
        if form and form.kind
        else suffix_of(path, "; or say what it is: --input-format" if form else "")
    )
    if form and kind not in SEPARATED and (form.delimiter or not form.header):
        raise TableError(f"{path} is read as {kind}; --delimiter and --no-header are for {', '.join(SEPARATED)}")
    if form and kind == PARQUET and form.encoding:
        raise TableError(f"{path} is read as {kind}, which has no --encoding")
    return kind


def suffix_of(path: Path, hint: str = "") -> str:
    """Give the suffix that decides how a file is read or written; raise `TableError` for an unknown one."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise TableError(f"{path} must end in one of {', '.join(SUFFIXES)}{hint}")


def fault(error: BaseException) -> str:
    """Say in one line why a file could not be read."""
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text (byte {error.object[error.start]:#04x})"
    if isinstance(error, (EOFError, zlib.error)):
        return "the compressed file is cut short or damaged"
    if isinstance(error, csv.Error) and (told := next(filter(str(error).count, _QUOTES), None)):
        return _QUOTES[told]
    if isinstance(error, MemoryError):
        return "a value is larger than this machine's memory"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _size(raw: IO[bytes]) -> int:
    try:
        return os.fstat(raw.fileno()).st_size
    except OSError:  # no file of the system's
        return 0


def _gzipped(read: _Reader) -> _Reader:
    return lambda raw, taken, form: read(io.BufferedReader(gzip.GzipFile(fileobj=raw)), taken, form)


def _read_jsonl(raw: IO[bytes], taken: Taken, form: Form | None) -> Opened:
    rows = map(_json_object, filled_lines(raw, taken, form))
    try:
        first = next(rows, None)
    except (TableError, *FAULTS) as error:
        raise TableError(f"row 1: {fault(error)}") from error
    if first is None:
        raise TableError("the file is empty; expected one JSON object a line")
    return list(first), chain([first], rows)


class _Twice(Row):
    """An object in which a name stands twice."""


def _object(pairs: list[tuple[str, Any]]) -> Row:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Twice(found)


_JSON = json.JSONDecoder(object_pairs_hook=_object)


def _json_object(line: str) -> Row:
    try:
        value = _JSON.decode(line)
    except RecursionError as error:
        raise TableError("the JSON is nested too deeply") from error
    if not isinstance(value, dict):
        raise TableError(f"expected a JSON object, got {line.strip()[:20]}")
    if isinstance(value, _Twice):
        raise TableError(f"a column name stands twice in {', '.join(value)}")
    return value


def _read_txt(raw: IO[bytes], taken: Taken, form: Form | None) -> Opened:
    return [TEXT], ({TEXT: line.rstrip("\n")} for line in filled_lines(raw, taken, form))


_READERS: dict[str, _Reader] = {
    ".csv": read_csv,
    ".csv.gz": _gzipped(read_csv),
    ".tsv": read_tsv,
    ".tsv.gz": _gzipped(read_tsv),
    ".jsonl": _read_jsonl,
    ".txt": _read_txt,
}
SUFFIXES = tuple(sorted([*_READERS, PARQUET]))
