"""Parquet from Arrow's record batches, and from rows whose types are known only when all have been seen."""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from model.tables.reader import Row
from model.tables.writer import flat, json_text

_GROUP_BYTES, _GROUP_ROWS = 16_000_000, 1_000_000  # of a row group, held until it is written
_AT_ONCE = 1000
_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


class ArrowToParquet:
    """Writes record batches of one schema, in row groups that fit in memory.

    What is of several row groups stays so: each may have 128 categories of its own, and 8 bits to number them.
    """

    def __init__(self, path: Path, schema: Any, codec: str = "SNAPPY") -> None:
        # so that a list's items are called what they are called in the schema, which is "element" in most files
        self._writer = pq.ParquetWriter(path, schema, compression=codec, use_compliant_nested_type=False)
        self._schema = schema
        self._waiting: list[Any] = []
        self._bytes = self._rows = self._group = 0

    def __enter__(self) -> "ArrowToParquet":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_exception: object) -> None:
        self.close(kind is None)

    def write(self, batch: Any, group: int = 0) -> None:
        """Append a batch, which comes from this row group."""
        if group != self._group:
            self._flush()
        self._group = group
        self._waiting.append(batch)
        self._bytes += batch.nbytes
        self._rows += len(batch)
        if self._bytes > _GROUP_BYTES or self._rows > _GROUP_ROWS:
            self._flush()

    def close(self, done: bool = True) -> None:
        """Write what is left, and the file's end; unless all is `done`, let what waits go."""
        if done:
            self._flush()
            self._writer.close()
        else:
            with suppress(OSError, ValueError):
                self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), max(self._rows, 1))
        self._waiting, self._bytes, self._rows = [], 0, 0


def judged_schema(schema: Any, names: Mapping[str, str], added: Mapping[str, type]) -> Any:
    """Give a schema with `added` columns behind its own, which get new `names` and keep all else."""
    fields = [field.with_name(names[field.name]) for field in schema]
    fields += [pa.field(name, _TYPES[kind]) for name, kind in added.items()]
    return pa.schema(fields, _renamed_metadata(schema.metadata, names))


def _renamed_metadata(metadata: Any, names: Mapping[str, str]) -> Any:
    """Give metadata in which what pandas says of a column stands by the column's new name."""
    changed = {old: new for old, new in names.items() if old != new}
    if not changed or not metadata or b"pandas" not in metadata:
        return metadata
    try:
        told = json.loads(metadata[b"pandas"])
        for column in told["columns"]:
            for key in ("name", "field_name"):
                column[key] = changed.get(column[key], column[key])
    except (ValueError, TypeError, KeyError, AttributeError):  # somebody else's text
        return metadata
    return {**metadata, b"pandas": json.dumps(told).encode()}


def judged_batch(batch: Any, rows: list[Row], added: Mapping[str, type], schema: Any) -> Any:
    """Give a batch with the cells of `rows` behind its columns."""
    columns = [_array([row.get(name) for row in rows], _TYPES[kind]) for name, kind in added.items()]
    return pa.RecordBatch.from_arrays([*batch.columns, *columns], schema=schema)


class RowsToParquet:
    """Writes rows: those whose columns are all of known kinds at once, others when all have been seen.

    Text is what a column holds whose values are of several kinds, or that has none; what is no text there is JSON.
    """

    def __init__(self, path: Path, columns: list[str], kinds: Mapping[str, type]) -> None:
        self._path, self._columns = path, columns
        self._seen = {name: _Seen() for name in columns if name not in kinds}
        self._types = {name: _TYPES[kind] for name, kind in kinds.items()}
        # beside the output: where it may have room, and not in memory, which /tmp is on many machines
        self._spool = tempfile.TemporaryFile("w+", encoding="utf-8", dir=path.parent) if self._seen else None  # noqa: SIM115
        self._out = None if self._spool else ArrowToParquet(path, self._schema())

    def write(self, rows: list[Row]) -> None:
        """Append rows; raise `ValueError` for one that has another column."""
        for row in rows:
            if unknown := row.keys() - set(self._columns):
                raise ValueError(f"unknown column {min(unknown)!r}")
        if self._out:
            self._out.write(self._batch(rows))
            return
        for row in map(flat, rows):
            for name, seen in self._seen.items():
                seen.add(row.get(name))
            self._spool.write(json.dumps(row, default=str) + "\n")  # type: ignore[union-attr]

    def close(self, done: bool = True) -> None:
        """Write what is left, and the file's end; unless all is `done`, let what waits go."""
        if self._spool and not done:
            self._spool.close()
        elif self._spool:
            self._types |= {name: seen.type for name, seen in self._seen.items()}
            self._out = ArrowToParquet(self._path, self._schema())
            self._spool.seek(0)
            with self._spool as lines:
                for batch in _batched(lines):
                    self._out.write(self._batch(batch))
        if self._out:
            self._out.close(done)

    def _schema(self) -> Any:
        return pa.schema([(name, self._types[name]) for name in self._columns])

    def _batch(self, rows: list[Row]) -> Any:
        arrays = [_array([row.get(name) for row in rows], self._types[name]) for name in self._columns]
        return pa.RecordBatch.from_arrays(arrays, schema=self._schema())


def _batched(lines: Iterable[str]) -> Iterator[list[Row]]:
    batch, size = list[Row](), 0
    for line in lines:
        batch.append(json.loads(line))
        size += len(line)
        if len(batch) == _AT_ONCE or size > _GROUP_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _Seen:
    """What kinds of values a column has held."""

    def __init__(self) -> None:
        self._kinds: set[type] = set()
        self._least = self._most = 0

    def add(self, value: Any) -> None:
        if value is not None:
            self._kinds.add(type(value))
            if type(value) is int:
                self._least, self._most = min(self._least, value), max(self._most, value)

    @property
    def type(self) -> Any:
        is_exact = self._least >= -(2**63) and self._most < 2**63
        if self._kinds == {int}:
            return pa.int64() if is_exact else pa.uint64() if self._least >= 0 and self._most < 2**64 else pa.string()
        if self._kinds == {int, float}:
            return pa.float64() if is_exact else pa.string()
        return _TYPES.get(next(iter(self._kinds)), pa.string()) if len(self._kinds) == 1 else pa.string()


def _array(values: list[Any], kind: Any) -> Any:
    if pa.types.is_string(kind):
        values = [value if value is None or isinstance(value, str) else json_text(value) for value in values]
    elif pa.types.is_floating(kind):
        values = [None if value is None else float(value) for value in values]
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:  # half a surrogate pair
        return pa.array([value and value.encode("utf-8", "replace").decode() for value in values], kind)
