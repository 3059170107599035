"""What is printed steers no terminal, and a stream that was closed costs one line, whatever the command."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.shown.progress import progress_bar, stages
from broadsheet.shown.tables import PlainConsole, grid
from broadsheet.shown.terminal import open_streams, say
from model.artefact import load, save
from model.plain import plain_cells, plain_lines
from model.store import Store

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).with_name("broadsheet")
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eback\u2066\u200f\x7f\x85\r\U000e0041[/] [bold]x"
LABELLED = [
    ("Council approves budget {}", "measured"),
    ("Mum sobs in {} hell", "sensational"),
    ("Won't {}", "clickbait"),
]

Cli = Callable[..., tuple[int, str, str]]
Make = Callable[..., Path]


@pytest.fixture
def evil_model(make: Make) -> Path:
    """A sound model whose manifest is full of escapes, wherever text may stand."""
    folder = make(1)
    figures = {"sensational": {f"auc {EVIL}": [0.5, 0.4, 0.6], f"n {EVIL}": 7}}
    corpora = [{"name": f"corpus {EVIL}", "rows": 7, "sha256": EVIL}]
    texts = {name: f"{name} {EVIL}" for name in ("name", "created", "rule")}
    save(load(folder), folder, {**texts, "seed": 7, "corpora": corpora, "metrics": {f"set {EVIL}": figures}})
    return folder


def assert_plain(*printed: str) -> None:
    """Check that something was printed, and nothing that steers."""
    assert "".join(printed).strip()
    for text in printed:
        assert text == plain_lines(text)


@pytest.mark.parametrize("style", [(), ("--explain",), ("--format", "csv"), ("--format", "csv", "--explain")], ids=str)
@pytest.mark.parametrize("command", ["score", "page"])
def test_headlines_steer_nothing(cli: Cli, small_model: Path, command: str, style: tuple[str, ...]) -> None:
    """In a table, with evidence, as CSV; on a page, whose cleaning is another one."""
    headline = f"Fury as lamps go {EVIL} out in the north of the county"
    given = (headline,) if command == "score" else ("-",)
    stdin = "" if command == "score" else f"<h1>{headline}</h1><h2>{headline} again</h2>"
    code, out, err = cli(command, *given, *style, "--model", small_model, stdin=stdin)
    assert code == 0
    assert plain_cells(out) == out
    assert "lamps" in out
    assert plain_lines(err) == err


def test_csv_on_a_terminal_holds_no_return(cli: Cli, small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would write over what stands in the line; through a pipe a cell may hold one."""
    ask = ("score", "--format", "csv", "--model", small_model, "Lamps lit\rin the north")
    assert "lit\rin" in cli(*ask)[1]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert "lit in" in cli(*ask)[1]


def test_json_is_exactly_the_data(cli: Cli, small_model: Path, evil_model: Path) -> None:
    """In escapes, so that it steers nothing either."""
    headline = f"Fury {EVIL}"
    _, out, _ = cli("score", headline, "--model", small_model, "--format", "json", "--explain")
    assert_plain(out)
    assert json.loads(out)["results"][0]["headline"] == headline
    _, out, _ = cli("models", "show", "--model", evil_model, "--format", "json")
    assert_plain(out)
    assert json.loads(out)["name"] == f"name {EVIL}"


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_written_files_keep_what_was_there(cli: Cli, small_model: Path, tmp_path: Path, suffix: str) -> None:
    """A file is data: nobody looks at it before a program does."""
    headline = f"Fury {EVIL}"
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": headline}))
    output = tmp_path / f"out.{suffix}"
    assert cli("score", "--input", tmp_path / "in.jsonl", "--output", output, "--model", small_model)[0] == 0
    content = output.read_bytes().decode()
    row = next(csv.DictReader(io.StringIO(content, newline=""))) if suffix == "csv" else json.loads(content)
    assert row["text"] == headline


def test_a_manifest_steers_nothing(cli: Cli, evil_model: Path, tmp_path: Path) -> None:
    """Shown, listed and promoted; brackets are no markup in it."""
    code, out, err = cli("models", "show", "--model", evil_model)
    assert (code, err) == (0, "")
    assert_plain(out)
    assert out.count("[/] [bold]x") == 7  # name, created, rule, corpus, set, two figures
    store = Store(tmp_path / "store")
    store.promote(str(evil_model))
    code, out, err = cli("models", "list", "--store", store.folder)
    assert (code, err) == (0, "")
    assert_plain(out)


def test_names_of_files_steer_nothing(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Where they are missing, damaged, written, empty; in options as well."""
    folder = tmp_path / EVIL.replace("/", "")
    folder.mkdir()
    (folder / "in.txt").write_text("Bank holds rates\n")
    (folder / "bad.csv").write_text("title\nx\n")
    (folder / "empty.html").write_text("<p></p>")
    model = ("--model", small_model)
    for arguments in (
        ("score", "--input", folder / "missing.csv", *model),
        ("score", "--input", folder / "bad.csv", *model),
        ("score", "--input", folder / "in.txt", "--output", folder / "out.csv", *model),
        ("score", "--input", folder / "in.txt", "--output", folder / "out.xls", *model),
        ("score", "Bank holds rates", "--model", folder),
        ("page", folder / "empty.html", *model),
        ("page", folder / "missing.html", *model),
        ("models", "show", "--model", folder),
        ("models", "list", "--store", folder / "store"),
        ("models", "promote", folder, "--store", folder / "store"),
        ("models", "export", "--output", folder / "model", *model),
        ("data", "check", folder / "missing.csv"),
        ("train", "--data", folder / "missing.csv", "--output", folder / "x"),
        ("evaluate", "--data", folder / "missing.csv", *model),
        ("serve", "--config", folder / "missing.toml"),
        ("score", f"--{EVIL}"),
        (EVIL,),
        ("score", "--fail-on", EVIL, "x"),
        ("evaluate", "--data", "x", "--require", EVIL),
    ):
        _, out, err = cli(*arguments)
        assert_plain(out, err)
        assert err.count("\n") <= 1


def test_publishers_and_corpora_steer_nothing(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """As the data check and the measurement name them."""
    rows = [
        {"text": text.format(number), "label": label, "publisher": f"{label} {EVIL}{number % 2}"}
        for number in range(40)
        for text, label in LABELLED
    ]
    path = tmp_path / f"in {EVIL.replace('/', '')}.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    for arguments in (("data", "check", path), ("evaluate", "--data", path, "--model", small_model)):
        code, out, err = cli(*arguments)
        assert (code, err) == (0, "")
        assert_plain(out)


def test_a_progress_bar_steers_nothing_and_reads_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own escapes apart, which move it."""
    shown = io.StringIO()
    monkeypatch.setattr(shown, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", shown)
    with progress_bar(f"judging {EVIL}") as progress:
        progress(0.5)
    with stages() as stage:
        stage(f"reading {EVIL}")
    assert "owned" in shown.getvalue()
    assert not {"\x07", "\x9b", "\u202e", "\u2066", "\x1b]"} & set(shown.getvalue())
    assert "\x1b]" not in shown.getvalue()


def test_what_is_printed_past_the_cells_is_filtered_too(capsys: pytest.CaptureFixture[str]) -> None:
    """The console is the last place before the terminal; a table's header is a cell as well."""
    PlainConsole().print(EVIL, markup=False)
    PlainConsole().print(grid([EVIL], [[EVIL]]))
    assert_plain(capsys.readouterr().out)


CLOSED: dict[str, tuple[str, ...]] = {
    "help": ("--help",),
    "bare": (),
    "version": ("--version",),
    "help of a command": ("score", "--help"),
    "table": ("score", "Bank holds rates"),
    "csv": ("score", "Bank holds rates", "--format", "csv"),
    "json": ("score", "Bank holds rates", "--format", "json"),
    "show": ("models", "show"),
    "show as json": ("models", "show", "--format", "json"),
    "key": ("key",),
    "promote": ("models", "promote", "model/default", "--store"),
    "list": ("models", "list", "--format", "json", "--store"),
    "export": ("models", "export", "--output"),
    "check": ("data", "check", "fixtures/headlines.csv"),
    "page": ("page", "fixtures/pages/seed_shaped.txt"),
    "evaluate": ("evaluate", "--data", "fixtures/headlines.csv"),
}


def closed(streams: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the program from a shell that closes streams first."""
    command = ["bash", "-c", f'exec "$0" "$@" {streams}', str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def arguments_of(case: str, tmp_path: Path) -> tuple[object, ...]:
    """Give a case's arguments, with a folder where the last one names none."""
    given = CLOSED[case]
    return (*given, tmp_path / "folder") if given and given[-1] in {"--store", "--output"} else given


@pytest.mark.slow
@pytest.mark.parametrize("case", CLOSED)
def test_a_closed_stdout_is_said_in_one_line(case: str, tmp_path: Path) -> None:
    """Exit code 2, as for a full disk; the one line is on stderr."""
    ran = closed(">&-", *arguments_of(case, tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "Error: the output cannot be written: Bad file descriptor\n"


@pytest.mark.slow
@pytest.mark.parametrize("case", CLOSED)
def test_a_closed_stderr_and_stdin_change_no_answer(
    case: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is printed is as long as what is printed with them: `key` makes another each time."""
    monkeypatch.chdir(ROOT)
    ran = closed("2>&- <&-", *arguments_of(case, tmp_path / "one"))
    code, out, _ = cli(*arguments_of(case, tmp_path / "two"))
    assert (ran.returncode, code) == (0, 0)
    assert len(ran.stdout) == len(out)


@pytest.mark.slow
def test_all_streams_may_be_closed(tmp_path: Path) -> None:
    """A file that is opened does not get the number of one of them, and is not written into."""
    (tmp_path / "in.txt").write_text("Bank holds rates\n")
    ran = closed(">&- 2>&- <&-", "score", "--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv")
    assert ran.returncode == 0
    assert (tmp_path / "out.csv").read_text().startswith("text,label,")
    assert (tmp_path / "in.txt").read_text() == "Bank holds rates\n"
    assert closed(">&- 2>&- <&-", "scrore").returncode == 2


@pytest.mark.slow
@pytest.mark.parametrize(("command", "said"), [("score", "no headline was given"), ("page -", "no headline was found")])
def test_a_closed_stdin_is_an_empty_one(command: str, said: str) -> None:
    """It says so as an empty one does."""
    assert said in closed("<&-", *command.split()).stderr


@pytest.mark.slow
@pytest.mark.parametrize("streams", ["2>/dev/full", ">/dev/full", ">/dev/full 2>/dev/full", "0>/dev/null"])
def test_streams_that_take_or_give_nothing_cost_no_traceback(streams: str) -> None:
    """A full disk, and a stdin that can only be written."""
    for arguments in (("score", "Bank holds rates"), ("scrore",), ("score",), ("page", "-"), ("--help",)):
        ran = closed(streams, *arguments)
        assert ran.returncode in {0, 2}
        assert "Traceback" not in ran.stderr
        assert ran.stderr.count("\n") <= 1


ODD = "Bank ‘holds’ Ωåß rates 標題 🗞"
SAID: dict[str, tuple[str, ...]] = {
    "table": ("score", ODD),
    "evidence": ("score", ODD, "--explain"),
    "csv": ("score", ODD, "--format", "csv"),
    "json": ("score", ODD, "--format", "json"),
    "judged file": ("score", "--input", "‘in’.txt", "--output", "‘out’.csv"),
    "page": ("page", "‘page’.html"),
    "page as csv": ("page", "‘page’.html", "--format", "csv"),
    "no headline": ("page", "‘empty’.html"),
    "show": ("models", "show"),
    "promote": ("models", "promote", "‘model’", "--store", "‘store’"),
    "check": ("data", "check", "‘data’.csv"),
    "check as json": ("data", "check", "‘data’.csv", "--format", "json"),
    "evaluate": ("evaluate", "--data", "‘data’.csv"),
    "missing file": ("score", "--input", "‘missing’.csv"),
    "missing model": ("score", "x", "--model", "‘missing’"),
    "wrong option": ("score", "--‘odd’"),
    "wrong command": ("‘odd’",),
    "help": ("score", "--help"),
    "key": ("key",),
}
WRONG = {"missing file", "missing model", "wrong option", "wrong command"}


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "ascii:strict", "utf-16"])
@pytest.mark.parametrize("case", SAID)
def test_a_character_that_an_encoding_lacks_is_replaced(make: Make, tmp_path: Path, case: str, encoding: str) -> None:
    """On stdout and stderr, in tables, CSV and errors; JSON has escapes and is the same data."""
    rows = [f'"{text.format(number)} {ODD}",{label},‘{label}’' for number in range(40) for text, label in LABELLED]
    (tmp_path / "‘data’.csv").write_text("text,label,publisher\n" + "\n".join(rows), encoding="utf-8")
    (tmp_path / "‘in’.txt").write_text(ODD, encoding="utf-8")
    (tmp_path / "‘page’.html").write_text(f"<h1>{ODD} and more of it</h1><h2>{ODD} again</h2>", encoding="utf-8")
    (tmp_path / "‘empty’.html").write_text("<p></p>")
    make(1).rename(tmp_path / "‘model’")
    asked = SAID[case]
    takes_model = asked[0] in {"score", "page", "evaluate"} and "--help" not in asked and case != "missing model"
    model = ("--model", "‘model’") if takes_model or case == "show" else ()
    command = ["env", f"PYTHONIOENCODING={encoding}", str(PROGRAM), *asked, *model]
    ran = subprocess.run(command, capture_output=True, check=False, cwd=tmp_path)
    name = encoding.partition(":")[0]
    out, err = ran.stdout.decode(name), ran.stderr.decode(name)
    assert "Traceback" not in err
    assert ran.returncode == (2 if case in WRONG else 0)
    assert err.count("\n") == (1 if case in WRONG | {"no headline", "judged file", "key"} else 0)
    if case == "json":
        assert json.loads(out)["results"][0]["headline"] == ODD
    if case in {"table", "evidence", "csv"} and name == "ascii":
        assert "Bank ?holds? ??? rates ?? ?" in out.replace("[", "").replace("]", "")
    if case == "judged file":
        assert ODD in (tmp_path / "‘out’.csv").read_text(encoding="utf-8")


def test_a_progress_bar_is_drawn_with_what_the_encoding_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a stage of which it lacks a letter."""
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(shown, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", shown)
    open_streams()
    with progress_bar(f"judging {ODD}") as progress:
        progress(0.5)
    with stages() as stage:
        stage(f"reading {ODD}")
    assert b"judging Bank ?holds? ???" in shown.buffer.getvalue()


def test_what_somebody_asked_of_an_encoding_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as PYTHONIOENCODING=ascii:xmlcharrefreplace."""
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="xmlcharrefreplace")
    monkeypatch.setattr(sys, "stdout", shown)
    open_streams()
    say("‘")
    assert shown.buffer.getvalue() == b"&#8216;\n"
