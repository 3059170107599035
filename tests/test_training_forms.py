"""Labelled tables as spreadsheets and other countries write them: said in options, or asked for in one line."""

import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.errors import TableError
from model.tables.lines import Form
from tests.conftest import Cli
from training.corpora import read_corpora
from training.labels import Naming
from training.readers import read_examples, require_use

ROWS = [("Café’s “summer” menu opens", "measured"), ("Mayor’s naïve plan stuns £5m crowd", "sensational")]
COMMANDS = {
    "data check": ("data", "check"),
    "train": ("train", "--output", "out", "--data"),
    "evaluate": ("evaluate", "--data"),
    "evaluate --cross-validate": ("evaluate", "--cross-validate", "--data"),
}


def lines(delimiter: str, *, header: bool = True) -> str:
    """Give the rows as text."""
    rows = [("text", "label"), *ROWS] if header else ROWS
    return "".join(delimiter.join(row) + "\r\n" for row in rows)


DIALECTS: dict[str, tuple[bytes, list[str]]] = {
    "windows-1252": (lines(",").encode("windows-1252"), ["--encoding", "windows-1252"]),
    "windows-1252 with semicolons": (lines(";").encode("windows-1252"), ["--encoding", "cp1252", "--delimiter", ";"]),
    "UTF-16 without a mark": (lines(",").encode("utf-16-le"), ["--encoding", "utf-16-le"]),
    "an unusual delimiter": (lines("~").encode(), ["--delimiter", "~"]),
    "tabs that are named": (lines("\t").encode(), ["--delimiter", "tab"]),
    "no line of names": (
        lines(",", header=False).encode(),
        ["--no-header", "--text-column", "1", "--label-column", "2"],
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_table_in_another_dialect_is_read_once_that_is_said(cli: Cli, tmp_path: Path, dialect: str) -> None:
    """Encoding, delimiter and no header, as `score` takes them; both labels are counted."""
    content, options = DIALECTS[dialect]
    (tmp_path / "in.csv").write_bytes(content)
    code, out, err = cli("data", "check", tmp_path / "in.csv", "--format", "json", *options)
    assert (code, err) == (0, "")
    assert json.loads(out)["tiers"] == {"measured": 1, "sensational": 1}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("dialect", ["windows-1252", "no line of names"])
def test_a_dialect_that_is_not_said_is_asked_for_by_its_option(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, dialect: str
) -> None:
    """No command that reads labelled headlines ends where no option leads on; with the options, each gets further."""
    monkeypatch.chdir(tmp_path)
    content, options = DIALECTS[dialect]
    Path("in.csv").write_bytes(content)
    code, _, err = cli(*COMMANDS[command], "in.csv")
    assert (code, err.count("\n")) == (2, 1)
    assert options[0] in err
    assert "in.csv" in err
    _, _, err = cli(*COMMANDS[command], "in.csv", *options)
    assert not re.search(r"--encoding|--no-header|must have a column|not UTF-8", err)


def test_a_byte_of_another_encoding_is_named_by_its_row(cli: Cli, tmp_path: Path) -> None:
    """Far down in the file: one row of eight hundred was pasted from elsewhere."""
    plain = b"".join(b"Ferry number %d returns,measured\n" % number for number in range(799))
    (tmp_path / "in.csv").write_bytes(b"text,label\n" + plain + "Café opens,measured\n".encode("latin-1") + plain)
    code, _, err = cli("data", "check", tmp_path / "in.csv")
    assert code == 2
    row = re.search(r"in\.csv, row (\d+): not UTF-8", err)
    assert row  # lines are decoded some at a time: the row is that at which the reader stood
    assert 1 <= int(row[1]) <= 800
    assert "--encoding windows-1252" in err


def test_a_table_whose_name_ends_in_txt_is_read_as_what_it_is_said_to_be(cli: Cli, tmp_path: Path) -> None:
    """Without that it is headlines a line, which have no label, or the suffix is unknown; the line says the way out."""
    for name in ("labels.txt", "labels.dat"):
        (tmp_path / name).write_text(lines("\t"), encoding="utf-8")
        code, out, _ = cli("data", "check", tmp_path / name, "--input-format", "csv", "--format", "json")
        assert (code, json.loads(out)["rows"]) == (0, 2)
        code, _, err = cli("data", "check", tmp_path / name)
        assert (code, err.count("\n")) == (2, 1)
        assert "--input-format" in err


def test_stop_clickbaits_files_may_have_another_encoding(tmp_path: Path) -> None:
    """They have no columns, but they are text."""
    path = tmp_path / "clickbait_data"
    path.write_bytes("What the café did next\n\nYou won’t guess\n".encode("windows-1252"))
    with pytest.raises(TableError, match=r"line 1: not UTF-8 text .*--encoding windows-1252"):
        list(read_examples(path))
    found = [one.text for one in read_examples(path, form=Form(encoding="windows-1252"))]
    assert found == ["What the café did next", "You won’t guess"]


def test_each_file_takes_of_the_form_what_is_for_its_kind(tmp_path: Path) -> None:
    """A CSV file with semicolons stands beside JSON lines and Parquet, which have none."""
    (tmp_path / "a.csv").write_bytes(lines(";").encode("windows-1252"))
    (tmp_path / "b.jsonl").write_bytes('{"text": "Café shuts", "label": "measured"}\n'.encode("windows-1252"))
    pq.write_table(pa.table({"text": ["Café returns"], "label": ["measured"]}), tmp_path / "c.parquet")
    paths = [tmp_path / name for name in ("a.csv", "b.jsonl", "c.parquet")]
    corpus, _ = read_corpora(paths, form=Form(encoding="windows-1252", delimiter=";"))
    assert list(corpus.text) == [*(text for text, _ in ROWS), "Café shuts", "Café returns"]


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [
        ("a.jsonl", Form(delimiter=";"), "--delimiter and --no-header are for .csv"),
        ("a.parquet", Form(header=False), "--delimiter and --no-header are for .csv"),
        ("clickbait_data", Form(delimiter=";"), "--delimiter and --no-header are for .csv"),
        ("a.parquet", Form(encoding="windows-1252"), "--encoding is for files of text"),
    ],
)
def test_what_is_said_of_a_form_and_is_for_no_file_is_an_error(name: str, form: Form, said: str) -> None:
    """Somebody meant something by it."""
    with pytest.raises(TableError, match=re.escape(said)):
        require_use(form, [Path(name)])
    require_use(form, [Path(name), Path("beside.csv")])


def test_a_parquet_column_that_training_does_not_need_is_not_read(tmp_path: Path) -> None:
    """The articles beside the headlines, megabytes of them, may even be damaged."""
    path = tmp_path / "in.parquet"
    columns = {"text": ["Bank holds rates"], "body": ["Article " * 999], "class": ["real"], "publisher": ["The Gull"]}
    pq.write_table(pa.table(columns), path, compression="none", use_dictionary=False)
    chunk = pq.ParquetFile(path).metadata.row_group(0).column(1)
    content = bytearray(path.read_bytes())
    begin, size = chunk.data_page_offset, chunk.total_compressed_size
    content[begin : begin + size] = b"\xff" * size
    path.write_bytes(content)
    with pytest.raises(OSError, match=r".+"):
        pq.read_table(path)
    (one,) = read_examples(path, naming=Naming(label="class", words={"real": "measured"}))
    assert (one.text, one.publisher, one.sensational) == ("Bank holds rates", "The Gull", 0.0)
