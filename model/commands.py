"""Commands that judge headlines: score, page."""

import errno
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.errors import BroadsheetError, HeadlineError, PageError, PageTooLargeError
from model.judgement import AXES, Judgement
from model.reading import read_regular
from model.terminal import say, say_csv, say_json

if TYPE_CHECKING:
    from model.scorer import Scorer

LONGEST_LINE = 1_000_000  # bytes of stdin's; a headline has 500 characters
_AT_ONCE = 1 << 20
LARGEST_PAGE = 20_000_000  # bytes; a saved front page has about one million

model_option = click.option(
    "--model",
    metavar="DIR|VERSION",
    help="A model folder, or a version in the store BROADSHEET_MODELS. Default: the store's current version, or the "
    "model that comes with Broadsheet.",
)
format_option = click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
explain_option = click.option("--explain", is_flag=True, help="Show which words speak for which axis.")


def _axes(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[str]:
    axes = frozenset(filter(None, value.split(",")))
    if not axes <= set(AXES):
        raise click.BadParameter(f"expected {' and/or '.join(AXES)}, separated by a comma, got {value!r}")
    return axes


fail_on_option = click.option(
    "--fail-on",
    metavar="AXES",
    default="",
    callback=_axes,
    help="Exit with 1 if a headline is flagged so, e.g. sensational,clickbait.",
)


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
    from model.batch import judge_file
    from model.progress import progress_bar
    from model.tables import TableReader

    with TableReader(source) as table, progress_bar(f"judging {source.name}") as progress:
        table.require(column, "; name another with --text-column")
        tally = judge_file(_load(model), table, output, column, explain=explain, skip_bad=skip_bad, progress=progress)
    counts = ", ".join(f"{count:,} {label}" for label, count in tally.labels.most_common())
    bad = f"; {tally.bad:,} could not be judged, see the column error" if tally.bad else ""
    say(f"{output}: {tally.total:,} headlines: {counts or 'none judged'}{bad}", err=True)
    return set(tally.flags)


def _judge_and_print(headlines: Iterable[str], style: str, explain: bool, model: str | None) -> set[str]:
    from model.batch import judge_all

    scorer = _load(model)
    judged = judge_all(scorer, headlines, explain=explain)
    if not judged:
        raise HeadlineError("no headline was given; expected arguments, lines on stdin, or --input FILE")
    _print_verdicts(judged, style, scorer.version)
    return {flag for one in judged for flag in one.flags}


def _print_verdicts(judged: list[Judgement], style: str, version: str) -> None:
    if style == "table":
        from model.printed import print_table  # rich takes longer to import than the headline to judge

        print_table(judged)
        return
    from model.bodies import score_body
    from model.formats import as_csv, as_json

    if style == "csv":
        say_csv(as_csv(judged))
    else:
        say_json(as_json(score_body(version, judged)))


def _read(source: Path | None, column: str) -> Iterator[str]:
    """Give the headlines of a file, or the lines of stdin that are not blank."""
    from model.tables import TableReader

    if source:
        with TableReader(source) as table:
            table.require(column, "; name another with --text-column")
            yield from (row.get(column, "") for row in table)
        return
    if sys.stdin.isatty():
        say("Headlines, one a line; Ctrl-D ends them.", err=True)
    yield from (line.rstrip("\n") for line in _stdin_lines() if line.strip())


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--as", "kind", type=click.Choice(["html", "text"]), help="What FILE holds. Default: what it looks like.")
@format_option
@explain_option
@fail_on_option
@model_option
def page(  # an option each
    file: Path, kind: str | None, style: str, explain: bool, fail_on: frozenset[str], model: str | None
) -> int:
    """Judge every headline on a saved page, HTML or plain text; `-` reads stdin. Nothing is fetched.

    \b
    broadsheet page front-page.html
    broadsheet page article.txt --explain
    curl -s https://news.example | broadsheet page - --format json
    """
    from model.bodies import page_body, where_of
    from model.formats import as_csv, as_json
    from model.pages import read_html, read_page, read_text

    found = {"html": read_html, "text": read_text, None: read_page}[kind](_page_text(file))
    scorer = _load(model)
    judged = scorer.judge([one.text for one in found], explain=explain)
    if style == "json":
        say_json(as_json(page_body(scorer.version, found, judged)))
    elif style == "csv":
        say_csv(as_csv(judged, [where_of(one) for one in found]))
    elif judged:
        from model.printed import print_table

        print_table(judged, [one.section for one in found])
    if not found:
        say(f"no headline was found in {file}", err=True)
    return int(any(fail_on.intersection(one.flags) for one in judged))


def _page_text(file: Path) -> str:
    """Read a page as UTF-8 text; raise `PageError` for one that is not, `PageTooLargeError` for too many bytes."""
    try:
        content = _stdin(LARGEST_PAGE + 1) if str(file) == "-" else read_regular(file, LARGEST_PAGE, pipes=True)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise PageError(f"{file} must be a page of at most {LARGEST_PAGE:,} bytes") from error
        raise PageError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(content) > LARGEST_PAGE:
        raise PageTooLargeError(f"{file} must be a page of at most {LARGEST_PAGE:,} bytes")
    return _decoded(content, str(file), PageError)


def _stdin(most: int) -> bytes:
    """Read stdin, a part at a time: a buffer of `most` bytes would be asked for at once."""
    parts, left = [], most
    while left and (part := sys.stdin.buffer.read(min(left, _AT_ONCE))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _stdin_lines() -> Iterator[str]:
    """Give the lines of stdin, as those of a .txt file; raise `HeadlineError` for what is no text or has no end.

    str.splitlines would also cut at U+2028 and the like, which feeds hold within a headline.
    """
    done = 0
    try:
        while line := sys.stdin.buffer.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise HeadlineError(f"stdin must have lines of at most {LONGEST_LINE:,} bytes")
            yield from io.StringIO(_decoded(line, "stdin", HeadlineError, done), newline=None)
            done += len(line)
    except OSError as error:
        raise HeadlineError(f"stdin cannot be read: {error.strerror or error}") from error


def _decoded(content: bytes, name: str, error_type: type[BroadsheetError], done: int = 0) -> str:
    try:
        return content.decode("utf-8" if done else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise error_type(f"{name} must be UTF-8 text; byte {done + error.start} is not") from error


def _load(model: str | None) -> "Scorer":
    from model.scorer import Scorer

    return Scorer.load(model_folder(model))


def model_folder(model: str | None) -> Path:
    """Give the folder of what `--model` names, or of the default."""
    from model.store import find_model, store_of_environment

    return find_model(model, store_of_environment())
