"""Parquet goes through as it is: types, metadata and values of other columns, in memory that a few rows take."""

import csv
import datetime
import io
import json
import math
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from broadsheet.shown.programs import COLUMNS, as_json
from model.tables.reader import TableReader
from model.tables.values import values_of
from model.tables.writer import TableWriter

PROGRAM = Path(sys.executable).with_name("broadsheet")
TEXT = ["Lamps lit", "Bank holds rates", "Council approves budget"]
Cli = Callable[..., tuple[int, str, str]]


def invalid_text() -> Any:
    """Give a column of strings that are no UTF-8: nobody checks that when a file is written."""
    return pa.array([b"\xff\xfe", b"caf\xe9", None]).view(pa.string())


def doubled_struct() -> Any:
    """Give a struct in which a name stands twice."""
    return pa.StructArray.from_arrays([pa.array([1, 2, 3]), pa.array(["a", "b", "c"])], names=["a", "a"])


FAR = 2**62  # of a year that no calendar of Python's has
OTHERS: dict[str, Any] = {
    "int8": pa.array([-128, 127, None], pa.int8()),
    "uint64": pa.array([2**64 - 1, 0, None], pa.uint64()),
    "half": pa.array([1.5, math.nan, None], pa.float16()),
    "float": pa.array([math.nan, math.inf, None], pa.float32()),
    "bool": pa.array([True, False, None]),
    "decimal": pa.array([Decimal("1.10"), Decimal("-0.00"), None], pa.decimal128(30, 2)),
    "date": pa.array([datetime.date(1, 1, 1), datetime.date(9999, 12, 31), None]),
    "far date": pa.array([2**30, -(2**30), None], pa.date32()),
    "seconds": pa.array([0, 1, None], pa.timestamp("s")),
    "nanoseconds": pa.array([1, 2**62 + 1, None], pa.timestamp("ns")),
    "zoned": pa.array([1, 0, None], pa.timestamp("us", "Europe/Paris")),
    "no zone": pa.array([1, 0, None], pa.timestamp("us", "Mars/Crater")),
    "far": pa.array([FAR, -FAR, None], pa.timestamp("us")),
    "duration": pa.array([1, 2, None], pa.duration("ns")),
    "time": pa.array([1, 86_399_999_999_999, None], pa.time64("ns")),
    "bytes": pa.array([b"\xff\x00", b"abc", None]),
    "width": pa.array([b"\xff\x00", b"ab", None], pa.binary(2)),
    "large": pa.array(["a", "", None], pa.large_string()),
    "view": pa.array(["a", "", None], pa.string_view()),
    "invalid": invalid_text(),
    "list": pa.array([["a", None], [], None]),
    "lists": pa.array([[[1.5, math.nan]], [[]], None], pa.large_list(pa.list_(pa.float64()))),
    "fixed": pa.array([[1, 2], [3, 4], None], pa.list_(pa.int16(), 2)),
    "struct": pa.array([{"a": 1, "b": {"c": "x"}}, {"a": None, "b": None}, None]),
    "doubled": doubled_struct(),
    "map": pa.array([[("k", 1), ("k", 2)], [], None], pa.map_(pa.string(), pa.int8())),
    "categories": pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), ["p", "q"]),
    "ordered": pa.DictionaryArray.from_arrays(pa.array([1, 0, None], pa.int16()), ["p", "q"], ordered=True),
    "null": pa.nulls(3),
    "uuid": pa.array([b"1" * 16, b"2" * 16, None], pa.uuid()),
}


def source_of(path: Path, **columns: Any) -> Path:
    """Write a Parquet file with metadata of its own, of the schema and of each field."""
    names = {"text": pa.array(TEXT), **columns}
    fields = [pa.field(name, one.type, metadata={"unit": f"of {name}"}) for name, one in names.items()]
    fields[0] = fields[0].with_nullable(False)
    table = pa.table(list(names.values()), schema=pa.schema(fields, metadata={"from": "a query", "b": b"\xff"}))
    pq.write_table(table, path)
    return path


def assert_passed_on(source: Path, made: Path, added: int = len(COLUMNS)) -> None:
    """Check that all of a file stands in another, with columns behind it."""
    before, after = pq.read_table(source), pq.read_table(made)
    kept = after.select(range(after.num_columns - added))
    assert kept.schema.equals(before.schema, check_metadata=True)
    for (
        name
    ) in before.column_names:  # NaN is not equal to itself, and invalid text has no value: compare what is stored
        assert [chunk_bytes(one) for one in kept[name].combine_chunks().buffers()] == [
            chunk_bytes(one) for one in before[name].combine_chunks().buffers()
        ]


def chunk_bytes(buffer: Any) -> bytes | None:
    """Give what a buffer holds."""
    return None if buffer is None else bytes(buffer)


@pytest.mark.parametrize("name", OTHERS)
def test_another_column_goes_through_parquet_as_it_is(cli: Cli, small_model: Path, tmp_path: Path, name: str) -> None:
    """Its type, its metadata and each value, also where Python has no such value."""
    source, made = source_of(tmp_path / "in.parquet", **{name: OTHERS[name]}), tmp_path / "out.parquet"
    code, _, err = cli("score", "--input", source, "--output", made, "--model", small_model)
    assert (code, err.count("\n")) == (0, 1)
    assert_passed_on(source, made)


def refuse_constant(name: str) -> None:
    """Refuse what is no JSON."""
    raise AssertionError(name)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".csv.gz"])
def test_another_column_stops_no_run_into_another_kind_of_file(
    cli: Cli, small_model: Path, tmp_path: Path, name: str, suffix: str
) -> None:
    """Nothing that a column holds is an error, and NaN is no JSON."""
    source, made = source_of(tmp_path / "in.parquet", **{name: OTHERS[name]}), tmp_path / f"out{suffix}"
    assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0
    if suffix == ".jsonl":
        rows = [json.loads(line, parse_constant=refuse_constant) for line in made.read_text().splitlines()]
        assert [row["text"] for row in rows] == TEXT
        assert name in rows[0]
    elif suffix == ".csv":
        rows = list(csv.DictReader(io.StringIO(made.read_text())))
        assert [row["text"] for row in rows] == TEXT
        for row in rows:
            if row[name].startswith("["):
                json.loads(row[name], parse_constant=refuse_constant)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("uint64", [2**64 - 1, 0, None]),
        ("date", ["0001-01-01", "9999-12-31", None]),
        ("seconds", ["1970-01-01 00:00:00", "1970-01-01 00:00:01", None]),
        ("nanoseconds", ["1970-01-01 00:00:00.000000001", "2116-02-20 23:53:38.427387905", None]),
        ("zoned", ["1970-01-01 01:00:00.000001+0100", "1970-01-01 01:00:00+0100", None]),
        ("no zone", ["1970-01-01 00:00:00.000001Z", "1970-01-01 00:00:00Z", None]),
        ("decimal", ["1.10", "0.00", None]),
        ("bytes", ["\\xff\x00", "abc", None]),
        ("invalid", ["\\xff\\xfe", "caf\\xe9", None]),
        ("fixed", [[1, 2], [3, 4], None]),
        ("struct", [{"a": 1, "b": {"c": "x"}}, {"a": None, "b": None}, None]),
        ("doubled", [[("a", 1), ("a", "a")], [("a", 2), ("a", "b")], [("a", 3), ("a", "c")]]),
        ("map", [[["k", 1], ["k", 2]], [], None]),
        ("categories", ["p", "q", None]),
        ("ordered", ["q", "p", None]),
        ("uuid", ["1" * 16, "2" * 16, None]),
    ],
)
def test_a_value_is_written_as_what_it_says(name: str, expected: list[Any]) -> None:
    """In CSV and JSON, to the last nanosecond; a slice of a column gives its own rows."""
    assert values_of(OTHERS[name]) == expected
    assert values_of(OTHERS[name].slice(1)) == expected[1:]


def categories_of_each_group(path: Path) -> None:
    """Write 100 categories a row group, numbered in 8 bits, other ones in each."""
    schema = pa.schema([("text", pa.string()), ("d", pa.dictionary(pa.int8(), pa.string()))])
    with pq.ParquetWriter(path, schema) as writer:
        for group in range(4):
            names = [f"{group} {number}" for number in range(100)]
            column = pa.DictionaryArray.from_arrays(pa.array(range(100), pa.int8()), names)
            writer.write_table(pa.table({"text": ["Lamps lit"] * 100, "d": column}, schema=schema))


NESTED = {"text": ["Lamps lit"] * 3, "a": [["x"], None, []], "s": [{"x": [1]}, None, {"x": None}], "t": [1, 2, None]}
WRITTEN: dict[str, Callable[[Path], object]] = {
    "categories of each row group": categories_of_each_group,
    "without Arrow's schema": lambda path: pq.write_table(pa.table(NESTED), path, store_schema=False),
    "lists of items": lambda path: pq.write_table(pa.table(NESTED), path, use_compliant_nested_type=False),
    "small row groups": lambda path: pq.write_table(pa.table(NESTED), path, row_group_size=1),
    "pages of version 2": lambda path: pq.write_table(pa.table(NESTED), path, data_page_version="2.0"),
    "no rows": lambda path: pq.write_table(pa.table(NESTED).slice(0, 0), path),
    "dates of 96 bits": lambda path: pq.write_table(
        pa.table({**NESTED, "t": pa.array([1, 2, None], pa.timestamp("ns"))}),
        path,
        use_deprecated_int96_timestamps=True,
    ),
}


@pytest.mark.parametrize("case", WRITTEN)
def test_a_file_of_any_writer_comes_back_with_its_schema(
    cli: Cli, small_model: Path, tmp_path: Path, case: str
) -> None:
    """Names of lists' items and row groups too, as readers of some files need them."""
    source, made = tmp_path / "in.parquet", tmp_path / "out.parquet"
    WRITTEN[case](source)
    assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0
    before, after = pq.read_table(source), pq.read_table(made)
    kept = after.select(range(before.num_columns))
    assert kept.schema.equals(before.schema, check_metadata=True)
    assert kept.equals(before)
    if before.num_rows:
        assert pq.ParquetFile(made).num_row_groups == pq.ParquetFile(source).num_row_groups


def test_metadata_of_pandas_follows_a_column_that_is_renamed(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """`label` was a number of theirs and is a word of ours; anything else of theirs stays."""
    told = {"columns": [{"name": "label", "field_name": "label", "numpy_type": "Int64"}], "index_columns": []}
    table = pa.table({"text": TEXT, "label": [1, 2, 3]}).replace_schema_metadata({"pandas": json.dumps(told), "k": "v"})
    source, made = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, source)
    assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0
    schema = pq.read_schema(made)
    assert schema.names == ["text", "input_label", *COLUMNS]
    told["columns"][0] |= {"name": "input_label", "field_name": "input_label"}
    assert (json.loads(schema.metadata[b"pandas"]), schema.metadata[b"k"]) == (told, b"v")
    for odd in (b"no json", b'{"columns": 7}', b"[]", b"\xff"):
        pq.write_table(table.replace_schema_metadata({"pandas": odd}), source)
        assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0


@pytest.mark.parametrize("kind", ["dictionary", "large", "view", "bytes"])
def test_the_judged_column_may_be_text_of_any_kind(cli: Cli, small_model: Path, tmp_path: Path, kind: str) -> None:
    """Printed and written; older programs write text as bytes."""
    text = {
        "dictionary": pa.array(TEXT).dictionary_encode(),
        "large": pa.array(TEXT, pa.large_string()),
        "view": pa.array(TEXT, pa.string_view()),
        "bytes": pa.array([one.encode() for one in TEXT]),
    }[kind]
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": text}), source)
    ask = ("score", "--input", source, "--model", small_model)
    assert cli(*ask, "--output", tmp_path / "out.parquet")[0] == 0
    assert pq.read_table(tmp_path / "out.parquet")["text"].type == text.type
    out = cli(*ask, "--format", "json")[1]
    assert [one["headline"] for one in json.loads(out)["results"]] == TEXT


@pytest.mark.parametrize("value", [7, None, ["a"], {"a": "b"}, "x" * 2_000_000, b"\xff"])
def test_a_value_that_is_no_headline_is_said_or_skipped(
    cli: Cli, small_model: Path, tmp_path: Path, value: Any
) -> None:
    """In the judged column, with its row; all of it is kept under --skip-bad."""
    source, made = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"text": pa.array([value]), "n": [1]}), source)
    ask = ("score", "--input", source, "--output", made, "--model", small_model)
    code, _, err = cli(*ask)
    if value != b"\xff":  # which is text with an escape in it
        assert (code, err.count("\n")) == (2, 1)
        assert "row 1: headline must be" in err
        assert cli(*ask, "--skip-bad")[0] == 0
        assert pq.read_table(made)["text"].to_pylist() == [value]


def test_a_column_that_stands_twice_is_refused_in_every_kind(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """One of the two would be lost, judged or not."""
    for names in (["text", "n", "text"], ["text", "n", "n"]):
        pq.write_table(pa.Table.from_arrays([pa.array(TEXT)] * 3, names), tmp_path / "in.parquet")
        (tmp_path / "in.csv").write_text(",".join(names) + "\na,b,c\n")
        (tmp_path / "in.jsonl").write_text("{" + ", ".join(f'"{name}": "a"' for name in names) + "}\n")
        for suffix in ("parquet", "csv", "jsonl"):
            source = tmp_path / f"in.{suffix}"
            for more in ((), ("--output", tmp_path / "out.parquet")):
                code, out, err = cli("score", "--input", source, "--model", small_model, *more)
                assert (code, out, err.count("\n")) == (2, "", 1)
                assert "a column name stands twice in text, n" in err
    (tmp_path / "late.jsonl").write_text('{"text": "a"}\n{"text": "a", "n": {"x": 1, "x": 2}, "n": 1}\n')
    assert "row 2: a column name stands twice" in cli("score", "--input", tmp_path / "late.jsonl")[2]


@pytest.mark.parametrize("explain", [(), ("--explain",)])
@pytest.mark.parametrize("skip", [(), ("--skip-bad",)])
@pytest.mark.parametrize("kind", ["parquet", "csv", "txt"])
def test_an_empty_file_has_the_schema_of_a_full_one(
    cli: Cli, small_model: Path, tmp_path: Path, kind: str, explain: tuple[str, ...], skip: tuple[str, ...]
) -> None:
    """And one whose rows cannot be judged; into Parquet, and as columns into CSV."""
    full, empty, bad = (tmp_path / f"{name}.{kind}" for name in ("full", "empty", "bad"))
    rows = {"text": TEXT, "n": [1, 2, 3]}
    if kind == "parquet":
        for path, table in (
            (full, pa.table(rows)),
            (empty, pa.table(rows).slice(0, 0)),
            (bad, pa.table({**rows, "text": ["  "] * 3})),
        ):
            pq.write_table(table, path)
    else:
        names = "text,n\n" if kind == "csv" else ""
        full.write_text(names + "".join(f"{one}{',1' if names else ''}\n" for one in TEXT))
        empty.write_text(names)
        bad.write_text(names + f"{'x' * 501}{',1' if names else ''}\n")
    for path in (full, empty, *([bad] if skip else [])):
        for suffix in ("parquet", "csv"):
            made = path.with_suffix(f".out.{suffix}")
            assert cli("score", "--input", path, "--output", made, "--model", small_model, *explain, *skip)[0] == 0
    schemas = [pq.read_schema(path) for path in sorted(tmp_path.glob("*.out.parquet"))]
    assert len(schemas) == (3 if skip else 2)
    assert all(one.equals(schemas[0], check_metadata=True) for one in schemas)
    assert len({path.read_text().partition("\n")[0] for path in tmp_path.glob("*.out.csv")}) == 1


MIXED: dict[str, tuple[list[Any], Any]] = {
    "numbers and words": ([1, "a", 2.5, None], pa.string()),
    "whole and broken numbers": ([1, 2.5, None], pa.float64()),
    "a number beyond 64 bits": ([2**70, 1], pa.string()),
    "a number of 64 bits": ([2**64 - 1, 1], pa.uint64()),
    "lists and words": ([["a"], "b", {"c": 1}], pa.string()),
    "truth and numbers": ([True, 1], pa.string()),
    "nothing": ([None, None], pa.string()),
    "nothing for long": ([None] * 4000 + [7], pa.int64()),
    "no number": ([float("nan"), 1.5], pa.float64()),
    "half a surrogate pair": (["\ud83d", "b"], pa.string()),
}


@pytest.mark.parametrize("case", MIXED)
def test_json_lines_become_parquet_whatever_a_field_holds(
    cli: Cli, small_model: Path, tmp_path: Path, case: str
) -> None:
    """The column's type is known when all of it has been seen; of several kinds, it is text."""
    values, kind = MIXED[case]
    source = tmp_path / "in.jsonl"
    source.write_text("\n".join(json.dumps({"text": "Lamps lit", "x": one}) for one in values))
    for suffix in (".parquet", ".csv", ".jsonl", ".txt"):
        made = tmp_path / f"out{suffix}"
        assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.field("x").type == kind
    expected = [
        one if kind != pa.string() or one is None or isinstance(one, str) else json.dumps(one) for one in values
    ]
    if case == "half a surrogate pair":
        expected = ["?", "b"]
    if case != "no number":
        assert table["x"].to_pylist() == expected
    for line, one in zip((tmp_path / "out.jsonl").read_text().splitlines(), values, strict=True):
        found = json.loads(line, parse_constant=refuse_constant)["x"]
        assert found == (None if case == "no number" and one != 1.5 else one)


def test_nan_reaches_no_json_at_all(tmp_path: Path) -> None:
    """Nor infinity, within lists and cells of evidence as well; JSON has neither."""
    rows = [{"a": math.nan, "b": {"c": [math.inf, 1.5, (-math.inf,)]}}]
    for suffix in (".jsonl", ".csv"):
        with TableWriter(tmp_path / f"out{suffix}", ["a", "b"]) as writer:
            writer.write(rows)
    assert json.loads(as_json({"all": rows}), parse_constant=refuse_constant)["all"][0]["a"] is None
    assert (tmp_path / "out.jsonl").read_text() == '{"a": null, "b": {"c": [null, 1.5, [null]]}}\n'
    assert (tmp_path / "out.csv").read_text().endswith('"{""c"": [null, 1.5, [null]]}"\n')


def test_names_with_dots_are_names(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """`a.b` is not what is in a column `a`; and the other way round."""
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"a.b": TEXT, "a": [{"b": "x", "c": "y"}] * 3, "a.b.c": [1, 2, 3]}), source)
    for name, is_judged in (("a.b", True), ("a", False), ("b", False), ("a.b.c", False), ("a.c", False)):
        code, out, _ = cli(
            "score", "--input", source, "--text-column", name, "--format", "json", "--model", small_model
        )
        assert code == (0 if is_judged else 2)
        assert not is_judged or [one["headline"] for one in json.loads(out)["results"]] == TEXT


def test_of_a_parquet_file_only_the_judged_column_is_read(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Another may be damaged, where nothing of it is asked for."""
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"text": TEXT, "body": ["LANTERN" * 999] * 3}), source, compression="none")
    chunk = pq.ParquetFile(source).metadata.row_group(0).column(1)
    content = bytearray(source.read_bytes())
    start = chunk.dictionary_page_offset
    content[start : start + 40] = b"\xff" * 40
    source.write_bytes(content)
    assert cli("score", "--input", source, "--model", small_model)[0] == 0
    code, _, err = cli("score", "--input", source, "--model", small_model, "--output", tmp_path / "out.parquet")
    assert (code, err.count("\n")) == (2, 1)
    with TableReader(source, only={"text"}) as table:
        assert table.columns == ["text", "body"]
        assert [row["text"] for row in table] == TEXT


@pytest.mark.parametrize("codec", ["snappy", "gzip", "zstd", "brotli", "lz4", "none"])
def test_the_compression_stays(cli: Cli, small_model: Path, tmp_path: Path, codec: str) -> None:
    """A file does not grow by being judged."""
    source, made = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.table({"text": TEXT}), source, compression=codec)
    assert cli("score", "--input", source, "--output", made, "--model", small_model)[0] == 0
    found = [pq.ParquetFile(path).metadata.row_group(0).column(0).compression for path in (source, made)]
    assert found[0] == found[1]


def bodies(path: Path, count: int, **options: Any) -> Path:
    """Write headlines beside articles of 10 kB, each another."""
    words = [f"w{n * n % 9973:04}" for n in range(9973)]
    body = ["".join(words[(n * 7 + m) % 9973] for m in range(2000)) for n in range(count)]
    pq.write_table(pa.table({"text": [f"Lamps lit {n}" for n in range(count)], "body": body}), path, **options)
    return path


MEASURED = """
import resource, subprocess, sys
ran = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
print(ran.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(*arguments: object) -> int:
    """Give the most memory that the program took, in bytes."""
    command = [sys.executable, "-c", MEASURED, str(PROGRAM), *map(str, arguments)]
    code, size = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert code == "0"
    return int(size) * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["parquet", "csv", None])
def test_a_row_group_of_articles_is_not_held_in_memory(small_model: Path, tmp_path: Path, suffix: str | None) -> None:
    """400 MB in one row group take little more than 20 MB do: pages of a megabyte, and a few rows."""
    taken = []
    for count in (2000, 40_000):
        source = bodies(tmp_path / f"{count}.parquet", count, compression="none", use_dictionary=False)
        assert pq.ParquetFile(source).num_row_groups == 1
        output = ("--output", tmp_path / f"out.{suffix}") if suffix else ("--format", "csv")
        taken.append(peak("score", "--input", source, "--model", small_model, *output))
    assert taken[1] - taken[0] < 100_000_000
