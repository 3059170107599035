"""The command line, walked as a stranger would, and checked against what the HTTP service says."""

import csv
import gzip
import io
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from broadsheet.cli import COMMANDS
from model.scorer import Scorer
from model.tables.reader import SUFFIXES, Row, TableReader
from model.tables.writer import TableWriter
from service.app import create_app
from service.settings import Settings
from tests.conftest import client_of

PROGRAM = Path(sys.executable).with_name("broadsheet")
HEADLINES = (
    "Council approves library budget",
    "21 Lamps That Will Change Your LIFE",
    "Fury as dad, 43, SLAMS cockerel!",
)
VERDICT = ["label", "quality", "sensational", "clickbait", "reason"]

Cli = Callable[..., tuple[int, str, str]]


def run(*arguments: object, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Run the installed program, with nothing of this process but the path to Python."""
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(PROGRAM), *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, env=environment, check=False)


def write(path: Path, rows: Sequence[Row]) -> Path:
    """Write rows as one batch."""
    with TableWriter(path, list(rows[0])) as writer:
        writer.write(list(rows))
    return path


def read(path: Path) -> tuple[list[str], list[Row]]:
    """Read columns and all rows."""
    with TableReader(path) as table:
        return table.columns, list(table)


def results(out: str) -> list[dict[str, Any]]:
    """Give the results of `--format json`."""
    found: list[dict[str, Any]] = json.loads(out)["results"]
    return found


@pytest.mark.slow
def test_a_stranger_trains_scores_measures_and_looks(fixtures: Path, tmp_path: Path) -> None:
    """One walk through the installed program: a model is trained, judges, is measured and shown."""
    data, model, rows = fixtures / "headlines.csv", tmp_path / "build" / "candidate", tmp_path / "rows.csv"

    checked = run("data", "check", data)
    assert (checked.returncode, checked.stderr) == (0, "")
    trained = run("train", "--data", data, "--output", model, "--name", "walk")
    assert trained.returncode == 0, trained.stderr
    assert {path.name for path in model.iterdir()} >= {"manifest.json", "card.md", "pipelines.joblib", "weights.npy"}
    version = json.loads((model / "manifest.json").read_text())["version"]

    scored = run("score", "--model", model, "--format", "json", *HEADLINES)
    assert (scored.returncode, scored.stderr) == (0, "")
    assert json.loads(scored.stdout)["model"] == version
    assert [one["headline"] for one in results(scored.stdout)] == list(HEADLINES)

    rows.write_text("text\n" + "\n".join(f'"{headline}"' for headline in HEADLINES) + "\n")
    judged = run("score", "--model", model, "--input", rows, "--output", tmp_path / "judged.jsonl")
    assert (judged.returncode, judged.stdout) == (0, "")
    assert [row["text"] for row in read(tmp_path / "judged.jsonl")[1]] == list(HEADLINES)

    measured = run("evaluate", "--model", model, "--data", data, "--format", "json")
    assert measured.returncode == 0, measured.stderr
    assert set(json.loads(measured.stdout)["data"]["headlines"]) == {"sensational", "clickbait"}
    shown = run("models", "show", "--model", model, "--format", "json")
    assert (shown.returncode, json.loads(shown.stdout)["name"], json.loads(shown.stdout)["version"]) == (
        0,
        "walk",
        version,
    )


@pytest.mark.slow
def test_bare_broadsheet_prints_help_and_is_done() -> None:
    """Whoever types the name alone is told what it does, on stdout, and has made no mistake."""
    ran = run()
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Usage: broadsheet ")
    assert all(f"\n  {name} " in ran.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    "command", [*((name,) for name in COMMANDS), ("data", "check"), ("models", "show")], ids=" ".join
)
def test_the_help_of_each_command_has_an_example(cli: Cli, command: tuple[str, ...]) -> None:
    """An example stands on a line of its own, ready to copy, and names its command."""
    code, out, err = cli(*command, "--help")
    assert (code, err) == (0, "")
    examples = [line.strip() for line in out.splitlines() if f"broadsheet {' '.join(command)}" in line][
        1:
    ]  # 0 is Usage
    assert any(line.startswith("broadsheet ") for line in examples)
    assert "\\b" not in out
    assert all(len(line) < 100 for line in out.splitlines())


def test_the_version_is_told(cli: Cli) -> None:
    """`--version` gives name and number."""
    code, out, _ = cli("--version")
    assert code == 0
    assert out.startswith("broadsheet 0.")


def test_scoring_imports_neither_scikit_learn_nor_flask_nor_scipy(small_model: Path) -> None:
    """A cold start pays for what it uses; a server of judgements needs NumPy alone."""
    program = (
        "import sys\n"
        "from broadsheet.cli import main\n"
        f"sys.argv = ['broadsheet', 'score', '--model', {str(small_model)!r}, '--explain', 'Bank holds rates']\n"
        "try: main()\n"
        "except SystemExit as left: assert left.code == 0\n"
        "heavy = {'sklearn', 'scipy', 'joblib', 'flask', 'werkzeug', 'gunicorn', 'pyarrow', 'pandas', 'lxml'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_help_imports_nothing_heavy() -> None:
    """Listing the commands imports none of them."""
    program = (
        "import sys, broadsheet.cli\n"
        "sys.argv = ['broadsheet', '--help']\n"
        "try: broadsheet.cli.main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'rich', 'broadsheet.commands', 'training', 'service'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[1]
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("explain", [False, True])
def test_json_of_the_command_line_is_the_body_of_the_http_call(
    cli: Cli, small_model: Path, scorer: Scorer, explain: bool
) -> None:
    """The same headlines, the same model, the same fields and figures, with evidence and without."""
    client = client_of(create_app(Settings(), scorer))
    asked = {"headlines": list(HEADLINES), "explain": explain}
    option = ["--explain"] if explain else []
    code, out, _ = cli("score", "--model", small_model, "--format", "json", *option, *HEADLINES)
    assert code == 0
    assert json.loads(out) == client.post("/v1/score", json=asked).get_json()


def test_page_json_of_the_command_line_is_the_body_of_the_http_call(
    cli: Cli, small_model: Path, scorer: Scorer, fixtures: Path
) -> None:
    """The same for a saved page, from a file and from stdin; besides, what was read of a file's bytes."""
    page = (fixtures / "pages" / "tabloid_front.html").read_text()
    expected = client_of(create_app(Settings(), scorer)).post("/v1/page", json={"html": page}).get_json()
    expected |= {"encoding": "utf-8", "damage": 0}
    options = ["--model", small_model, "--format", "json"]
    assert json.loads(cli("page", fixtures / "pages" / "tabloid_front.html", *options)[1]) == expected
    assert json.loads(cli("page", "-", *options, stdin=page)[1]) == expected
    assert json.loads(cli("page", "-", "--as", "html", *options, stdin=page)[1]) == expected


def test_arguments_lines_on_stdin_and_files_are_judged_alike(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Blank lines and a last line without an end are no headlines and no fault."""
    options = ["score", "--model", small_model, "--format", "json"]
    expected = cli(*options, *HEADLINES)[1]
    lines = "\n".join(HEADLINES)
    assert cli(*options, stdin=f"\n{lines}")[1] == expected
    assert cli(*options, stdin="\ufeff" + lines.replace("\n", "\r\n") + "\r\n\r\n")[1] == expected
    for suffix in SUFFIXES:
        path = write(tmp_path / f"rows{suffix}", [{"text": headline} for headline in HEADLINES])
        assert cli(*options, "--input", path)[1] == expected


def test_a_headline_on_stdin_ends_at_the_line_end_only(cli: Cli, small_model: Path) -> None:
    """U+2028 and a form feed stand within headlines of some feeds."""
    out = cli("score", "--model", small_model, "--format", "json", stdin="Bank\u2028holds\x0crates\nLamps lit\n")[1]
    assert [one["headline"] for one in results(out)] == ["Bank\u2028holds\x0crates", "Lamps lit"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("source", [".csv", ".jsonl", ".parquet"])
def test_a_file_comes_back_with_its_verdicts(
    cli: Cli, small_model: Path, scorer: Scorer, tmp_path: Path, source: str, suffix: str
) -> None:
    """Every column, every row, in order, whatever goes in and whatever comes out."""
    rows = [{"id": str(9 - n), "text": headline, "desk": "a, b"} for n, headline in enumerate(HEADLINES)]
    code, out, err = cli(
        "score",
        "--model",
        small_model,
        "--input",
        write(tmp_path / f"in{source}", rows),
        "--output",
        tmp_path / f"out{suffix}",
    )
    assert (code, out) == (0, "")
    assert err.startswith(f"{tmp_path / f'out{suffix}'}: 3 headlines: ")
    judged = scorer.judge(HEADLINES)
    expected = [
        [
            *map(str, row.values()),
            one.label,
            str(one.quality),
            str(round(one.sensational, 6)),
            str(round(one.clickbait, 6)),
            one.reason or "",
        ]
        for row, one in zip(rows, judged, strict=True)
    ]
    if suffix == ".txt":
        assert [line.split("\t") for line in (tmp_path / "out.txt").read_text().splitlines()] == expected
        return
    columns, found = read(tmp_path / f"out{suffix}")
    assert columns == ["id", "text", "desk", *VERDICT]
    assert [["" if cell is None else str(cell) for cell in row.values()] for row in found] == expected


def test_the_evidence_of_a_file_is_json(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """A CSV cell holds it as JSON; its parts sum to the log-odds of the probability beside it."""
    source = write(tmp_path / "in.csv", [{"text": HEADLINES[2]}])
    assert (
        cli("score", "--model", small_model, "--explain", "--input", source, "--output", tmp_path / "out.csv")[0] == 0
    )
    columns, (row,) = read(tmp_path / "out.csv")
    assert columns == ["text", *VERDICT, "evidence"]
    evidence = json.loads(row["evidence"])
    for axis in ("sensational", "clickbait"):
        total = evidence["bias"][axis] + evidence["rest"][axis] + sum(span[axis] for span in evidence["spans"])
        assert 1 / (1 + math.exp(-total)) == pytest.approx(float(row[axis]), abs=2e-6)


def test_input_columns_with_the_name_of_a_verdict_are_renamed(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """What was judged can be judged again, and again: nothing of the input is lost."""
    once, twice, thrice = tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "3.csv"
    source = write(tmp_path / "in.csv", [{"label": "mine", "text": HEADLINES[0], "evidence": "seen"}])
    for given, made in ((source, once), (once, twice), (twice, thrice)):
        assert cli("score", "--model", small_model, "--input", given, "--output", made)[0] == 0
    assert read(once)[0] == ["input_label", "text", "evidence", *VERDICT]
    assert read(once)[1][0]["input_label"] == "mine"
    columns, (row,) = read(thrice)
    assert len(columns) == len(set(columns)) == 3 + 3 * len(VERDICT)
    assert columns[-len(VERDICT) :] == VERDICT
    assert (row["input_label"], row["evidence"]) == ("mine", "seen")


def test_a_field_that_comes_late_is_renamed_as_well(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """JSON lines may bring a `label` after the first row; the verdict must not overwrite it."""
    source, made = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"text": "Bank holds rates"}\n{"text": "Lamps lit", "label": "mine"}\n')
    assert cli("score", "--model", small_model, "--input", source, "--output", made)[0] == 0
    assert read(made)[1][1]["input_label"] == "mine"
    assert read(made)[1][1]["label"] != "mine"


def test_a_file_may_be_replaced_by_its_own_verdicts(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Input and output may be the same file: it is read whole before it is replaced."""
    path = write(tmp_path / "rows.csv", [{"title": headline} for headline in HEADLINES])
    assert cli("score", "--model", small_model, "--text-column", "title", "--input", path, "--output", path)[0] == 0
    assert read(path)[0] == ["title", *VERDICT]
    assert [row["title"] for row in read(path)[1]] == list(HEADLINES)


def test_more_rows_than_a_batch_keep_their_order(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """4,500 rows are three batches; each row meets its own verdict."""
    rows = [{"n": str(n), "text": HEADLINES[n % 3]} for n in range(4_500)]
    made = tmp_path / "out.parquet"
    assert (
        cli("score", "--model", small_model, "--input", write(tmp_path / "in.csv.gz", rows), "--output", made)[0] == 0
    )
    found = read(made)[1]
    assert [row["n"] for row in found] == [row["n"] for row in rows]
    assert all(len({row["quality"] for row in found[start::3]}) == 1 for start in range(3))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_skip_bad_leaves_the_verdict_empty_and_says_why(
    cli: Cli, small_model: Path, tmp_path: Path, suffix: str
) -> None:
    """One bad row does not cost the others; the summary counts it."""
    source = write(tmp_path / "in.csv", [{"text": text} for text in (HEADLINES[0], "  ", "x" * 501)])
    made = tmp_path / f"out{suffix}"
    code, _, err = cli("score", "--model", small_model, "--skip-bad", "--input", source, "--output", made)
    assert code == 0
    assert err.endswith("; 2 could not be judged, see the column error\n")
    columns, rows = read(made)
    assert columns == ["text", *VERDICT, "error"]
    assert [row["error"] or "" for row in rows] == [
        "",
        "headline must be 1-500 characters, got only white space",
        "headline must be 1-500 characters, got 501",
    ]
    assert rows[0]["label"]
    assert all(not row[name] for row in rows[1:] for name in VERDICT)


def test_skip_bad_without_an_output_is_refused(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """It would otherwise do nothing without saying so; nothing is printed."""
    source = write(tmp_path / "in.csv", [{"text": text} for text in (HEADLINES[0], "  ")])
    for given in (("--input", source), (HEADLINES[0],)):
        code, out, err = cli("score", "--model", small_model, "--skip-bad", *given)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "--skip-bad needs --output FILE as well" in err


def test_fail_on_leaves_with_1_if_a_headline_is_flagged_so(
    cli: Cli, small_model: Path, scorer: Scorer, fixtures: Path, tmp_path: Path
) -> None:
    """A check in a pipeline: 1 where the flag is among those asked for, 0 where it is not."""
    headlines = [row["text"] for row in read(fixtures / "headlines.csv")[1]]
    judged = scorer.judge(headlines)
    flagged = next(one.headline for one in judged if one.flags == ("sensational",))
    measured = next(one.headline for one in judged if one.label == "measured")
    options = ["score", "--model", small_model]
    assert cli(*options, "--fail-on", "sensational", measured, flagged)[0] == 1
    assert cli(*options, "--fail-on", "clickbait,sensational", flagged)[0] == 1
    assert cli(*options, "--fail-on", "clickbait", flagged)[0] == 0
    assert cli(*options, "--fail-on", "sensational,clickbait", measured)[0] == 0
    assert cli(*options, flagged)[0] == 0
    source = write(tmp_path / "in.csv", [{"text": measured}, {"text": flagged}])
    to_file = [*options, "--input", source, "--output", tmp_path / "out.csv"]
    assert cli(*to_file, "--fail-on", "sensational")[0] == 1
    assert len(read(tmp_path / "out.csv")[1]) == 2  # the answer is written all the same
    assert cli(*to_file, "--fail-on", "clickbait")[0] == 0


def test_csv_has_a_line_for_each_headline(cli: Cli, small_model: Path, scorer: Scorer) -> None:
    """Headline first, then the verdict; a headline with a comma or a line end stays one cell."""
    odd = 'Fury, "rage"\r\nand lamps\rlit'
    code, out, _ = cli("score", "--model", small_model, "--format", "csv", HEADLINES[1], odd)
    header, *lines = csv.reader(io.StringIO(out, newline=""))
    assert (code, header) == (0, ["headline", *VERDICT])
    expected = scorer.judge([HEADLINES[1], odd])
    assert [line[:3] for line in lines] == [[one.headline, one.label, str(one.quality)] for one in expected]


def test_page_csv_says_where_each_headline_stands(cli: Cli, small_model: Path, fixtures: Path) -> None:
    """Where it was found comes first."""
    _, out, _ = cli("page", fixtures / "pages" / "seed_shaped.txt", "--model", small_model, "--format", "csv")
    header, *lines = csv.reader(io.StringIO(out))
    assert header == ["section", "line", "selector", "role", "source", "headline", *VERDICT]
    page = (fixtures / "pages" / "seed_shaped.txt").read_text().splitlines()
    assert lines
    assert lines[0][3:5] == ["own", "printed"]
    assert {line[3] for line in lines[1:]} == {"related"}
    assert all(line[5] in page[int(line[1]) - 1] for line in lines)


@pytest.mark.parametrize(
    ("given", "encoding", "damage"),
    [
        (b"<meta charset=iso-8859-1><h1>Caf\xe9 owner wins lamp appeal</h1>", "windows-1252", 0),
        (b"<meta charset=utf-8><h1>Cafe owner wins lamp appeal</h1><p>one bad \xe9 byte", "utf-8", 1),
        ("<meta charset=shift_jis><h1>首相が新しい予算案を提出</h1>".encode("shift_jis"), "shift_jis", 0),
    ],
    ids=["latin-1", "one bad byte", "Shift-JIS"],
)
def test_page_json_says_in_which_encoding_a_file_was_read(
    cli: Cli, small_model: Path, tmp_path: Path, given: bytes, encoding: str, damage: int
) -> None:
    """As browsers read it; what could not be read is counted."""
    file = tmp_path / "page.html"
    file.write_bytes(b"<html>" + given)
    code, out, _ = cli("page", file, "--model", small_model, "--format", "json")
    said = json.loads(out)
    assert (code, said["encoding"], said["damage"], len(said["results"])) == (0, encoding, damage, 1)


def test_a_page_without_headlines_is_no_error(cli: Cli, small_model: Path) -> None:
    """Each form is still whole: an empty list, a line of column names, nothing; a note says why."""
    page = "<!doctype html><html><body><p>Nothing.</p></body></html>"
    for style, expected in (
        ("json", None),
        ("csv", "headline,label,quality,sensational,clickbait,reason\n"),
        ("table", ""),
    ):
        code, out, err = cli("page", "-", "--model", small_model, "--format", style, stdin=page)
        assert (code, err) == (0, "no headline was found in -\n")
        assert results(out) == [] if expected is None else out == expected


def test_the_table_shows_the_verdict_and_marks_the_evidence(cli: Cli, small_model: Path, scorer: Scorer) -> None:
    """Without colour, the words that speak most for an axis stand in brackets."""
    code, out, err = cli("score", "--model", small_model, "--explain", HEADLINES[2])
    (one,) = scorer.judge([HEADLINES[2]], explain=True)
    assert (code, err) == (0, "")
    assert out.split()[:5] == ["verdict", "quality", "sensational", "clickbait", "headline"]
    assert out.split()[5:7] == [one.label, str(one.quality)]
    assert one.evidence is not None
    strongest = max(one.evidence.spans, key=lambda span: max(span.sensational, span.clickbait))
    assert f"[{strongest.text}]" in out
    assert "\x1b" not in out


def test_the_table_passes_no_control_character_to_the_terminal(cli: Cli, small_model: Path) -> None:
    """A headline from the web must not clear the screen or retitle the window."""
    headline = "Bank \x1b[2Jholds \x1b]0;owned\x07rates \x9b31m today"
    for option in ([], ["--explain"]):
        out = cli("score", "--model", small_model, *option, headline)[1]
        assert not {"\x1b", "\x07", "\x9b"} & set(out)
        assert "rates" in out


def test_a_model_is_shown_with_what_it_learned_from(cli: Cli, small_model: Path) -> None:
    """Corpus, rows, thresholds and version, for people."""
    manifest = json.loads((small_model / "manifest.json").read_text())
    code, out, _ = cli("models", "show", "--model", small_model)
    assert code == 0
    for expected in (manifest["version"], "headlines", str(manifest["axes"]["clickbait"]["upper"])):
        assert expected in out


def test_a_report_shows_names_as_they_are(cli: Cli, tmp_path: Path) -> None:
    """A publisher called [/red] or :cat: is a name, not a command to the printer."""
    rows = [{"text": f"Lamps lit {n}", "label": "measured", "publisher": "[/red] :cat: [bold]"} for n in range(3)]
    rows += [{"text": "Bank holds rates", "label": "measured", "publisher": "Other"}]
    code, out, err = cli("data", "check", write(tmp_path / "in.csv", rows))
    assert (code, err) == (0, "")
    assert out.count("[/red] :cat: [bold]") == 2  # among the outlets, and as the one that dominates


def test_data_check_says_no_only_if_it_is_strict(cli: Cli, tmp_path: Path, fixtures: Path) -> None:
    """Problems are reported with 0, and with 1 under `--strict`."""
    source = write(tmp_path / "in.csv", [{"text": "Lamps lit", "label": "measured"}] * 2)
    assert cli("data", "check", source)[0] == 0
    code, out, _ = cli("data", "check", source, "--strict", "--format", "json")
    assert code == 1
    assert "1 row repeats an earlier one" in json.loads(out)["problems"]
    report = json.loads(cli("data", "check", fixtures / "headlines.csv", "--format", "json")[1])
    assert report["rows"] == sum(report["tiers"].values())


def test_output_is_gzipped_where_its_name_says_so(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Another program's gzip reads it."""
    source = write(tmp_path / "in.txt", [{"text": HEADLINES[0]}])
    assert cli("score", "--model", small_model, "--input", source, "--output", tmp_path / "out.csv.gz")[0] == 0
    with gzip.open(tmp_path / "out.csv.gz", "rt") as lines:
        assert next(lines) == "text,label,quality,sensational,clickbait,reason\n"


@pytest.mark.parametrize("style", ["csv", "json", "table"])
def test_a_reader_that_has_seen_enough_is_no_error(small_model: Path, tmp_path: Path, style: str) -> None:
    """`broadsheet score ... | head -1` ends quietly."""
    source = write(tmp_path / "in.txt", [{"text": HEADLINES[0]}] * 3000)
    assert source.stat().st_size > 65_536  # a pipe holds less than what is asked about, and so than what is said of it
    command = [str(PROGRAM), "score", "--model", str(small_model), "--format", style, "--input", str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0
