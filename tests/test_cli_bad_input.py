"""Bad input to the command line: exit code 2, one line that says what was expected, and nothing left behind."""

import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from model.artefact import load
from model.artefact.manifest import SCHEMA
from model.errors import ArtefactError

PROGRAM = Path(sys.executable).with_name("broadsheet")
LABELS = "text,label\n" + "".join(f"Council approves budget {n},measured\n" for n in range(9))

Cli = Callable[..., tuple[int, str, str]]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Give everything under a folder, hidden files too."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(folder.rglob("*"))}


def assert_refused(ran: tuple[int, str, str], *expected: str) -> None:
    """Check exit code 2, nothing on stdout, and exactly one line on stderr, which says what was expected."""
    code, out, err = ran
    assert (code, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    for text in expected:
        assert text in err


LENGTH = "headline must be 1-500 characters, got "
SUFFIXES = "must end in one of .csv, .csv.gz, .jsonl, .parquet, .tsv, .tsv.gz, .txt"


@pytest.mark.parametrize(
    ("headline", "got"),
    [
        ("", "0"),
        ("   ", "only white space"),
        ("\u200b\ufeff", "only white space"),
        ("x" * 10_000, "10000"),
        ("x" * 501, "501"),
    ],
    ids=["empty", "blank", "invisible", "10,000 characters", "one too many"],
)
def test_a_headline_that_cannot_be_judged(cli: Cli, small_model: Path, headline: str, got: str) -> None:
    """As an argument beside a good one: its number, the accepted form, what was there."""
    ran = cli("score", "--model", small_model, "Bank holds rates", headline)
    assert_refused(ran, f"headline 2: {LENGTH}{got}\n")


def test_half_a_surrogate_pair_is_refused(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """An argument that is not UTF-8, and what JSON can escape, cannot be written out again."""
    said = "headline must be Unicode text, got half a surrogate pair"
    assert_refused(cli("score", "--model", small_model, "Caf\udce9 au lait"), f"headline 1: {said}")
    (tmp_path / "in.jsonl").write_text('{"text": "Lamps \\ud83d lit"}\n')
    ran = cli("score", "--model", small_model, "--input", tmp_path / "in.jsonl", "--output", tmp_path / "out.csv")
    assert_refused(ran, f"in.jsonl, row 1: {said}")


def test_a_full_disk_is_said_in_one_line(small_model: Path) -> None:
    """What cannot be printed is an error, and no traceback."""
    command = [str(PROGRAM), "score", "--model", str(small_model), "Bank holds rates"]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert_refused((ran.returncode, "", ran.stderr), "the output cannot be written: No space left on device")


def test_a_longest_headline_is_judged(cli: Cli, small_model: Path) -> None:
    """500 characters are within the limit."""
    assert cli("score", "--model", small_model, "x" * 500)[0] == 0


@pytest.mark.parametrize("stdin", ["", "\n \n"])
def test_no_headline_at_all(cli: Cli, small_model: Path, stdin: str) -> None:
    """Nothing on stdin says how headlines are given."""
    assert_refused(
        cli("score", "--model", small_model, stdin=stdin), "expected arguments, lines on stdin, or --input FILE"
    )


@pytest.mark.slow
@pytest.mark.parametrize("command", [("score",), ("page", "-")])
def test_stdin_without_an_end_is_refused(command: tuple[str, ...]) -> None:
    """Without the end of a line, a page's or of lines; what a device gives is not kept."""
    script = 'ulimit -d 400000; exec "$0" "$@" < /dev/zero'
    ran = subprocess.run(["bash", "-c", script, PROGRAM, *command], capture_output=True, text=True, check=False)
    assert_refused(
        (ran.returncode, ran.stdout, ran.stderr), "must ", "at most 1,000,000 char" if len(command) == 1 else ""
    )


def test_more_headlines_than_can_be_printed_are_refused(
    cli: Cli, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are judged before the first is printed, so that their number is bounded; in files it is not."""
    monkeypatch.setattr("broadsheet.batch.BATCH", 10)
    monkeypatch.setattr("broadsheet.batch.MOST_PRINTED", 30)
    monkeypatch.setattr("broadsheet.batch.MOST_EXPLAINED", 20)
    ask = ("score", "--model", small_model)
    assert cli(*ask, stdin="Bank holds rates\n" * 30)[0] == 0
    assert cli(*ask, "--explain", stdin="Bank holds rates\n" * 20)[0] == 0
    assert_refused(cli(*ask, stdin="Bank holds rates\n" * 31), "at most 30 headlines are printed", "--output")
    assert_refused(cli(*ask, "--explain", stdin="Bank holds rates\n" * 21), "at most 20 headlines are printed")


@pytest.mark.parametrize("kind", ["fifo", "device", "folder"])
def test_a_file_that_is_none_is_refused_without_waiting(cli: Cli, small_model: Path, tmp_path: Path, kind: str) -> None:
    """Wherever a file is named: headlines, a page, labels, settings, a model."""
    for name in ("in.csv", "in.txt", "page.html", "set.toml", "clickbait_data", "clickbait_data.gz"):
        path = tmp_path / name
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
        else:
            path.symlink_to("/dev/zero")
    model = ("--model", small_model)
    labels = [] if kind == "folder" else [("data", "check", tmp_path / f"clickbait_data{end}") for end in ("", ".gz")]
    for arguments in (
        ("score", "--input", tmp_path / "in.csv", *model),
        ("score", "--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv", *model),
        ("page", tmp_path / "page.html", *model),
        ("train", "--data", tmp_path / "in.csv", "--output", tmp_path / "out"),
        ("evaluate", "--data", tmp_path / "in.csv", *model),
        ("serve", "--config", tmp_path / "set.toml"),
        *labels,
    ):
        assert_refused(cli(*arguments))


@pytest.mark.parametrize("option", ["--output", "--report"])
def test_a_device_is_not_replaced_by_what_is_written(
    cli: Cli, small_model: Path, tmp_path: Path, fixtures: Path, option: str
) -> None:
    """A FIFO here, so that no test may take the place of /dev/null."""
    os.mkfifo(tmp_path / "out.csv")
    command = {"--output": ("score", "--input"), "--report": ("evaluate", "--data")}[option]
    arguments = (*command, fixtures / "headlines.csv", option, tmp_path / "out.csv", "--model", small_model)
    code, _, err = cli(*arguments)
    assert (code, err) == (2, f"Error: {tmp_path / 'out.csv'} cannot be written: not a regular file\n")
    assert (tmp_path / "out.csv").is_fifo()


@pytest.mark.parametrize("model", ["x" * 5000, "", "a\tb", "/dev/null", "/dev/zero/x", "/proc/self/mem", ".."])
@pytest.mark.parametrize("store", [False, True])
def test_an_odd_model_is_refused_in_one_line(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, store: bool
) -> None:
    """By every command that takes one, with a store and without."""
    monkeypatch.chdir(tmp_path)
    if store:
        monkeypatch.setenv("BROADSHEET_MODELS", str(tmp_path / "store"))
    else:
        monkeypatch.delenv("BROADSHEET_MODELS", raising=False)
    for command in (("score", "x"), ("page", "-"), ("models", "show"), ("models", "export", "--output", "out")):
        ran = cli(*command, "--model", model)
        assert_refused(ran)
        assert len(ran[2]) < 2100
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [("score",), ("page", "-")])
def test_stdin_that_is_not_utf8(cli: Cli, small_model: Path, command: tuple[str, ...]) -> None:
    """The line says where stdin stops being text."""
    said = {"score": "stdin, row 1: not UTF-8 text (byte 0xe9)", "page": "must be UTF-8 text; byte 3 is not"}[
        command[0]
    ]
    assert_refused(cli(*command, "--model", small_model, stdin=b"Caf\xe9 au lait"), said)


def files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Write the bad files, each with what its line must say."""
    gz = gzip.compress(("text\n" + "A headline that repeats itself\n" * 4_000).encode())
    content = {
        "empty cell.csv": (b'text,n\nBank holds rates,1\n"",2\n', f"row 2: {LENGTH}0"),
        "blank cell.csv": (b'text,n\nBank holds rates,1\n"  ",2\n', f"row 2: {LENGTH}only white space"),
        "endless cell.csv": (b"text\nBank holds rates\n" + b"x" * 10_000 + b"\n", f"row 2: {LENGTH}10000"),
        "number.jsonl": (b'{"text": "Bank holds rates"}\n{"text": 7}\n', "row 2: headline must be text, got a number"),
        "null.jsonl": (b'{"text": null}\n', "row 1: headline must be text, got nothing"),
        "lost.jsonl": (b'{"text": "Bank holds rates"}\n{"title": "Lamps"}\n', "row 2: "),
        "no column.csv": (b"title,n\nBank holds rates,1\n", "must have a column 'text'; its columns: title, n; name"),
        "half quote.csv": (
            b'text,n\nBank holds rates,1\n"Lamps li',
            "row 2: a cell begins with a quote that no other one ends",
        ),
        "half row.csv": (b"text,n\nBank holds rates,1\nLamps li", "row 2: 2 cells expected"),
        "no text.csv": (b"\x89PNG\r\n\x1a\n\x00\x00", "not UTF-8 text"),
        "nothing.csv": (b"", "the file is empty"),
        "nothing.jsonl": (b"", "the file is empty"),
        "broken.jsonl": (b'{"text": "Bank holds rates"}\n{"text": "La', "row 2: "),
        "a list.jsonl": (b'["Bank holds rates"]\n', "row 1: expected a JSON object"),
        "cut.csv.gz": (gz[: len(gz) // 2], "the compressed file is cut short or damaged"),
        "not gzip.csv.gz": (b"text\nBank holds rates\n", "gzip"),
        "no parquet.parquet": (b"text\nBank holds rates\n", "arquet"),
        "unknown.xlsx": (b"text\nBank holds rates\n", SUFFIXES),
    }
    for name, (data, _) in content.items():
        (folder / name).write_bytes(data)
    found = {name: (folder / name, said) for name, (_, said) in content.items()}
    (folder / "folder.csv").mkdir()
    return found | {
        "missing.csv": (folder / "missing.csv", "No such file or directory"),
        "folder.csv": (folder / "folder.csv", "Is a directory"),
    }


BAD_FILES = [
    *(
        "empty cell.csv",
        "blank cell.csv",
        "endless cell.csv",
        "number.jsonl",
        "null.jsonl",
        "lost.jsonl",
        "no column.csv",
    ),
    *("half quote.csv", "half row.csv", "no text.csv", "nothing.csv", "nothing.jsonl", "broken.jsonl", "a list.jsonl"),
    *("cut.csv.gz", "not gzip.csv.gz", "no parquet.parquet", "unknown.xlsx", "missing.csv", "folder.csv"),
]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_leaves_nothing_behind(cli: Cli, small_model: Path, tmp_path: Path, name: str) -> None:
    """The line names the file; an earlier output keeps its content, a new one does not appear, nor a folder for it."""
    path, said = files(tmp_path)[name]
    (tmp_path / "earlier.csv").write_text("what was there\n")
    before = snapshot(tmp_path)
    for output in ("earlier.csv", "new.parquet", "new/deep/folder/out.jsonl"):
        ran = cli("score", "--model", small_model, "--input", path, "--output", tmp_path / output)
        assert_refused(ran, str(path), said)
        assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_without_an_output_too(cli: Cli, small_model: Path, tmp_path: Path, name: str) -> None:
    """What would be printed is not begun."""
    path, _ = files(tmp_path)[name]
    assert_refused(cli("score", "--model", small_model, "--input", path))


def test_a_fault_after_many_good_rows_leaves_nothing_behind(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Two batches are written when row 4,501 turns out to be cut."""
    source = tmp_path / "in.csv"
    source.write_text("text,n\n" + "Bank holds rates,1\n" * 4_500 + '"Lamps')
    before = snapshot(tmp_path)
    for suffix in ("csv", "csv.gz", "jsonl", "parquet", "txt"):
        ran = cli("score", "--model", small_model, "--input", source, "--output", tmp_path / f"out.{suffix}")
        assert_refused(ran, f"{source}, row 4501: ")
        assert snapshot(tmp_path) == before


@pytest.mark.parametrize("output", ["out.xlsx", "out", "out.csv.zip"])
def test_an_unknown_suffix_of_the_output(cli: Cli, small_model: Path, tmp_path: Path, output: str) -> None:
    """The suffix decides how it is written, so it is named."""
    (tmp_path / "in.txt").write_text("Bank holds rates\n")
    before = snapshot(tmp_path)
    ran = cli("score", "--model", small_model, "--input", tmp_path / "in.txt", "--output", tmp_path / output)
    assert_refused(ran, output, SUFFIXES)
    assert snapshot(tmp_path) == before


def test_an_output_that_cannot_be_written(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """A folder stands there, or a file where a folder should be."""
    (tmp_path / "in.txt").write_text("Bank holds rates\n")
    (tmp_path / "taken.csv").mkdir()
    before = snapshot(tmp_path)
    for output in (tmp_path / "taken.csv", tmp_path / "in.txt" / "out.csv"):
        ran = cli("score", "--model", small_model, "--input", tmp_path / "in.txt", "--output", output)
        assert_refused(ran, f"{output} cannot be written")
        assert snapshot(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score", "--explian", "Bank holds rates"], "--explian"),
        (["scroe", "Bank holds rates"], "scroe"),
        (["score", "--format", "xml", "Bank holds rates"], "'table', 'json', 'csv'"),
        (["score", "--fail-on", "boredom", "Bank holds rates"], "sensational and/or clickbait"),
        (["score", "--output", "out.csv", "Bank holds rates"], "--output needs --input FILE"),
        (["score", "--input", "in.csv", "Bank holds rates"], "headlines or --input FILE, not both"),
        (["score", "--model"], "--model"),
        (["page"], "FILE"),
        (["page", "missing.html"], "missing.html cannot be read: No such file or directory"),
        (["page", "."], ". cannot be read: Is a directory"),
        (["train", "--data", "in.csv"], "--output"),
        (["train", "--output", "out"], "--data"),
        (["train", "--data", "in.csv", "--output", "out", "--seed", "-1"], "--seed"),
        (["evaluate"], "--data"),
        (["data", "check"], "FILE"),
        (["data", "chekc"], "chekc"),
        (["models", "promote-all"], "promote-all"),
        (["models", "promote", "x" * 300, "--store", "missing"], "xxx cannot be read: File name too long"),
        (["models", "show", "--model", "missing"], "missing must be a model folder with a manifest.json"),
        (["serve", "--port", "0"], "1<=x<=65535"),
        (["serve", "--port", "http"], "--port"),
        (["serve", "--workers", "0"], "1<=x<=64"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """Unknown, missing and malformed options, arguments and commands are named with what was expected."""
    monkeypatch.chdir(tmp_path)
    assert_refused(cli(*arguments), said)
    assert snapshot(tmp_path) == {}


def test_a_typing_error_is_met_with_the_help_to_read(cli: Cli) -> None:
    """The line ends in where to look."""
    assert cli("score", "--explian")[2].endswith("(see: broadsheet score --help)\n")


TRAINING = {
    "wrong label": (LABELS + "Lamps lit,tabloid\n", "row 10: label must be one of measured, sensational, clickbait"),
    "one class only": (LABELS, "axis must have labelled headlines of both classes, got only negative ones"),
    "one axis only": (
        LABELS + "Lamps lit,clickbait\n",
        "the clickbait axis must have 2 clickbait headlines or more, got 1",
    ),
    "no label column": ("text,publisher\nBank holds rates,Wowzerly\n", "must have a column label, tier, sensational"),
    "no text column": ("title,label\nBank holds rates,measured\n", "must have a column 'text'"),
    "half-written": (LABELS + '"Lamps', "row 10: "),
    "columns alone": ("text,label\n", "no labelled headline was given"),
    "wrong weight": ("text,label,weight\nBank,measured,heavy\n", "row 1: weight must be a number"),
}


@pytest.mark.parametrize("case", TRAINING)
@pytest.mark.parametrize("earlier", [False, True])
def test_what_cannot_be_learned_from(cli: Cli, small_model: Path, tmp_path: Path, case: str, earlier: bool) -> None:
    """No candidate appears; one that stands there from an earlier day stays as it was."""
    content, said = TRAINING[case]
    source, output = tmp_path / "in.csv", tmp_path / "deep" / "candidate"
    source.write_text(content)
    if earlier:
        shutil.copytree(small_model, output)
    before = snapshot(tmp_path)
    assert_refused(cli("train", "--data", source, "--output", output), said)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("case", ["wrong label", "no label column", "no text column", "half-written", "columns alone"])
@pytest.mark.parametrize("command", [("evaluate", "--data"), ("data", "check")], ids=" ".join)
def test_what_cannot_be_measured_or_checked(
    cli: Cli, small_model: Path, tmp_path: Path, command: tuple[str, ...], case: str
) -> None:
    """The same lines as in training."""
    content, said = TRAINING[case]
    (tmp_path / "in.csv").write_text(content)
    option = ["--model", small_model] if command[0] == "evaluate" else []
    assert_refused(cli(*command, tmp_path / "in.csv", *option), said)


def test_training_does_not_replace_what_is_no_model(cli: Cli, fixtures: Path, tmp_path: Path) -> None:
    """A folder of something else, or a file, is somebody's work."""
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("It was")
    (tmp_path / "notes").write_text("remember")
    before = snapshot(tmp_path)
    for output in ("thesis", "notes"):
        code, out, err = cli("train", "--data", fixtures / "headlines.csv", "--output", tmp_path / output)
        assert_refused((code, out, err.splitlines(keepends=True)[-1]), str(tmp_path / output), "must be")
        assert snapshot(tmp_path) == before


def names(folder: Path) -> list[str]:
    """List the files of a model."""
    return sorted(path.name for path in folder.iterdir())


def positions(size: int) -> list[int]:
    """Choose places in a file: both ends, the middle, and some between."""
    return sorted({0, 1, size // 7, size // 3, size // 2, size - size // 5, size - 2, size - 1})


def test_any_flipped_byte_is_refused(model_copy: Path) -> None:
    """Each file of the model in turn, the card and the pipelines too; undone, the model loads again."""
    assert len(names(model_copy)) >= 6
    for name in names(model_copy):
        path = model_copy / name
        content = path.read_bytes()
        for position in positions(len(content)):
            for flip in (0x01, 0x20, 0x80):
                changed = bytearray(content)
                changed[position] ^= flip
                path.write_bytes(changed)
                with pytest.raises(ArtefactError) as caught:
                    load(model_copy)
                assert str(model_copy) in str(caught.value), (name, position, flip)
        path.write_bytes(content)
    assert load(model_copy).version


def test_any_byte_of_the_manifest_may_turn_into_any_digit_or_mark(model_copy: Path) -> None:
    """What JSON reads as another value, such as 1e999 or NaN, is refused as damage too."""
    path = model_copy / "manifest.json"
    content = path.read_bytes()
    with path.open("r+b", buffering=0) as file:  # in place: a file that is written anew costs more than the load
        for position in range(0, len(content), 3):
            for new in set(b'e9"{\n') - {content[position]}:
                os.pwrite(file.fileno(), bytes([new]), position)
                with pytest.raises(ArtefactError):
                    load(model_copy)
            os.pwrite(file.fileno(), content[position : position + 1], position)
    assert load(model_copy).version


@pytest.mark.parametrize(
    "name", ["manifest.json", "weights.npy", "terms.txt.gz", "common.txt", "card.md", "pipelines.joblib"]
)
def test_a_damaged_model_is_refused_by_every_command(
    cli: Cli, model_copy: Path, fixtures: Path, tmp_path: Path, name: str
) -> None:
    """Changed, cut, emptied or gone: one line that names the model, from each command that takes one."""
    content = (model_copy / name).read_bytes()
    (tmp_path / "in.txt").write_text("Bank holds rates\n")
    commands: list[list[object]] = [
        ["score", "Bank holds rates"],
        ["score", "--input", tmp_path / "in.txt", "--output", tmp_path / "out.csv"],
        ["page", fixtures / "pages" / "seed_shaped.txt"],
        ["models", "show"],
        ["evaluate", "--data", fixtures / "headlines.csv"],
    ]
    damage: list[bytes | None] = [
        *(content[:-1] + bytes([content[-1] ^ 1]), content[: len(content) // 2], content + b"\n", b"", None)
    ]
    for changed in damage:
        (model_copy / name).unlink(missing_ok=True)
        if changed is not None:
            (model_copy / name).write_bytes(changed)
        before = snapshot(tmp_path)
        for command in commands:
            assert_refused(cli(*command, "--model", model_copy), str(model_copy))
        assert snapshot(tmp_path) == before


def rewrite(model: Path, **changes: object) -> None:
    """Change the manifest and sign it again, as another version of the program would."""
    manifest = json.loads((model / "manifest.json").read_text()) | changes
    del manifest["sha256"]
    unsigned = (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()
    manifest["sha256"] = hashlib.sha256(unsigned).hexdigest()
    (model / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def test_a_manifest_of_a_newer_schema_asks_for_an_upgrade(cli: Cli, model_copy: Path) -> None:
    """Not damage: the line says what to do. Signed again as it was, the same manifest is read."""
    rewrite(model_copy)
    assert cli("score", "--model", model_copy, "Bank holds rates")[0] == 0
    rewrite(model_copy, schema=SCHEMA + 1)
    ran = cli("score", "--model", model_copy, "Bank holds rates")
    assert_refused(ran, str(model_copy), f"schema {SCHEMA + 1}, newer than {SCHEMA}: upgrade Broadsheet")


@pytest.mark.parametrize(
    "changes", [{"files": []}, {"axes": {}}, {"terms": {}}, {"version": "000000000000"}, {"schema": "1"}]
)
def test_a_manifest_that_makes_no_sense_is_refused(cli: Cli, model_copy: Path, changes: dict[str, object]) -> None:
    """Its own hash is right, but what it says is not a model."""
    rewrite(model_copy, **changes)
    assert_refused(cli("score", "--model", model_copy, "Bank holds rates"), str(model_copy))


@pytest.fixture
def running(small_model: Path, tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A `score` that has begun to write its output and has some seconds of work left."""
    (tmp_path / "big.csv").write_text("text\n" + "Bank holds rates as the council hears of lamps\n" * 300_000)
    (tmp_path / "out.csv").write_text("what was there\n")
    command = [
        PROGRAM,
        "score",
        "--model",
        small_model,
        "--input",
        tmp_path / "big.csv",
        "--output",
        tmp_path / "out.csv",
    ]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE) as process:
        try:
            while process.poll() is None and not list(tmp_path.glob(".out.csv.*/out.csv")):
                time.sleep(0.01)
            assert process.poll() is None
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_stopped_run_leaves_nothing_behind(
    running: "subprocess.Popen[bytes]", tmp_path: Path, number: signal.Signals, code: int
) -> None:
    """Ctrl-C, a polite kill, a closed terminal: the earlier output stays, the unfinished one goes, no traceback."""
    running.send_signal(number)
    _, err = running.communicate()
    assert running.returncode == code
    said = ["stopped; nothing half-written was left"] if number == signal.SIGINT else []
    assert err.decode().strip().splitlines() == said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text() == "what was there\n"


def test_the_installed_program_refuses_as_these_tests_do(small_model: Path) -> None:
    """Once through the real process: code 2, one line, no traceback."""
    command = [str(PROGRAM), "score", "--model", str(small_model), "x" * 10_000]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert_refused((ran.returncode, ran.stdout, ran.stderr), LENGTH + "10000")
