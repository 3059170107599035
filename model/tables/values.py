"""Arrow's values as Python's, for what has no types of Arrow's: none of them, whatever it is, is an error."""

import re
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NO_FRACTION = re.compile(r"\.0+(?=$|Z|[+-]\d{4}$)")


def values_of(array: Any) -> list[Any]:
    """Give an Arrow array as text, numbers, truth values, None, and lists and dictionaries of them.

    Text and bytes are text; dates, times and decimals too, as Python's may not hold them: nanoseconds, the year 10000.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return values_of(array.storage)
    if pa.types.is_dictionary(kind):
        values = values_of(array.dictionary)
        return [None if index is None else values[index] for index in array.indices.to_pylist()]
    if pa.types.is_struct(kind):
        return _records(array)
    if pa.types.is_map(kind):
        return _maps(array)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        items = iter(values_of(array.flatten()))
        lengths = pc.list_value_length(array).to_pylist()
        return [None if length is None else list(islice(items, length)) for length in lengths]
    return _cells(array)


def _records(array: Any) -> list[Any]:
    """Give structs as dictionaries, or as pairs where a name stands twice."""
    names = [field.name for field in array.type]
    make: Any = dict if len(set(names)) == len(names) else list
    columns = [values_of(child) for child in array.flatten()]
    rows = zip(*columns, strict=True) if columns else iter([()] * len(array))
    return [
        make(zip(names, row, strict=True)) if is_valid else None
        for row, is_valid in zip(rows, array.is_valid().to_pylist(), strict=True)
    ]


def _maps(array: Any) -> list[Any]:
    """Give maps as lists of pairs."""
    pairs = list(zip(values_of(array.keys), values_of(array.items), strict=True))
    starts = array.offsets.to_pylist()
    return [
        [list(pair) for pair in pairs[starts[row] : starts[row + 1]]] if is_valid else None
        for row, is_valid in enumerate(array.is_valid().to_pylist())
    ]


def _cells(array: Any) -> list[Any]:
    kind = array.type
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        return [cell and _NO_FRACTION.sub("", cell) for cell in _dates(array)]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        try:
            return list(array.to_pylist())
        except UnicodeDecodeError:  # nobody checks when a file is written
            array = array.cast(pa.large_string()).view(pa.large_binary())
    cells = array.to_pylist()
    return [_plain(cell) for cell in cells]


def _dates(array: Any) -> list[Any]:
    try:
        return list(array.cast(pa.string()).to_pylist())
    except pa.ArrowInvalid:  # a time zone that this machine does not know: what is stored is UTC
        utc = array.view(pa.timestamp(array.type.unit)).cast(pa.string()).to_pylist()
        return [cell and f"{cell}Z" for cell in utc]


def _plain(cell: Any) -> Any:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "backslashreplace")
    if cell is None or isinstance(cell, (str, bool, int, float, list, dict)):
        return cell
    return str(cell)
