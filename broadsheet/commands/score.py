"""`broadsheet score`: judges headlines from arguments, stdin or a file."""

import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from broadsheet.commands.options import (
    decoded,
    explain_option,
    fail_on_option,
    format_option,
    load_scorer,
    model_option,
)
from broadsheet.shown.terminal import say, say_csv, say_json
from model.errors import HeadlineError
from model.judgement import Judgement

LONGEST_LINE = 1_000_000  # bytes of stdin's; a headline has 500 characters


@click.command()
@click.argument("headlines", nargs=-1, metavar="[HEADLINE]...")
@click.option("--input", "source", type=click.Path(path_type=Path), metavar="FILE", help="Headlines to judge.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to write rows and verdicts.")
@click.option("--text-column", default="text", show_default=True, help="The input's column of headlines.")
@click.option("--skip-bad", is_flag=True, help="In --output, leave the verdict on what cannot be judged empty.")
@format_option
@explain_option
@fail_on_option
@model_option
def score(  # noqa: PLR0913, PLR0917  # an option each
    headlines: tuple[str, ...],
    source: Path | None,
    output: Path | None,
    text_column: str,
    skip_bad: bool,
    style: str,
    explain: bool,
    fail_on: frozenset[str],
    model: str | None,
) -> int:
    """Judge headlines given as arguments, as lines on stdin, or in a file.

    Files are .csv, .csv.gz, .jsonl, .parquet or .txt (a headline a line), by suffix. The output keeps every column and
    row of the input, in order, and adds label, quality, sensational and clickbait.

    \b
    broadsheet score "Bank holds rates" "You won't BELIEVE what the bank did next"
    broadsheet score --explain < headlines.txt
    broadsheet score --input headlines.csv --output judged.csv.gz --text-column title
    """
    if source and headlines:
        raise click.UsageError("expected headlines or --input FILE, not both")
    if output and not source:
        raise click.UsageError("--output needs --input FILE as well")
    if skip_bad and not output:
        raise click.UsageError("--skip-bad needs --output FILE as well; printed verdicts have no place for an error")
    flags = (
        _judge_file(source, output, text_column, skip_bad, explain, model)
        if source and output
        else _judge_and_print(headlines or _read(source, text_column), style, explain, model)
    )
    return int(bool(flags & fail_on))


def _judge_file(  # what the options say
    source: Path, output: Path, column: str, skip_bad: bool, explain: bool, model: str | None
) -> set[str]:
    from broadsheet.batch import judge_file
    from broadsheet.shown.progress import progress_bar
    from model.tables.reader import TableReader

    with TableReader(source) as table, progress_bar(f"judging {source.name}") as progress:
        table.require(column, "; name another with --text-column")
        tally = judge_file(
            load_scorer(model), table, output, column, explain=explain, skip_bad=skip_bad, progress=progress
        )
    counts = ", ".join(f"{count:,} {label}" for label, count in tally.labels.most_common())
    bad = f"; {tally.bad:,} could not be judged, see the column error" if tally.bad else ""
    say(f"{output}: {tally.total:,} headlines: {counts or 'none judged'}{bad}", err=True)
    return set(tally.flags)


def _judge_and_print(headlines: Iterable[str], style: str, explain: bool, model: str | None) -> set[str]:
    from broadsheet.batch import judge_all

    scorer = load_scorer(model)
    judged = judge_all(scorer, headlines, explain=explain)
    if not judged:
        raise HeadlineError("no headline was given; expected arguments, lines on stdin, or --input FILE")
    _print_verdicts(judged, style, scorer.version)
    return {flag for one in judged for flag in one.flags}


def _print_verdicts(judged: list[Judgement], style: str, version: str) -> None:
    if style == "table":
        from broadsheet.shown.tables import print_table  # rich takes longer to import than the headline to judge

        print_table(judged)
        return
    from broadsheet.shown.programs import as_csv, as_json, score_body

    if style == "csv":
        say_csv(as_csv(judged))
    else:
        say_json(as_json(score_body(version, judged)))


def _read(source: Path | None, column: str) -> Iterator[str]:
    """Give the headlines of a file, or the lines of stdin that are not blank."""
    from model.tables.reader import TableReader

    if source:
        with TableReader(source) as table:
            table.require(column, "; name another with --text-column")
            yield from (row.get(column, "") for row in table)
        return
    if sys.stdin.isatty():
        say("Headlines, one a line; Ctrl-D ends them.", err=True)
    yield from (line.rstrip("\n") for line in _stdin_lines() if line.strip())


def _stdin_lines() -> Iterator[str]:
    """Give the lines of stdin, as those of a .txt file; raise `HeadlineError` for what is no text or has no end.

    str.splitlines would also cut at U+2028 and the like, which feeds hold within a headline.
    """
    done = 0
    try:
        while line := sys.stdin.buffer.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise HeadlineError(f"stdin must have lines of at most {LONGEST_LINE:,} bytes")
            yield from io.StringIO(decoded(line, "stdin", HeadlineError, done), newline=None)
            done += len(line)
    except OSError as error:
        raise HeadlineError(f"stdin cannot be read: {error.strerror or error}") from error
