"""Files of headlines, one row at a time: CSV, gzipped CSV, JSON lines, Parquet and plain text, by suffix."""

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
    first = next(rows, None)
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


class TableWriter:
    """Writes rows to a file of the kind that `path`'s suffix names; use it in a `with` over a temporary path."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self._write, self._close = _WRITERS[suffix_of(path)](path, columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()

    def write(self, rows: list[Row]) -> None:
        """Append rows; raise `TableError` where one has a column that the first row has not."""
        try:
            self._write(rows)
        except (ValueError, TypeError) as error:
            raise TableError(f"a row does not fit the first one: {fault(error)}") from error


_Opened: TypeAlias = tuple[Callable[[list[Row]], object], Callable[[], object]]


def _write_csv(path: Path, columns: list[str]) -> _Opened:
    return _csv_file(path.open("w", encoding="utf-8", newline=""), columns)


def _write_csv_gz(path: Path, columns: list[str]) -> _Opened:
    return _csv_file(gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=6), columns)


def csv_writer(file: IO[str], columns: list[str]) -> "csv.DictWriter[str]":
    """Write the line of column names, and give what writes rows."""
    writer = csv.DictWriter(_UnixLines(file), columns, lineterminator="\r\n")
    writer.writeheader()
    return writer


class _UnixLines:
    """Ends lines in LF, where csv ends them in CRLF: told to use LF, Python 3.11 leaves a CR in a cell unquoted."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.removesuffix("\r\n") + "\n")


def _csv_file(file: IO[str], columns: list[str]) -> _Opened:
    writer = csv_writer(file, columns)
    return lambda rows: writer.writerows(_flat(row) for row in rows), file.close


def _write_jsonl(path: Path, _columns: list[str]) -> _Opened:
    file = path.open("w", encoding="utf-8")
    return lambda rows: file.writelines(
        json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows
    ), file.close


def _write_txt(path: Path, columns: list[str]) -> _Opened:
    file = path.open("w", encoding="utf-8")
    return lambda rows: file.writelines(_line(_flat(row), columns) for row in rows), file.close


def _line(row: Row, columns: list[str]) -> str:
    """Give a row as one line, tabs between the cells; white space within a cell is folded."""
    cells = [" ".join(str(row[column]).split()) if row.get(column) is not None else "" for column in columns]
    return "\t".join(cells) + "\n"


def _write_parquet(path: Path, columns: list[str]) -> _Opened:
    file = _ParquetFile(path, columns)
    return file.write, file.close


class _ParquetFile:
    """A Parquet file that is opened once each column has had a value to show its type, or at the end."""

    def __init__(self, path: Path, columns: list[str]) -> None:
        self._path, self._columns = path, columns
        self._waiting: list[Any] = []
        self._writer: Any = None

    def write(self, rows: list[Row]) -> None:
        import pyarrow as pa

        for row in rows:
            if unknown := row.keys() - set(self._columns):
                raise ValueError(f"unknown column {min(unknown)!r}")
        cells = [_flat(row) for row in rows]
        if self._writer:
            self._writer.write_table(pa.Table.from_pylist(cells, self._writer.schema))
            return
        self._waiting.append(pa.table({column: [row.get(column) for row in cells] for column in self._columns}))
        if not any(map(pa.types.is_null, self._schema().types)):
            self._start()

    def close(self) -> None:
        if not self._writer:
            self._start()
        self._writer.close()

    def _schema(self) -> Any:
        import pyarrow as pa

        if not self._waiting:
            return pa.schema([(column, pa.string()) for column in self._columns])
        return pa.unify_schemas([table.schema for table in self._waiting], promote_options="permissive")

    def _start(self) -> None:
        import pyarrow.parquet as pq

        self._writer = pq.ParquetWriter(self._path, self._schema())
        for table in self._waiting:
            self._writer.write_table(table.cast(self._writer.schema))
        self._waiting.clear()


def _flat(row: Row) -> Row:
    """Put what a cell cannot hold, such as evidence, into it as JSON."""
    return {k: json.dumps(v, ensure_ascii=False) if isinstance(v, (dict, list)) else v for k, v in row.items()}


_WRITERS: dict[str, Callable[[Path, list[str]], _Opened]] = {
    ".csv": _write_csv,
    ".csv.gz": _write_csv_gz,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
    ".txt": _write_txt,
}
