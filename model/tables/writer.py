"""Writes files of headlines, a batch of rows at a time, of every kind that `model.tables.reader` reads."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Self, TypeAlias

from model.errors import TableError
from model.tables.reader import Row, fault, suffix_of


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
