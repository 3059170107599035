"""What a user meets around files: the row at fault by its number, advice that helps, links that stay links."""

import codecs
import csv
import gzip
import io
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.errors import BroadsheetError
from model.files.writing import creating_folder, replacing_file
from model.tables.reader import TableReader

Cli = Callable[..., tuple[int, str, str]]
GOOD = "Bank holds rates"
LINES = {"txt": b"%s\n", "jsonl": b'{"text": "%s"}\n', "csv": b"%s,1\n", "tsv": b"%s\t1\n"}
HEADS = {"csv": b"text,n\n", "tsv": b"text\tn\n"}


def refused(ran: tuple[int, str, str]) -> str:
    """Give the one line of an error."""
    code, out, err = ran
    assert (code, out, err.count("\n")) == (2, "", 1)
    return err


@pytest.mark.parametrize("rows", [1, 3, 9000])
@pytest.mark.parametrize("kind", [*LINES, "csv.gz", "tsv.gz"])
def test_a_byte_that_is_no_text_is_said_of_its_own_row(cli: Cli, small_model: Path, kind: str, rows: int) -> None:
    """From a pipe; far behind the first part that is read as well, and in the middle of another character."""
    plain = kind.removesuffix(".gz")
    line = LINES[plain]
    data = HEADS.get(plain, b"") + line % "Café opens".encode() * (rows - 1) + line % b"Caf\xe9 opens" + line % b"End"
    data = gzip.compress(data) if kind.endswith(".gz") else data
    err = refused(cli("score", "--input", "-", "--input-format", kind, "--model", small_model, stdin=data))
    assert f"stdin, row {rows}: not UTF-8 text (byte 0xe9)" in err.replace("stdin: row", "stdin, row")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "shift_jis", "ascii"])
@pytest.mark.parametrize("suffix", ["txt", "csv"])
def test_a_fault_in_any_encoding_is_said_of_its_own_row(
    cli: Cli, small_model: Path, tmp_path: Path, encoding: str, suffix: str
) -> None:
    """The third row's first bytes are none of a character; rows before it that are empty count."""
    bad = {"utf-16": b"\x00\xdc\x00\xdc", "utf-16-le": b"\x00\xdc\x00\xdc", "utf-32": b"\xff" * 4}.get(
        encoding, b"\xff"
    )
    good = "text,n\nLamps lit,1\n,\n" if suffix == "csv" else "Lamps lit\nBank holds\n"
    (tmp_path / f"in.{suffix}").write_bytes(good.encode(encoding) + bad)
    ask = ("score", "--input", tmp_path / f"in.{suffix}", "--encoding", encoding, "--model", small_model)
    assert f"in.{suffix}, row 3: not " in refused(cli(*ask))


def test_a_character_cut_by_the_file_s_end_is_said_of_the_last_row(cli: Cli, tmp_path: Path) -> None:
    """It is read only when no more comes."""
    (tmp_path / "in.txt").write_bytes("Lamps lit\nBank holds\nCafé".encode()[:-1])
    assert "row 3: not UTF-8 text (byte 0xc3)" in refused(cli("score", "--input", tmp_path / "in.txt"))


@pytest.mark.parametrize(
    ("options", "advised"),
    [
        ((), {"--text-column", "--no-header"}),
        (("--no-header",), {"--text-column"}),
        (("--text-column", "title"), {"--no-header"}),
        (("--no-header", "--text-column", "title"), set()),
        (("--encoding", "ascii", "--text-column", "a"), set()),
        (("--delimiter", ";", "--text-column", "a"), {"--no-header"}),
    ],
)
@pytest.mark.parametrize("output", [True, False])
def test_no_option_is_advised_that_was_given(
    cli: Cli, tmp_path: Path, options: tuple[str, ...], advised: set[str], output: bool
) -> None:
    """Whatever else is wrong."""
    (tmp_path / "in.csv").write_text("Café opens,news\nLamps lit,news\n")
    more = ("--output", tmp_path / "out.csv") if output else ()
    err = refused(cli("score", "--input", tmp_path / "in.csv", *options, *more))
    advice = err.partition("(see:")[0]
    assert {one for one in ("--text-column", "--no-header", "--delimiter") if f"{one}" in advice} == advised
    if "--encoding" in options:
        assert "as --encoding says that it is" in err


def test_a_file_without_a_headline_is_named(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Where --input was given, it is not asked for."""
    (tmp_path / "in.csv").write_text("text\n")
    err = refused(cli("score", "--input", tmp_path / "in.csv", "--model", small_model))
    assert err == f"Error: {tmp_path / 'in.csv'} has no headline\n"


def test_a_blank_cell_names_the_option_that_passes_over_it(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Which is then not advised any more, and one row is one headline."""
    (tmp_path / "in.csv").write_text("text,n\n,1\n")
    ask = ("score", "--input", tmp_path / "in.csv", "--output", tmp_path / "out.csv", "--model", small_model)
    err = refused(cli(*ask))
    assert "row 1: headline must be 1-500 characters, got 0; --skip-bad" in err
    code, _, err = cli(*ask, "--skip-bad")
    assert code == 0
    assert "out.csv: 1 headline: none judged; 1 could not be judged" in err


@pytest.mark.parametrize(
    ("value", "got"),
    [
        (None, "nothing"),
        (7, "a number"),
        (0.5, "a number"),
        (True, "true or false"),
        (["a"], "a list"),
        ({"a": 1}, "an"),
    ],
)
@pytest.mark.parametrize("output", [True, False])
def test_what_is_no_text_is_called_what_people_call_it(
    cli: Cli, small_model: Path, tmp_path: Path, value: object, got: str, output: bool
) -> None:
    """Not by Python's names of types."""
    pq.write_table(pa.table({"text": [value]}), tmp_path / "in.parquet")
    more = ("--output", tmp_path / "out.jsonl") if output else ()
    err = refused(cli("score", "--input", tmp_path / "in.parquet", "--model", small_model, *more))
    assert f" 1: headline must be text, got {got}" in err


@pytest.mark.parametrize(("mark", "name"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "bar")])
@pytest.mark.parametrize("header", ["text{0}n", "n{0}text"])
def test_a_cell_that_is_cut_at_its_own_delimiter_should_be_quoted(
    cli: Cli, small_model: Path, tmp_path: Path, mark: str, name: str, header: str
) -> None:
    """And once it is, the file is read: the advice is true."""
    path, ask = tmp_path / "in.csv", ("--model", small_model, "--format", "csv")
    path.write_text(f"{header.format(mark)}\nLamps lit{mark}1\nBank{mark} holds{mark}2\n")
    err = refused(cli("score", "--input", path, *ask))
    assert f"row 2: 2 cells expected, as in the line of column names, got 3; a cell that holds a {name} must" in err
    assert "--delimiter" not in err
    path.write_text(f'text{mark}n\nLamps lit{mark}1\n"Bank{mark} holds"{mark}2\n')
    assert cli("score", "--input", path, *ask)[0] == 0


def test_a_comma_in_a_file_of_one_column_should_be_quoted(cli: Cli, tmp_path: Path) -> None:
    """There is one cell, not 1 cells."""
    (tmp_path / "in.csv").write_text("text\nBank, rates, again\n")
    err = refused(cli("score", "--input", tmp_path / "in.csv"))
    assert "row 1: 1 cell expected, as in the line of column names, got 3; a cell that holds a comma must" in err


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_a_quote_that_is_not_doubled_or_not_closed_is_said_in_words(cli: Cli, tmp_path: Path, suffix: str) -> None:
    """Of its own row, with what would be right."""
    mark = "\t" if suffix == "tsv" else ","
    for cell, said in (
        ('"Fire" says chief', "a quote stands within a cell in quotes; there it is written twice"),
        ('"Fire says chief', "a cell begins with a quote that no other one ends"),
    ):
        (tmp_path / f"in.{suffix}").write_text(f"text{mark}n\nLamps lit{mark}1\n{cell}{mark}2\n")
        assert f"row 2: {said}" in refused(cli("score", "--input", tmp_path / f"in.{suffix}"))


@pytest.mark.parametrize("suffix", ["tsv", "tsv.gz", "TSV"])
def test_tsv_is_csv_between_tabs_in_and_out(cli: Cli, small_model: Path, tmp_path: Path, suffix: str) -> None:
    """Though every row has as many commas as tabs, and there is one column in one of them."""
    path, made = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    for text in ("text\tn\nLamps, lit\t1,5\nBank, holds\t2,5\n", "text\nLamps, lit\nBank, holds\n"):
        path.write_bytes(gzip.compress(text.encode()) if suffix.endswith("gz") else text.encode())
        assert cli("score", "--input", path, "--output", made, "--model", small_model)[0] == 0
        lines = (
            (gzip.decompress(made.read_bytes()) if suffix.endswith("gz") else made.read_bytes()).decode().split("\n")
        )
        assert [line.split("\t")[0] for line in lines] == ["text", "Lamps, lit", "Bank, holds", ""]
        with TableReader(made) as table:
            assert [row["text"] for row in table] == ["Lamps, lit", "Bank, holds"]
    assert cli("score", "--input", path, "--no-header", "--model", small_model)[0] == 0


ADDRESSES = [
    "https://www.bbc.co.uk",
    "http://news.example/?a=1&b=2",
    "HTTPS://NEWS.EXAMPLE",
    "www.bbc.co.uk",
    "//news.example/page",
    "ftp://news.example/page.html",
    "https:/news.example",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_not_fetched_and_the_way_round_is_said(cli: Cli, address: str) -> None:
    """Saved or piped; in the words of the address that was given, quoted for a shell."""
    for arguments, pipe in (
        (("page", address), "| broadsheet page -"),
        (("score", "--input", address), "| broadsheet score --input - --input-format csv"),
        (("data", "check", address), ""),
        (("train", "--data", address, "--output", "build"), ""),
        (("evaluate", "--data", address), ""),
    ):
        err = refused(cli(*arguments))
        assert "an address cannot be fetched: save what is there" in err
        assert pipe in err
        assert (f"curl -s {address}" in err or f"curl -s '{address}'" in err) == bool(pipe)
    assert "expected a name on this machine" in refused(cli("score", "--input", "in.csv", "--output", address))


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "tsv.gz", "jsonl", "parquet"])
def test_the_pipe_that_is_advised_is_of_the_address_s_kind(cli: Cli, kind: str) -> None:
    """So that it works as it stands."""
    err = refused(cli("score", "--input", f"https://data.example/rows.{kind}"))
    assert f"| broadsheet score --input - --input-format {kind} " in err


def test_a_file_whose_name_looks_like_an_address_is_read(
    cli: Cli, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as what `wget` saves."""
    monkeypatch.chdir(tmp_path)
    Path("www.example.txt").write_text("Lamps lit\n")
    assert cli("score", "--input", "www.example.txt", "--model", small_model)[0] == 0


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "tsv", "txt"])
@pytest.mark.parametrize(("mark", "kept"), [(",", ","), (";", ";"), ("\t", ","), ("|", ",")])
def test_a_spreadsheet_s_file_is_one_that_a_spreadsheet_opens(
    cli: Cli, small_model: Path, tmp_path: Path, suffix: str, mark: str, kept: str
) -> None:
    """A byte order mark, by which it knows UTF-8, and its country's semicolons; without the option, neither."""
    path, made = tmp_path / "in.csv", tmp_path / f"out.{suffix}"
    path.write_text(f"text{mark}n\nCafé opens{mark}1\n", encoding="utf-16")
    ask = ("score", "--input", path, "--output", made, "--model", small_model)
    for option, start, separator in (((), b"", ","), (("--for-spreadsheet",), codecs.BOM_UTF8, kept)):
        assert cli(*ask, *option)[0] == 0
        data = gzip.decompress(made.read_bytes()) if suffix.endswith("gz") else made.read_bytes()
        cells = ["Café opens", "1"] if suffix == "txt" else ["text", "n", "label"]
        assert data.startswith(start + (separator if suffix.startswith("csv") else "\t").join(cells).encode())
        assert data.count(codecs.BOM_UTF8) == bool(option)
        with TableReader(made) as table:
            assert next(iter(table))["text"].startswith("Café opens")


def test_printed_csv_for_a_spreadsheet_is_marked_too(cli: Cli, small_model: Path) -> None:
    """In a file or a pipe; commas, as there is no file whose form it could keep."""
    ask = ("score", "Lamps lit", "--format", "csv", "--model", small_model)
    assert cli(*ask, "--for-spreadsheet")[1] == "\ufeff" + cli(*ask)[1]
    assert next(csv.reader(io.StringIO(cli(*ask)[1])))[0] == "headline"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("relative", [True, False])
def test_an_output_that_is_a_link_is_written_where_it_leads(
    cli: Cli, small_model: Path, tmp_path: Path, there: bool, relative: bool
) -> None:
    """As by a shell's `>`: the link stays, though the target is called otherwise or is not there yet."""
    (tmp_path / "shared").mkdir()
    target, link = tmp_path / "shared" / "verdicts.today", tmp_path / "out.csv"
    if there:
        target.write_text("old")
        target.chmod(0o640)
    (tmp_path / "middle").symlink_to(os.path.relpath(target, tmp_path) if relative else target)
    link.symlink_to("middle" if relative else tmp_path / "middle")
    (tmp_path / "in.txt").write_text("Lamps lit\n")
    assert cli("score", "--input", tmp_path / "in.txt", "--output", link, "--model", small_model)[0] == 0
    assert link.is_symlink()
    assert (tmp_path / "middle").is_symlink()
    assert target.read_text().startswith("text,label")
    assert not there or target.stat().st_mode & 0o777 == 0o640
    assert list((tmp_path / "shared").iterdir()) == [target]


def test_links_in_a_circle_are_refused_and_stay(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """There is nowhere to write."""
    (tmp_path / "out.csv").symlink_to("other.csv")
    (tmp_path / "other.csv").symlink_to("out.csv")
    (tmp_path / "in.txt").write_text("Lamps lit\n")
    ask = ("score", "--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv", "--model", small_model)
    assert f"{tmp_path / 'out.csv'} cannot be written" in refused(cli(*ask))
    assert (tmp_path / "out.csv").is_symlink()


def test_a_folder_that_is_a_link_stays_one(tmp_path: Path) -> None:
    """What is written is a model's."""
    folder, link = tmp_path / "models" / "one", tmp_path / "current"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("old")
    link.symlink_to(folder)
    with creating_folder(link) as unfinished:
        (unfinished / "manifest.json").write_text("new")
    assert link.is_symlink()
    assert (folder / "manifest.json").read_text() == "new"


def test_what_fails_leaves_a_link_s_file_as_it_was(tmp_path: Path) -> None:
    """And the name that is said is the link's."""
    (tmp_path / "file").write_text("old")
    (tmp_path / "link").symlink_to("file")

    def write() -> None:
        with replacing_file(tmp_path / "link") as unfinished:
            unfinished.write_text("new")
            raise OSError(28, "No space left on device")

    with pytest.raises(BroadsheetError, match="link cannot be written: No space left"):
        write()
    assert (tmp_path / "file").read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"file", "link"}


def test_the_help_says_what_a_page_may_be(cli: Cli) -> None:
    """All that `page --help` says."""
    for command in (("--help",), ("page", "--help")):
        out = cli(*command)[1]
        assert all(kind in out for kind in ("HTML", "MHTML", "text", "RSS", "Atom"))


@pytest.mark.parametrize("name", ["http", "settings", "deployment", "security"])
def test_no_row_of_a_table_stands_twice_in_a_page_of_the_docs(fixtures: Path, name: str) -> None:
    """Below one another; a table's rule may."""
    lines = (fixtures.parent / "docs" / f"{name}.md").read_text(encoding="utf-8").splitlines()
    twice = [one for one, other in pairwise(lines) if one == other and one.startswith("|")]
    assert twice == []
