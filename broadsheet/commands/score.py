"""`broadsheet score`: judges headlines from arguments, stdin or a file."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from broadsheet.commands.options import (
    LocalPath,
    explain_option,
    fail_on_option,
    for_spreadsheet_option,
    form_of,
    form_options,
    format_option,
    load_scorer,
    model_option,
)
from broadsheet.shown.terminal import say, say_csv, say_json
from model.errors import HeadlineError
from model.judgement import Judgement
from model.plain import many

if TYPE_CHECKING:
    from model.tables.reader import TableReader


class Said(TypedDict):
    """What the options say of the input's form."""

    input_format: str | None
    encoding: str | None
    delimiter: str | None
    no_header: bool


@click.command()
@click.argument("headlines", nargs=-1, metavar="[HEADLINE]...")
@click.option(
    "--input",
    "source",
    type=LocalPath("broadsheet score --input - --input-format KIND"),
    metavar="FILE",
    help="Headlines to judge; - reads stdin.",
)
@click.option("--output", type=LocalPath(written=True), metavar="FILE", help="Where to write rows and verdicts.")
@click.option("--text-column", metavar="NAME", show_default="text", help="The input's column of headlines.")
@click.option("--skip-bad", is_flag=True, help="In --output, leave the verdict on what cannot be judged empty.")
@form_options
@for_spreadsheet_option
@format_option
@explain_option
@fail_on_option
@model_option
def score(  # noqa: PLR0913, PLR0917  # an option each
    headlines: tuple[str, ...],
    source: Path | None,
    output: Path | None,
    text_column: str | None,
    skip_bad: bool,
    for_spreadsheet: bool,
    style: str,
    explain: bool,
    fail_on: frozenset[str],
    model: str | None,
    **said: Unpack[Said],
) -> int:
    """Judge headlines given as arguments, as lines on stdin, or in a file.

    Files are .csv, .tsv (tabs between cells), either with .gz, .jsonl, .parquet or .txt (a headline a line), by suffix
    or --input-format. The output keeps every column and row of the input, in order, and adds label, quality,
    sensational and clickbait.

    CSV may have commas, semicolons, tabs or bars, and be UTF-8 or begin with a byte order mark; what is not certain is
    asked for.

    \b
    broadsheet score "Bank holds rates" "You won't BELIEVE what the bank did next"
    broadsheet score --explain < headlines.txt
    broadsheet score --input headlines.csv --output judged.csv.gz --text-column title
    broadsheet score --input export.csv --encoding windows-1252 --output judged.csv --for-spreadsheet
    zcat archive.jsonl.gz | broadsheet score --input - --input-format jsonl --output judged.parquet
    """
    if source and headlines:
        raise click.UsageError("expected headlines or --input FILE, not both")
    if output and not source:
        raise click.UsageError("--output needs --input FILE as well")
    if skip_bad and not output:
        raise click.UsageError("--skip-bad needs --output FILE as well; printed verdicts have no place for an error")
    if for_spreadsheet and not (is_separated(output) if output else style == "csv"):
        raise click.UsageError(
            "--for-spreadsheet needs --output of .csv, .tsv, either with .gz, or .txt, or --format csv"
        )
    if any(said.values()) and headlines:
        raise click.UsageError("headlines given as arguments have no form; expected --input FILE")
    if str(source) == "-" and not said["input_format"]:
        raise click.UsageError("--input - needs --input-format as well, which says what stdin holds")
    if output and source:
        with _table(source, None, said) as table:
            column = _column(table, text_column, said)
            flags = _judge_file(table, output, column, skip_bad, explain, for_spreadsheet, model)
    else:
        given = headlines or _read(source, text_column, said)
        flags = _judge_and_print(given, style, explain, for_spreadsheet, model)
    return int(bool(flags & fail_on))


def is_separated(path: Path) -> bool:
    """Say whether a spreadsheet would open a file of this name."""
    return path.name.lower().endswith((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"))


def _table(source: Path | None, only: set[str] | None, said: Said) -> "TableReader":
    """Open a file, or stdin, whose lines are headlines unless something else is said."""
    from model.tables.reader import TableReader

    if source is None:
        said = {**said, "input_format": said["input_format"] or "txt"}
    is_stdin = source is None or str(source) == "-"
    raw = sys.stdin.buffer if is_stdin else None
    return TableReader(Path("stdin") if is_stdin else source or Path(), form_of(**said), only=only, raw=raw)


def _column(table: "TableReader", named: str | None, said: Said) -> str:
    """Give the column of headlines, which is in the file; name the options that were not given where it is not."""
    from model.tables.reader import SEPARATED, TEXT

    column = TEXT if named is None else named
    hints = ["name another with --text-column"] if named is None else []
    if table.kind in SEPARATED and not said["no_header"]:
        hints.append("where the first line is a row: --no-header")
    table.require(column, "".join(f"; {hint}" for hint in hints))
    return column


def _judge_file(  # what the options say
    table: "TableReader",
    output: Path,
    column: str,
    skip_bad: bool,
    explain: bool,
    for_spreadsheet: bool,
    model: str | None,
) -> set[str]:
    from broadsheet.batch import judge_file
    from broadsheet.shown.progress import progress_bar

    scorer = load_scorer(model)
    with progress_bar(f"judging {table.path.name}") as progress:
        tally = judge_file(
            scorer,
            table,
            output,
            column,
            explain=explain,
            skip_bad=skip_bad,
            for_spreadsheet=for_spreadsheet,
            progress=progress,
        )
    counts = ", ".join(f"{count:,} {label}" for label, count in tally.labels.most_common())
    bad = f"; {tally.bad:,} could not be judged, see the column error" if tally.bad else ""
    say(f"{output}: {many(tally.total, 'headline')}: {counts or 'none judged'}{bad}", err=True)
    return set(tally.flags)


def _judge_and_print(
    headlines: Iterable[object], style: str, explain: bool, for_spreadsheet: bool, model: str | None
) -> set[str]:
    from broadsheet.batch import judge_all

    scorer = load_scorer(model)
    judged = judge_all(scorer, headlines, explain=explain)
    if not judged:
        raise HeadlineError("no headline was given; expected arguments, lines on stdin, or --input FILE")
    _print_verdicts(judged, style, for_spreadsheet, scorer.version)
    return {flag for one in judged for flag in one.flags}


def _print_verdicts(judged: list[Judgement], style: str, for_spreadsheet: bool, version: str) -> None:
    if style == "table":
        from broadsheet.shown.tables import print_table  # rich takes longer to import than the headline to judge

        print_table(judged)
        return
    from broadsheet.shown.programs import as_csv, as_json, score_body

    if style == "csv":
        say_csv(as_csv(judged, for_spreadsheet=for_spreadsheet), for_spreadsheet=for_spreadsheet)
    else:
        say_json(as_json(score_body(version, judged)))


def _read(source: Path | None, named: str | None, said: Said) -> Iterator[object]:
    """Give the headlines of a file, or the lines of stdin that are not blank."""
    if source is None and sys.stdin.isatty():
        say("Headlines, one a line; Ctrl-D ends them.", err=True)
    with _table(source, {"text" if named is None else named}, said) as table:
        column = _column(table, named, said)
        for row in table:
            yield row.get(column)
        if source and not table.row:
            raise HeadlineError(f"{table.path} has no headline")
