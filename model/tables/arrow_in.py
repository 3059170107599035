"""Parquet as Arrow, a few rows at a time, in memory that the largest rows bound, not the row groups."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from model.errors import TableError

_AT_ONCE = 1000  # rows, so that what a mean does not say stays small
_LARGEST_BATCH = 8_000_000  # bytes of a batch's cells
_WIDTH = 8  # bytes of a number
# a column chunk is otherwise read whole before its first row
_STREAMED = {"pre_buffer": False, "buffer_size": 1 << 16}


class ParquetRows:
    """A Parquet file's schema, and its rows in Arrow's record batches, types as they are."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        with _said():
            self._file = pq.ParquetFile(raw, **_STREAMED)
        self.schema = self._file.schema_arrow
        self.count = self._file.metadata.num_rows
        self.group = -1  # the row group that the last batch is of
        names = self.schema.names
        if len(set(names)) < len(names):
            raise TableError(f"a column name stands twice in {', '.join(names)}")

    @property
    def codec(self) -> str:
        """What the file is compressed with."""
        metadata = self._file.metadata
        if not metadata.num_row_groups or not metadata.num_columns:
            return "SNAPPY"
        found = str(metadata.row_group(0).column(0).compression)
        return found if found in {"SNAPPY", "GZIP", "BROTLI", "ZSTD"} else "NONE" if found == "UNCOMPRESSED" else "LZ4"

    def batches(self, only: Collection[str] | None) -> Iterator[Any]:
        """Give the rows, of all columns or of `only` those."""
        names = self.schema.names if only is None else [name for name in self.schema.names if name in only]
        for group in range(self._file.num_row_groups):
            self.group = group
            with _said():
                rows = self._rows_at_once(group, names)
                options = {"batch_size": rows, "row_groups": [group], "columns": names, "use_threads": False}
                for batch in self._file.iter_batches(**options):
                    # `a.b` is a column of that name, and what is in a column `a`
                    yield batch if batch.schema.names == names else batch.select(names)

    def _rows_at_once(self, group: int, names: list[str]) -> int:
        metadata = self._file.metadata.row_group(group)
        chunks = [metadata.column(number) for number in range(metadata.num_columns)]
        chunks = [chunk for chunk in chunks if _is_of(chunk.path_in_schema, names)]
        count = max(metadata.num_rows, 1)
        size = sum(chunk.total_uncompressed_size / count + _WIDTH * chunk.num_values / count for chunk in chunks)
        texts = [chunk for chunk in chunks if chunk.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page]
        # what stands once in a dictionary may stand in every row
        size += sum(self._longest(group, one.path_in_schema) * one.num_values / count for one in texts)
        return max(1, min(_AT_ONCE, int(_LARGEST_BATCH / max(size, 1))))

    def _longest(self, group: int, path: str) -> int:
        """Give the length of the longest cell in the dictionary of a column chunk, without unpacking a row."""
        file = pq.ParquetFile(self._raw, metadata=self._file.metadata, read_dictionary=[path], **_STREAMED)
        options = {"row_groups": [group], "columns": [path], "use_threads": False}
        for batch in file.iter_batches(_AT_ONCE, **options):
            if lengths := [length for column in batch.columns for length in _lengths(column)]:
                return max(lengths)
        return 0


@contextmanager
def _said() -> Iterator[None]:
    """Turn errors of Arrow's own kind, such as that of a codec that is not there, into ours."""
    try:
        yield
    except pa.ArrowException as error:
        raise TableError(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def _is_of(path: str, names: Iterable[str]) -> bool:
    """Say whether a path in the schema is of one of the columns; dots may be in names as well as between them."""
    parts = path.split(".")
    starts = {".".join(parts[:end]) for end in range(1, len(parts) + 1)}
    return not starts.isdisjoint(names)


def _lengths(array: Any) -> Iterator[int]:
    """Find the longest cell of each dictionary within an array."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        values = array.dictionary
        if len(values) and (pa.types.is_string(values.type) or pa.types.is_binary(values.type)):
            yield int(pc.max(pc.binary_length(values)).as_py() or 0)
    elif pa.types.is_struct(kind):
        for number in range(kind.num_fields):
            yield from _lengths(array.field(number))
    elif pa.types.is_map(kind):
        yield from _lengths(array.keys)
        yield from _lengths(array.items)
    elif pa.types.is_nested(kind):
        yield from _lengths(array.values)
