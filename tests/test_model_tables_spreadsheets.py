"""CSV as spreadsheets leave it: what is certain is read, and what is not is asked for in one line."""

import codecs
import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.shown.programs import COLUMNS
from model.errors import TableError
from model.tables.lines import Form
from model.tables.reader import Row, TableReader

HEADLINES = ["Bank holds rates, again", "Café “opens”; till late"]
ROWS: list[Row] = [{"id": str(number), "text": text, "desk": ""} for number, text in enumerate(HEADLINES)]
Cli = Callable[..., tuple[int, str, str]]


def content(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    """Write rows as a spreadsheet does."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    return out.getvalue()


GRID = [list(ROWS[0]), *([str(cell) for cell in row.values()] for row in ROWS)]


def read(path: Path, form: Form | None = Form()) -> tuple[list[str], list[Row]]:  # noqa: B008  # frozen
    """Read columns and all rows."""
    with TableReader(path, form) as table:
        return table.columns, list(table)


def refusal(path: Path, form: Form | None = Form()) -> str:  # noqa: B008
    """Give the text of the error that reading the whole file ends in."""
    with pytest.raises(TableError) as caught:
        read(path, form)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
def test_cells_may_be_separated_as_each_country_s_spreadsheet_does(
    tmp_path: Path, delimiter: str, end: str, suffix: str
) -> None:
    """Commas and semicolons within quoted headlines notwithstanding."""
    path = tmp_path / f"in{suffix}"
    data = content(GRID, delimiter, end).encode()
    path.write_bytes(gzip.compress(data) if suffix == ".csv.gz" else data)
    assert read(path) == (["id", "text", "desk"], ROWS)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("text;share\nLamps lit;1,5\nBank holds;2,5\n", [("Lamps lit", "1,5"), ("Bank holds", "2,5")]),
        ("text\tn\nLamps, lit\t1\nBank; holds\t2\n", [("Lamps, lit", "1"), ("Bank; holds", "2")]),
        ('text,"a;b"\n"Lamps; lit",1\n', [("Lamps; lit", "1")]),
        ('text,"a;b"\n', []),
        ("sep=;\r\ntext;n\r\nLamps, lit;1\r\n", [("Lamps, lit", "1")]),
        ('"sep=|"\ntext|n\nLamps, lit|1\n', [("Lamps, lit", "1")]),
        ("text,n\nLamps lit;1,2\n", [("Lamps lit;1", "2")]),
        ('text;n\n"Lamps\nlit, again";1\n', [("Lamps\nlit, again", "1")]),
    ],
)
def test_what_gives_every_row_as_many_cells_separates_them(
    tmp_path: Path, text: str, rows: list[tuple[str, str]]
) -> None:
    """Decimal commas, Excel's own first line, cells of several lines."""
    (tmp_path / "in.csv").write_bytes(text.encode())
    assert [tuple(row.values()) for row in read(tmp_path / "in.csv")[1]] == rows


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("text;a,b\nLamps;lit,1\n", "may be separated by commas and semicolons"),
        ("text\ta|b\nLamps\tlit|1\n", "may be separated by tabs and bars"),
        ("text;n\nLamps lit\n", "2 cells expected, as in the line of column names, got 1; where a semicolon separates"),
    ],
)
def test_a_delimiter_that_is_not_certain_is_asked_for(cli: Cli, tmp_path: Path, text: str, seen: str) -> None:
    """The line says what was seen, and which option settles it; with the option, the file is read."""
    path = tmp_path / "in.csv"
    path.write_text(text)
    code, out, err = cli("score", "--input", path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert seen in err
    assert "--delimiter" in err
    if "separated by" in seen:
        mark = "tab" if "\t" in text else ";"
        assert cli("score", "--input", path, "--delimiter", mark)[0] == 0
    assert "--" not in refusal(path, None)  # where no option can be given, none is named


@pytest.mark.parametrize("delimiter", [";;", "", "\n", '"', " ", "\\"])
def test_a_delimiter_is_one_character(cli: Cli, tmp_path: Path, delimiter: str) -> None:
    """Anything else is bad usage, or at worst a bad file; no traceback."""
    (tmp_path / "in.csv").write_text("text,n\nLamps lit,1\n")
    code, _, err = cli("score", "--input", tmp_path / "in.csv", "--delimiter", delimiter)
    assert (code, err.count("\n")) == (2, 1)


def test_a_row_far_down_that_is_odd_is_said(tmp_path: Path) -> None:
    """The delimiter is known by the first rows; the one at fault is named."""
    (tmp_path / "in.csv").write_text("text;n\n" + "Lamps, lit;1\n" * 9000 + "Bank; holds; rates\n")
    assert "row 9001: 2 cells expected" in refusal(tmp_path / "in.csv")


MARKED = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}
TEXTS = {
    ".csv": content(GRID, "\t"),
    ".csv.gz": content(GRID),
    ".jsonl": '{"id": "0", "text": "Bank holds rates, again"}\r\n\r\n{"text": "Café “opens”; till late"}\r\n',
    ".txt": "\r\n".join(HEADLINES),
}


@pytest.mark.parametrize("encoding", MARKED)
@pytest.mark.parametrize("suffix", TEXTS)
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str, suffix: str) -> None:
    """Excel's Unicode Text is UTF-16 with tabs; whatever kind of text the file is, also where the option says it."""
    data = MARKED[encoding] + TEXTS[suffix].encode(encoding)
    path = tmp_path / f"in{suffix}"
    path.write_bytes(gzip.compress(data) if suffix == ".csv.gz" else data)
    for form in (None, Form(), Form(encoding=encoding)):
        columns, rows = read(path, form)
        assert [row["text"] for row in rows] == HEADLINES
        assert columns[0] in {"id", "text"}


@pytest.mark.parametrize("suffix", TEXTS)
@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_an_encoding_that_is_not_certain_is_asked_for(cli: Cli, tmp_path: Path, suffix: str, encoding: str) -> None:
    """Without a mark nothing is guessed: the line names what was seen and the option, which then settles it."""
    data = TEXTS[suffix].encode(encoding)
    path = tmp_path / f"in{suffix}"
    path.write_bytes(gzip.compress(data) if suffix == ".csv.gz" else data)
    code, out, err = cli("score", "--input", path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "not UTF-8 text" in err
    assert f"--encoding {encoding}" in err
    assert [row["text"] for row in read(path, Form(encoding=encoding))[1]] == HEADLINES
    assert "--" not in refusal(path, None)


@pytest.mark.parametrize("name", ["klingon", "rot13", "hex", "base64", "zlib", "a\0b", "", "undefined"])
def test_an_encoding_of_no_text_is_bad_usage(cli: Cli, tmp_path: Path, name: str) -> None:
    """Python has codecs that are none."""
    (tmp_path / "in.csv").write_text("text\nLamps lit\n")
    code, _, err = cli("score", "--input", tmp_path / "in.csv", "--encoding", name)
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    ("encoding", "said"), [("ascii", "not ascii text"), ("utf-16", "utf-16"), ("cp1252", "cp1252")]
)
def test_an_encoding_that_was_named_wrongly_is_said(cli: Cli, tmp_path: Path, encoding: str, said: str) -> None:
    """With the option that named it."""
    (tmp_path / "in.csv").write_bytes(b"text,n\nLamps lit \xe2\x80\x9d \x81,1\n\n")
    code, _, err = cli("score", "--input", tmp_path / "in.csv", "--encoding", encoding)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err
    assert "--encoding" in err or "--text-column" in err


def test_a_file_without_a_line_of_names_is_asked_about_and_read(cli: Cli, tmp_path: Path) -> None:
    """The first headline is not lost; columns have numbers, or are `text` where there is one."""
    path, made = tmp_path / "in.csv", tmp_path / "out.csv"
    path.write_text("7;Lamps lit;news\n8;Bank holds rates;news\n")
    code, _, err = cli("score", "--input", path)
    assert code == 2
    assert "its columns: 7, Lamps lit, news" in err
    assert "--no-header" in err
    assert cli("score", "--input", path, "--no-header", "--text-column", "2", "--output", made)[0] == 0
    columns, rows = read(made)
    assert columns == ["1", "2", "3", *COLUMNS]
    assert [row["2"] for row in rows] == ["Lamps lit", "Bank holds rates"]
    path.write_text('"Lamps lit"\n"Bank holds rates, again"\n')
    assert read(path, Form(header=False)) == (["text"], [{"text": "Lamps lit"}, {"text": "Bank holds rates, again"}])


def test_a_first_row_that_repeats_a_cell_is_asked_about(cli: Cli, tmp_path: Path) -> None:
    """It looks like a doubled name."""
    (tmp_path / "in.csv").write_text("Lamps lit,news,news\n")
    assert "--no-header" in cli("score", "--input", tmp_path / "in.csv")[2]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("beyond", [1, 3, 40])
def test_empty_columns_and_rows_of_the_grid_are_no_content(tmp_path: Path, delimiter: str, beyond: int) -> None:
    """To the right of the last name, and below the last row; rows may reach further than the names."""
    more = [""] * beyond
    grids = (
        [*([*row, *more] for row in GRID), *([[""] * (3 + beyond)] * 5)],
        [GRID[0], *([*row, *more] for row in GRID[1:]), [""] * 9],
        [[""] * 3, *GRID, [""] * 3, [""], [""] * 3],
    )
    for grid in grids:
        lines = [delimiter.join(f'"{cell}"' if cell else "" for cell in row) for row in grid]
        (tmp_path / "in.csv").write_text("\n".join(lines) + "\n")
        assert read(tmp_path / "in.csv") == (["id", "text", "desk"], ROWS)


def test_an_empty_row_among_others_is_a_row(tmp_path: Path) -> None:
    """It has a number, and --skip-bad a line for it."""
    (tmp_path / "in.csv").write_text("text,n\nLamps lit,1\n,\n,\nBank holds,2\n,\n")
    assert [row["n"] for row in read(tmp_path / "in.csv")[1]] == ["1", "", "", "2"]
    (tmp_path / "in.csv").write_text("text,n\nLamps lit,1\n,\n,\nBank holds,2,3\n")
    assert "row 4: 2 cells expected" in refusal(tmp_path / "in.csv")


def test_a_value_in_a_column_without_a_name_is_not_dropped(tmp_path: Path) -> None:
    """It is said where it stands."""
    (tmp_path / "in.csv").write_text("text,n,\nLamps lit,1,\nBank holds,2,seen\n")
    assert refusal(tmp_path / "in.csv").endswith("row 2: 'seen' stands in a column without a name")


@pytest.mark.parametrize("length", [140_000, 900_000])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_long_cell_in_another_column_is_passed_on(
    cli: Cli, small_model: Path, tmp_path: Path, length: int, suffix: str
) -> None:
    """An article's text beside its headline."""
    body = "x y" * (length // 3)
    path, made = tmp_path / "in.csv", tmp_path / f"out{suffix}"
    path.write_text(f"text,body\nLamps lit,{body}\nBank holds,\n")
    assert cli("score", "--input", path, "--output", made, "--model", small_model)[0] == 0
    assert [row["body"] for row in read(made)[1]] == [body, ""]


STDIN = {
    "csv": content(GRID, ";").encode(),
    "csv.gz": gzip.compress(content(GRID).encode()),
    "jsonl": TEXTS[".jsonl"].encode(),
    "txt": TEXTS[".txt"].encode("utf-16"),
}


@pytest.mark.parametrize("kind", STDIN)
def test_stdin_is_read_as_what_it_is_said_to_be(cli: Cli, small_model: Path, tmp_path: Path, kind: str) -> None:
    """With an output and without."""
    made = tmp_path / "out.jsonl"
    ask = ("score", "--input", "-", "--input-format", kind, "--model", small_model)
    assert cli(*ask, "--output", made, stdin=STDIN[kind])[0] == 0
    assert [row["text"] for row in read(made)[1]] == HEADLINES
    code, out, _ = cli(*ask, "--format", "csv", stdin=STDIN[kind])
    assert (code, [row["headline"] for row in csv.DictReader(io.StringIO(out))]) == (0, HEADLINES)


def test_stdin_whose_form_is_not_said_is_asked_about(cli: Cli, tmp_path: Path) -> None:
    """And a fault in it is said of stdin; a form of what has none is bad usage."""
    for arguments, said in (
        (("--input", "-"), "--input - needs --input-format"),
        (("--input", "-", "--input-format", "csv"), "stdin: the file is empty"),
        (("--input", "-", "--input-format", "csv.gz"), "stdin: "),
        (("--input", "-", "--input-format", "parquet"), "stdin: "),
        (("--input", "-", "--input-format", "jsonl", "--delimiter", ";"), "--delimiter and --no-header are for .csv"),
        (("--input", "-", "--input-format", "parquet", "--encoding", "utf-16"), "no --encoding"),
        (("--delimiter", ";"), "--delimiter and --no-header are for .csv"),
        (("Lamps lit", "--encoding", "utf-16"), "expected --input FILE"),
        (("--input", tmp_path / "in.tab"), "--input-format"),
    ):
        code, out, err = cli("score", *arguments, stdin=b"")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert said in err


def test_a_file_of_another_suffix_is_read_as_what_it_is_said_to_be(tmp_path: Path) -> None:
    """Such as .tab."""
    (tmp_path / "in.tab").write_text(content(GRID, "\t"))
    assert read(tmp_path / "in.tab", Form(kind="csv"))[1] == ROWS


def test_lines_on_stdin_may_be_what_a_windows_pipe_gives(cli: Cli, small_model: Path) -> None:
    """UTF-16 with its mark, without an option."""
    out = cli("score", "--model", small_model, "--format", "csv", stdin="Lamps lit\r\nCafé".encode("utf-16"))[1]
    assert [row["headline"] for row in csv.DictReader(io.StringIO(out))] == ["Lamps lit", "Café"]


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", "\n=1", " =1+1", "＝1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".txt"])
def test_formulas_are_text_for_a_spreadsheet_on_request(
    cli: Cli, small_model: Path, tmp_path: Path, suffix: str
) -> None:
    """In headlines, other columns and their names; numbers stay numbers, and without the option all is as it was."""
    path, made = tmp_path / "in.jsonl", tmp_path / f"out{suffix}"
    rows = [{"text": f"{one} lamps", "=note": one, "n": -3, "ok": "a=b"} for one in FORMULAS]
    path.write_text("\n".join(map(json_of, rows)))
    ask = ("score", "--input", path, "--output", made, "--model", small_model)
    assert cli(*ask, "--for-spreadsheet")[0] == 0
    if suffix == ".txt":
        cells = [line.split("\t")[:2] for line in made.read_text("utf-8-sig").splitlines()]
        assert all(text.startswith("'") and note.startswith("'") for text, note in cells)
        return
    columns, found = read(made)
    assert columns[:4] == ["text", "'=note", "n", "ok"]
    for one, row in zip(FORMULAS, found, strict=True):
        assert list(row.values())[:4] == [f"'{one} lamps", f"'{one}", "-3", "a=b"]
    assert cli(*ask)[0] == 0
    assert [row["=note"] for row in read(made)[1]] == FORMULAS


def json_of(row: Row) -> str:
    """Give a line of JSON."""
    import json

    return json.dumps(row)


def test_printed_csv_is_made_for_a_spreadsheet_too(cli: Cli, small_model: Path) -> None:
    """Of `score` and of `page`; where nothing a spreadsheet opens is written, the option is bad usage."""
    model = ("--model", small_model)
    out = cli("score", "=SUM(A1) says minister", "--format", "csv", "--for-spreadsheet", *model)[1]
    assert out.splitlines()[1].startswith("'=SUM")
    page = "<h1>=SUM(A1:A9) and the minister of lamps</h1><h2>Lamps lit again in the north of the county</h2>"
    out = cli("page", "-", "--format", "csv", "--for-spreadsheet", *model, stdin=page)[1]
    assert ",'=SUM" in out
    for arguments in (
        ("score", "x"),
        ("score", "x", "--format", "json"),
        ("page", "-"),
        ("score", "--input", "in.csv", "--output", "out.parquet"),
        ("score", "--input", "in.csv", "--output", "out.jsonl", "--format", "csv"),
    ):
        assert cli(*arguments, "--for-spreadsheet")[0] == 2
