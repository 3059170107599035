"""Every command line that README, docs and help texts show is run, in a folder that holds the files it names.

What an example prints is compared where it shows it: the README's first one and docs/http.md's in
`test_default_model.py`, Python's in `test_broadsheet.py`, settings in `test_service_settings.py`, those of the OpenAPI
document in `test_service_openapi.py`; systemd, Docker and nginx in `test_deployment.py`.
"""

import csv
import re
import shlex
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click
import pytest

from broadsheet.cli import COMMANDS, broadsheet
from model.judgement import AXES
from model.scorer import Scorer
from model.tables.reader import TableReader
from model.tables.writer import TableWriter
from tests.conftest import Cli

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", *sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("docs/*.md")))
_FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_LINE = re.compile(r"^ *(?:\$ )?((?:BROADSHEET_\w+=\S+ )*broadsheet (?!-).*)$", re.MULTILINE)
SAYS_NO = {"--fail-on", "--require", "--strict"}  # with these, exit code 1 is an answer
WORDS = {"sensational": "fake", "measured": "real"}
WRITTEN = {"--output", "--report", "--store"}  # before a path that the command makes


def _of_help() -> Iterator[str]:
    pending: list[tuple[click.Command, click.Context]] = [
        (broadsheet, click.Context(broadsheet, info_name="broadsheet", **broadsheet.context_settings))
    ]
    while pending:
        command, context = pending.pop()
        yield from _examples(command.get_help(context).split("Options:")[0].split("\n", 1)[1])  # behind the usage
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner
                pending.append((inner, click.Context(inner, parent=context, info_name=name)))


def _of_pages() -> Iterator[str]:
    for page in PAGES:
        for block in _FENCED.findall((ROOT / page).read_text(encoding="utf-8")):
            yield from _examples(block)


def _examples(text: str) -> Iterator[str]:
    """Give the command lines, each whole, without a remark behind it."""
    whole = re.sub(r"\\\n\s*", "", text)
    yield from (line.split("   #")[0].strip() for line in _LINE.findall(whole))


EXAMPLES = sorted({*_of_help(), *_of_pages()})


def test_examples_are_found() -> None:
    """Of the page that everybody reads first, and of every command's help."""
    assert len(EXAMPLES) > 30
    assert {example.split("broadsheet ")[1].split()[0] for example in EXAMPLES} >= set(COMMANDS)


@pytest.fixture
def folder(tmp_path: Path, small_model: Path, fixtures: Path, monkeypatch: pytest.MonkeyPatch, cli: Cli) -> Path:
    """A folder with what examples count on: a candidate, a store with two versions, and this project's fixtures."""
    shutil.copytree(small_model, tmp_path / "build" / "candidate")
    shutil.copytree(fixtures, tmp_path / "fixtures")
    monkeypatch.chdir(tmp_path)
    for model in ("build/candidate", str(ROOT / "model" / "default")):
        assert cli("models", "promote", model, "--store", "models")[0] == 0
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_does_what_it_says(
    example: str, folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, small_model: Path
) -> None:
    """It ends well; where it asks for a check, with the check's answer, and where it serves, its options are right."""
    given, command = example.split("broadsheet ", 1)
    for setting in given.split():
        monkeypatch.setenv(*setting.split("=", 1))
    words = shlex.split(command.replace("0123456789ab", Scorer.load(small_model).version))
    stdin = b""
    if "<" in words:
        stdin = _made(folder / words.pop(words.index("<") + 1)).read_bytes()
        words.remove("<")
    for before, word in pairwise(["", *words]):
        is_file = Path(word).suffix in {".csv", ".gz", ".jsonl", ".parquet", ".txt", ".html"} or word.endswith(
            "bait_data"
        )
        if is_file and before not in WRITTEN:
            _made(folder / word)
    if words[0] == "serve":
        command_of = broadsheet.get_command(click.Context(broadsheet, **broadsheet.context_settings), "serve")
        assert command_of
        command_of.make_context("serve", words[1:])
        return
    code, out, err = cli(*words, stdin=stdin)
    assert code == 0 or (code == 1 and SAYS_NO & set(words)), err
    assert "Traceback" not in err
    assert out or err


def _made(path: Path) -> Path:
    """Make a file of the kind that its name says, from this project's headlines and pages."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".html":
        path.write_bytes((ROOT / "fixtures" / "pages" / "tabloid_front.html").read_bytes())
    elif path.name == "article.txt":
        path.write_bytes((ROOT / "fixtures" / "pages" / "seed_shaped.txt").read_bytes())
    elif path.name in {"clickbait_data", "non_clickbait_data"}:
        rows = [row for row in _rows() if (row["label"] == "clickbait") == (path.name == "clickbait_data")]
        path.write_text("".join(f"{row['text']}\n\n" for row in rows), encoding="utf-8")
    elif not path.exists():
        rows = _rows()[{"test": 0, "a": 1, "b": 2}.get(path.name.split(".")[0], 1) :: 3]  # no headline stands in two
        if path.name == "news.csv":
            rows = [row | {"class": WORDS[row["label"]]} for row in rows if row["label"] in WORDS]
        if path.name in {"rated.csv", "a.csv.gz", "b.csv.gz"}:
            rows = [row | {f"{axis}_mean": str(0.9 * (row["label"] == axis)) for axis in AXES} for row in rows]
        with TableWriter(path, list(rows[0]) if path.suffix != ".txt" else ["text"]) as writer:
            writer.write(rows)
        if path.name == "export.csv":  # as a spreadsheet of Windows saves it in much of Europe
            with path.open("w", encoding="cp1252", errors="replace", newline="") as file:
                csv.writer(file, delimiter=";").writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return path


def _rows() -> list[dict[str, str]]:
    with TableReader(ROOT / "fixtures" / "headlines.csv") as table:
        return [{**row, "title": row["text"]} for row in table]
