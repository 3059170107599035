"""Files of headlines come back as they were written, and a bad one is refused in one line that names it."""

import gzip
import json
import os
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, partial
from itertools import repeat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.batch import judge_file
from model.errors import TableError
from model.scorer import Scorer
from model.tables.reader import LONGEST_ROW, MOST_COLUMNS, SUFFIXES, Row, TableReader
from model.tables.writer import TableWriter

ROOT = Path(__file__).parents[1]
WITH_COLUMNS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".jsonl", ".parquet")  # .txt has lines alone
ROWS: list[Row] = [
    {"id": "7", "text": "Mayor opens bridge", "publisher": "Meridian Dispatch"},
    {"id": "1", "text": 'He said "no, never", then left\nwithout a word', "publisher": ""},
    {"id": "4", "text": "  Précis — naïve; 標題 🗞️ \t", "publisher": "Wowzerly, Inc."},
]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def write(path: Path, rows: list[Row], columns: list[str] | None = None) -> Path:
    """Write rows as one batch."""
    with TableWriter(path, columns or list(rows[0])) as writer:
        writer.write(rows)
    return path


def read(path: Path) -> tuple[list[str], list[Row]]:
    """Read columns and all rows."""
    with TableReader(path) as table:
        return table.columns, list(table)


def refusal(path: Path) -> str:
    """Give the text of the error that reading the whole file ends in."""
    with pytest.raises(TableError) as caught:
        read(path)
    return str(caught.value)


def parquet(path: Path, **columns: list[Any]) -> Path:
    """Write a Parquet file without our own writer."""
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("suffix", WITH_COLUMNS)
def test_rows_come_back_with_their_columns_in_order(tmp_path: Path, suffix: str) -> None:
    """Commas, quotes, line ends, blanks at the edges and letters of any script survive, and nothing is sorted."""
    assert read(write(tmp_path / f"rows{suffix}", ROWS)) == (["id", "text", "publisher"], ROWS)


@pytest.mark.parametrize("suffix", WITH_COLUMNS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(st.tuples(texts, texts), min_size=1, max_size=5))
def test_any_text_comes_back_from_a_cell(tmp_path: Path, suffix: str, cells: list[tuple[str, str]]) -> None:
    """Whatever stands in a cell is the same after writing and reading it."""
    rows = [{"text": text, "publisher": publisher} for text, publisher in cells]
    assert read(write(tmp_path / f"any{suffix}", rows))[1] == rows


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(texts.filter(lambda text: text.split()), min_size=1, max_size=5))
def test_a_text_file_gets_a_line_for_each_row(tmp_path: Path, lines: list[str]) -> None:
    """A line holds what the cell held, its white space folded, so that no cell breaks its line in two."""
    path = write(tmp_path / "lines.txt", [{"text": line} for line in lines])
    assert read(path) == (["text"], [{"text": " ".join(line.split())} for line in lines])


def test_a_text_file_separates_several_cells_by_tabs(tmp_path: Path) -> None:
    """An empty cell is nothing, not the word None, and what is nested is JSON, not Python."""
    rows: list[Row] = [{"text": "a\tb", "error": None, "evidence": {"rest": [0.5]}}]
    assert write(tmp_path / "rows.txt", rows).read_text() == 'a b\t\t{"rest": [0.5]}\n'


def test_types_come_back_from_parquet_and_json(tmp_path: Path) -> None:
    """Numbers, truth values and gaps are no strings where the file can say so."""
    rows: list[Row] = [{"n": 3, "x": 0.25, "yes": True, "gap": "a"}, {"n": 4, "x": 1.5, "yes": False, "gap": None}]
    assert read(write(tmp_path / "typed.parquet", rows))[1] == rows
    assert read(write(tmp_path / "typed.jsonl", rows))[1] == rows


def test_a_parquet_column_may_begin_empty(tmp_path: Path) -> None:
    """A column whose first batches hold no value, as `error` often does, takes its type from a later one."""
    batches: list[list[Row]] = [
        [{"n": None, "error": None}],
        [{"n": 1, "error": None}],
        [{"n": 2, "error": "too long"}],
    ]
    with TableWriter(tmp_path / "late.parquet", ["n", "error"]) as writer:
        for batch in batches:
            writer.write(batch)
    assert read(tmp_path / "late.parquet") == (["n", "error"], [row for batch in batches for row in batch])


def test_a_parquet_column_may_stay_empty(tmp_path: Path) -> None:
    """Rows without a single error still have the column."""
    rows: list[Row] = [{"text": "a", "error": None}, {"text": "b", "error": None}]
    assert read(write(tmp_path / "empty.parquet", rows)) == (["text", "error"], rows)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_file_without_rows_keeps_its_columns(tmp_path: Path, suffix: str) -> None:
    """A query that found nothing gives a readable file."""
    with TableWriter(tmp_path / f"none{suffix}", ["text", "label"]):
        pass
    assert read(tmp_path / f"none{suffix}") == (["text", "label"], [])


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
def test_a_row_with_a_column_of_its_own_is_refused(tmp_path: Path, suffix: str) -> None:
    """JSON lines may grow a field half-way down; a table has no place for it, and dropping it would be silent."""
    with (
        TableWriter(tmp_path / f"grown{suffix}", ["text"]) as writer,
        pytest.raises(TableError, match=r"does not fit the first one: .*late"),
    ):
        writer.write([{"text": "a"}, {"text": "b", "late": 1}])


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".txt", ".parquet"])
def test_a_row_may_lack_a_column(tmp_path: Path, suffix: str) -> None:
    """JSON lines may leave out a field; its cell is empty."""
    path = write(tmp_path / f"lacking{suffix}", [{"text": "a", "date": "2020"}, {"text": "b"}])
    if suffix == ".txt":
        assert path.read_text() == "a\t2020\nb\t\n"
    else:
        assert read(path)[1][1]["date"] in {"", None}


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".txt"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, suffix: str) -> None:
    """Excel begins its UTF-8 files with one."""
    content = {".txt": "Bank holds rates\n", ".jsonl": '{"text": "Bank holds rates"}\n'}.get(
        suffix, "text\nBank holds rates\n"
    )
    data = content.encode("utf-8-sig")
    (tmp_path / f"bom{suffix}").write_bytes(gzip.compress(data) if suffix == ".csv.gz" else data)
    assert read(tmp_path / f"bom{suffix}") == (["text"], [{"text": "Bank holds rates"}])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("crlf.csv", b"text,publisher\r\nA,B\r\n\r\nC,D\r\n"),
        ("crlf.jsonl", b'{"text": "A", "publisher": "B"}\r\n\r\n{"text": "C", "publisher": "D"}\r\n'),
    ],
)
def test_windows_line_ends_and_blank_lines_are_no_content(tmp_path: Path, name: str, content: bytes) -> None:
    """Files from Windows read as those from elsewhere."""
    (tmp_path / name).write_bytes(content)
    assert read(tmp_path / name)[1] == [{"text": "A", "publisher": "B"}, {"text": "C", "publisher": "D"}]


def test_a_text_file_skips_blank_lines(tmp_path: Path) -> None:
    """Windows line ends and lines of blanks are no headlines."""
    (tmp_path / "crlf.txt").write_bytes(b"First\r\n\r\n   \nLast")
    assert read(tmp_path / "crlf.txt")[1] == [{"text": "First"}, {"text": "Last"}]


def test_a_quoted_cell_keeps_its_line_end(tmp_path: Path) -> None:
    """A line end within quotes is content; the row count does not see it."""
    (tmp_path / "quoted.csv").write_bytes(b'text,n\n"two\r\nlines",1\n"say ""so""",2\n')
    assert read(tmp_path / "quoted.csv")[1] == [{"text": "two\r\nlines", "n": "1"}, {"text": 'say "so"', "n": "2"}]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_suffix_is_known_in_capitals_too(tmp_path: Path, suffix: str) -> None:
    """Cameras and old Windows programs shout."""
    path = write(tmp_path / f"ROWS{suffix}".upper(), [{"text": "Bank holds rates"}])
    assert read(path) == (["text"], [{"text": "Bank holds rates"}])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_share_read_ends_at_one(tmp_path: Path, suffix: str) -> None:
    """A progress bar ends full, whatever the reader closes when it is done."""
    with TableReader(write(tmp_path / f"rows{suffix}", [{"text": "a"}, {"text": "b"}])) as table:
        assert 0 <= table.share_read <= 1
        assert len(list(table)) == 2
        assert table.share_read == 1.0


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_missing_file_is_named(tmp_path: Path, suffix: str) -> None:
    """The line says which file, and no row of it."""
    path = tmp_path / f"gone{suffix}"
    assert refusal(path) == f"{path}: No such file or directory"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_folder_is_no_file(tmp_path: Path, suffix: str) -> None:
    """A folder with a file's suffix is said to be one."""
    path = tmp_path / f"folder{suffix}"
    path.mkdir()
    assert refusal(path) == f"{path}: Is a directory"


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".parquet"])
def test_an_empty_file_is_refused(tmp_path: Path, suffix: str) -> None:
    """A file of no bytes has no columns."""
    path = tmp_path / f"empty{suffix}"
    path.write_bytes(b"")
    assert refusal(path).startswith(f"{path}: ")


@pytest.mark.parametrize("name", ["rows.xlsx", "rows.gz", "rows", "rows.csv.bz2", "csv"])
def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path: Path, name: str) -> None:
    """Reading and writing say the same."""
    expected = f"{tmp_path / name} must end in one of .csv, .csv.gz, .jsonl, .parquet, .tsv, .tsv.gz, .txt"
    assert refusal(tmp_path / name) == expected
    with pytest.raises(TableError) as caught:
        TableWriter(tmp_path / name, ["text"])
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("latin.csv", b"text\nGood\nCaf\xe9\n"),
        ("latin.jsonl", b'{"text": "Good"}\n{"text": "Caf\xe9"}\n'),
        ("latin.txt", b"Good\nCaf\xe9 au lait\n"),
    ],
)
def test_text_that_is_not_utf8_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """The byte is named; guessing another encoding would turn letters into others."""
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name)
    assert message.startswith(f"{tmp_path / name}")
    assert message.endswith("not UTF-8 text (byte 0xe9)")


@pytest.mark.parametrize(
    ("content", "row", "what"),
    [
        ('text,n\nGood,1\n"Never closed,2\n', 2, "a cell begins with a quote that no other one ends"),
        ("text,n\nGood,1\nHalf-wri", 2, "2 cells expected, as in the line of column names, got 1"),
        (
            "text,n\nGood,1\nAlso,2\nToo,3,many\n",
            3,
            "2 cells expected, as in the line of column names, got 3; a cell that holds a comma must stand in quotes",
        ),
    ],
)
def test_a_half_written_csv_is_refused_at_its_row(tmp_path: Path, content: str, row: int, what: str) -> None:
    """A cut cell or row never passes for a whole one."""
    (tmp_path / "half.csv").write_text(content)
    assert refusal(tmp_path / "half.csv") == f"{tmp_path / 'half.csv'}, row {row}: {what}"


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """One of the two would be lost."""
    (tmp_path / "twice.csv").write_text("text,n,text\na,1,b\n")
    assert "a column name stands twice in text, n, text" in refusal(tmp_path / "twice.csv")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_gzip_is_refused(tmp_path: Path, share: float) -> None:
    """A download that stopped half-way is not a short file."""
    content = gzip.compress("\n".join(["text", *(f"Headline {n * n}" for n in range(2000))]).encode())
    (tmp_path / "cut.csv.gz").write_bytes(content[: int(len(content) * share)])
    message = refusal(tmp_path / "cut.csv.gz")
    assert message.startswith(f"{tmp_path / 'cut.csv.gz'}")
    assert message.endswith("the compressed file is cut short or damaged")


@pytest.mark.parametrize(
    "content",
    [b"text\nplain text, not gzip\n", gzip.compress(b"text\nabc\n")[:10] + b"\xff" * 30, b"\x1f\x8b"],
    ids=["no gzip", "garbage behind its head", "two bytes"],
)
def test_garbage_for_gzip_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever zlib says of it, it is a `TableError` that names the file."""
    (tmp_path / "bad.csv.gz").write_bytes(content)
    assert refusal(tmp_path / "bad.csv.gz").startswith(f"{tmp_path / 'bad.csv.gz'}")


@pytest.mark.parametrize("bad", ['{"text": "cut sho', "not json", '{"text": "a"} trailing', "[" * 100_000])
def test_a_broken_json_line_is_refused_at_its_row(tmp_path: Path, bad: str) -> None:
    """Broken, trailing and bottomless JSON are said with file and row."""
    (tmp_path / "bad.jsonl").write_text(f'{{"text": "good"}}\n\n{bad}\n')
    assert refusal(tmp_path / "bad.jsonl").startswith(f"{tmp_path / 'bad.jsonl'}, row 2: ")


@pytest.mark.parametrize("value", [["a headline"], "a headline", 3, None])
def test_json_that_is_no_object_is_refused(tmp_path: Path, value: object) -> None:
    """A list or a bare string has no columns."""
    (tmp_path / "bad.jsonl").write_text('{"text": "good"}\n' + json.dumps(value))
    expected = f"{tmp_path / 'bad.jsonl'}, row 2: expected a JSON object, got {json.dumps(value)}"
    assert refusal(tmp_path / "bad.jsonl") == expected


@pytest.mark.parametrize("keep", [3, 40, -1, -9])
def test_a_cut_parquet_file_is_refused(tmp_path: Path, keep: int) -> None:
    """Its index stands at its end, so nothing of it can be read."""
    path = parquet(tmp_path / "cut.parquet", text=[f"Headline {n}" for n in range(50)])
    path.write_bytes(path.read_bytes()[:keep])
    assert refusal(path).startswith(f"{path}: ")


def test_damage_within_a_parquet_file_is_a_table_error(tmp_path: Path) -> None:
    """A flipped byte may pass unseen, for Parquet has no checksums by default, but never ends in another error."""
    path = parquet(tmp_path / "flipped.parquet", text=[f"Headline {n}" for n in range(8)], n=list(range(8)))
    content = path.read_bytes()
    for position in range(0, len(content), 7):
        path.write_bytes(content[:position] + bytes([content[position] ^ 0x55]) + content[position + 1 :])
        with suppress(TableError):
            read(path)


def test_a_missing_column_is_refused_with_those_that_are_there(tmp_path: Path) -> None:
    """The hint of the caller ends the line."""
    path = write(tmp_path / "rows.csv", [{"title": "a", "n": "1"}])
    with TableReader(path) as table, pytest.raises(TableError) as caught:
        table.require("text", "; name another")
    assert str(caught.value) == f"{path} must have a column 'text'; its columns: title, n; name another"


def packed(path: Path, *parts: bytes) -> Path:
    """Write a file of hundreds of megabytes, or those megabytes packed: what stands there often is packed once."""
    pack = cache(partial(gzip.compress, compresslevel=1)) if path.suffix == ".gz" else bytes
    with path.open("wb") as file:
        for part, times in Counter(parts).items():  # the same parts stand one behind the other
            at_once = max(1, MEGABYTE // len(part))
            file.writelines(repeat(pack(part * at_once), times // at_once))
            file.write(pack(part * (times % at_once)))
    return path


MEGABYTE = 1_000_000
LONG = "must have at most 1,000,000 characters"
# By the name of the file: 500 MB in it, and what its reader says of them.
BOMBS: dict[str, tuple[Callable[[], Iterator[bytes]], str]] = {
    "one line.csv.gz": (lambda: repeat(b"x" * MEGABYTE, 500), LONG),
    "one cell.csv.gz": (lambda: iter([b"text\n", *repeat(b"x" * MEGABYTE, 500)]), LONG),
    "one quoted cell.csv.gz": (lambda: iter([b'text\n"', *repeat(b"x" * 999 + b"\n", 500_000)]), LONG),
    "cells over lines.csv.gz": (lambda: iter([b"text\n", *repeat(b'"\n",' * 1000, 100_000)]), LONG),
    "commas.csv.gz": (lambda: iter([b"text\n", *repeat(b"," * MEGABYTE, 500)]), LONG),
    "columns.csv.gz": (
        lambda: iter([b",".join(b"%d" % n for n in range(20_000))]),
        "at most 10,000 columns, got 20,000",
    ),
    "one line.txt": (lambda: repeat(b"x" * MEGABYTE, 500), LONG),
    "returns.txt": (lambda: iter([b"Lamps lit\r" * 50, *repeat(b"x" * MEGABYTE, 500)]), LONG),
    "one line.jsonl": (lambda: iter([b'{"text": "', *repeat(b"x" * MEGABYTE, 500)]), LONG),
    "one list.jsonl": (lambda: iter([b'{"text": "x", "a": [', *repeat(b"[]," * 300_000, 500)]), LONG),
    "nests.jsonl": (lambda: iter([b'{"text": ' + b"[" * 900_000]), "nested too deeply"),
    "zeros.csv": (lambda: iter([b"text\n", *repeat(b"\0" * MEGABYTE, 500)]), LONG),
}
READING = """
    import resource, sys
    from pathlib import Path
    from model.tables.reader import TableReader

    resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[2]), int(sys.argv[2])))
    with TableReader(Path(sys.argv[1])) as table:
        for batch in table.batches(2000):
            pass
"""


def read_in_little_memory(path: Path, most: int = 200_000_000) -> "subprocess.CompletedProcess[str]":
    """Read all batches of a file in a process of 200 MB."""
    program = [sys.executable, "-c", textwrap.dedent(READING), str(path), str(most)]
    return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", BOMBS)
def test_a_row_without_an_end_is_refused_with_bounded_memory(tmp_path: Path, name: str) -> None:
    """However small the file is that it is packed in."""
    parts, said = BOMBS[name]
    ran = read_in_little_memory(packed(tmp_path / name, *parts()))
    assert said in ran.stderr.splitlines()[-1]
    assert "TableError" in ran.stderr.splitlines()[-1]


@pytest.mark.slow
def test_long_rows_are_read_with_bounded_memory(tmp_path: Path) -> None:
    """Two thousand of the longest would be two gigabytes: a batch has fewer of them."""
    row = b"Bank holds rates," + b"x" * 130_000 + b"\n"
    ran = read_in_little_memory(packed(tmp_path / "in.csv.gz", b"text,body\n", *repeat(row, 3000)))
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".txt"])
def test_the_longest_row_is_read_and_one_character_more_is_not(tmp_path: Path, suffix: str) -> None:
    """The end of the line counts; a row before it does not, nor blank lines."""
    wraps = {
        ".csv": ("text,a\n1,2\n", '"', '"'),
        ".jsonl": ('{"text": 1}\n\n', '{"text": "', '"}'),
        ".txt": ("x\n", "", ""),
    }
    head, before, after = wraps[suffix]
    cells = '","'.join(["x" * 100_000] * 9) if suffix == ".csv" else ""
    head = f"{','.join('abcdefghij')}\n{'1,' * 9}1\n\n" if suffix == ".csv" else head
    start = f'"{cells}","' if suffix == ".csv" else before
    path = tmp_path / f"in{suffix}"
    for length, is_read in ((LONGEST_ROW, True), (LONGEST_ROW + 1, False)):
        fill = "y" * (length - len(start) - len(after) - 1)
        path.write_text(f"{head}{start}{fill}{after}\n")
        if is_read:
            assert fill in read(path)[1][-1].values()
        else:
            assert LONG in refusal(path)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".txt", ".parquet"])
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "socket name"])
def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path, suffix: str, kind: str) -> None:
    """A FIFO has nobody at its other end, a device no end."""
    path = tmp_path / f"in{suffix}"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to({"device": "/dev/zero", "socket name": "/dev/null"}[kind])
    assert refusal(path) == f"{path}: {'Is a directory' if kind == 'folder' else 'not a regular file'}"


GIANT = "x" * 40_000_000
PARQUETS: dict[str, dict[str, Any]] = {
    "one giant cell": {"text": [GIANT]},
    "a giant among others": {"text": ["Bank holds rates"] * 1000 + [GIANT]},
    "bytes": {"text": [GIANT.encode()]},
    "a long one in each row": {"text": pa.DictionaryArray.from_arrays(pa.array([0] * 5000), ["x" * 3_000_000])},
    "lists": {"text": ["Bank holds rates"] * 50, "a": [["q" * 100_000] * 20] * 50},
}


@pytest.mark.slow
@pytest.mark.parametrize("case", PARQUETS)
def test_a_parquet_file_of_giant_cells_is_read_in_bounded_memory(tmp_path: Path, case: str) -> None:
    """A few copies of the largest cell, however often it stands there: no value of a column stops the others."""
    ran = read_in_little_memory(parquet(tmp_path / "in.parquet", **PARQUETS[case]), most=900_000_000)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_parquet_file_of_longish_cells_is_read(tmp_path: Path) -> None:
    """Text that comes often, and comes once; its rows are what was written."""
    columns = {"text": ["Bank holds rates", "Lamps lit"] * 2000, "body": ["y" * 5000] * 3999 + ["z" * 400_000]}
    names, rows = read(parquet(tmp_path / "in.parquet", **columns))
    assert names == ["text", "body"]
    assert {name: [row[name] for row in rows] for name in names} == columns


def test_json_lines_have_a_bounded_number_of_columns(tmp_path: Path, scorer: Scorer) -> None:
    """Each line may have others; their names are remembered."""
    rows = [{"text": "Bank holds rates", **{f"k{line}_{n}": 1 for n in range(1000)}} for line in range(12)]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with (
        TableReader(tmp_path / "in.jsonl") as table,
        pytest.raises(TableError, match=f"at most {MOST_COLUMNS:,} columns"),
    ):
        judge_file(scorer, table, tmp_path / "out.jsonl", "text")


def test_batches_hold_every_row_once(tmp_path: Path) -> None:
    """Of as many rows as are asked for, and of fewer where they are long."""
    path = write(tmp_path / "in.jsonl", [{"n": n, "text": "x" * (300_000 if n % 7 == 0 else 3)} for n in range(100)])
    with TableReader(path) as table:
        batches = list(table.batches(20))
    assert [row["n"] for batch in batches for row in batch] == list(range(100))
    assert max(map(len, batches)) == 20
