"""Files of headlines, one row at a time: CSV, gzipped CSV, JSON lines, Parquet and plain text, by suffix."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

from model.errors import TableError

Row: TypeAlias = dict[str, Any]

TEXT = "text"
SUFFIXES = (".csv", ".csv.gz", ".jsonl", ".parquet", ".txt")


class TableReader:
    """Iterates over a file's rows as dictionaries; `columns` are known before the first row.

    Raises `TableError`, with the row's number where one is at fault, for a file that is missing, of an unknown
    suffix, not UTF-8, cut short or malformed. Close it, or use it in a `with`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.row = 0
        opener = _READERS[suffix_of(path)]
        with self._naming_errors():
            self._raw = path.open("rb")
            self._size = max(path.stat().st_size, 1)
            self.columns, self._rows = opener(self._raw)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._raw.close()

    def __iter__(self) -> Iterator[Row]:
        with self._naming_errors():
            for row in self._rows:
                self.row += 1
                yield row

    def require(self, column: str, hint: str = "") -> None:
        """Raise `TableError` unless the file has `column`."""
        if column not in self.columns:
            found = ", ".join(self.columns) or "none"
            raise TableError(f"{self.path} must have a column {column!r}; its columns: {found}{hint}")

    @property
    def share_read(self) -> float:
        """How much of the file has been read, 0-1, for a progress bar."""
        return min(self._raw.tell() / self._size, 1.0)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except TableError as error:
            raise TableError(f"{self.path}, row {self.row + 1}: {error}") from error
        except (OSError, EOFError, ValueError, csv.Error, zlib.error) as error:
            raise TableError(f"{self.path}, row {self.row + 1}: {_reason(error)}") from error


def suffix_of(path: Path) -> str:
    """Give the suffix that decides how a file is read or written; raise `TableError` for an unknown one."""
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return suffix
    raise TableError(f"{path} must end in one of {', '.join(SUFFIXES)}")


def _reason(error: BaseException) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text (byte {error.object[error.start]:#04x})"
    if isinstance(error, (EOFError, zlib.error)):
        return "the compressed file is cut short or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _read_csv(raw: IO[bytes]) -> tuple[list[str], Iterator[Row]]:
    # strict: a quote that is never closed is an error instead of one enormous last cell
    lines = csv.reader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""), strict=True)
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
    lines = (line for line in io.TextIOWrapper(raw, encoding="utf-8-sig") if not line.isspace())
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
    lines = io.TextIOWrapper(raw, encoding="utf-8-sig")
    return [TEXT], ({TEXT: line.rstrip("\n")} for line in lines if not line.isspace())


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
            raise TableError(f"a row does not fit the first one: {_reason(error)}") from error


_Opened: TypeAlias = tuple[Callable[[list[Row]], object], Callable[[], object]]


def _write_csv(path: Path, columns: list[str]) -> _Opened:
    return _csv_writer(path.open("w", encoding="utf-8", newline=""), columns)


def _write_csv_gz(path: Path, columns: list[str]) -> _Opened:
    return _csv_writer(gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=6), columns)


def _csv_writer(file: IO[str], columns: list[str]) -> _Opened:
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    return lambda rows: writer.writerows(_flat(row) for row in rows), file.close


def _write_jsonl(path: Path, _columns: list[str]) -> _Opened:
    file = path.open("w", encoding="utf-8")
    return lambda rows: file.writelines(
        json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows
    ), file.close


def _write_txt(path: Path, columns: list[str]) -> _Opened:
    file = path.open("w", encoding="utf-8")
    return lambda rows: file.writelines("\t".join(str(row[c]) for c in columns) + "\n" for row in rows), file.close


def _write_parquet(path: Path, columns: list[str]) -> _Opened:
    import pyarrow as pa
    import pyarrow.parquet as pq

    writers: list[Any] = []  # opened with the first rows, which show the columns' types

    def write(rows: list[Row]) -> None:
        table = pa.Table.from_pylist([_flat(row) for row in rows], writers[0].schema if writers else None)
        if not writers:
            writers.append(pq.ParquetWriter(path, table.schema))
        writers[0].write_table(table)

    def close() -> None:
        if not writers:
            pq.write_table(pa.table({column: pa.array([], pa.string()) for column in columns}), path)
        for writer in writers:
            writer.close()

    return write, close


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
