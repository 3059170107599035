"""`broadsheet page`: judges every headline on a saved page."""

import errno
import sys
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
from model.errors import PageError, PageTooLargeError
from model.files.reading import read_regular

LARGEST_PAGE = 20_000_000  # bytes; a saved front page has about one million
_AT_ONCE = 1 << 20


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
    from broadsheet.shown.programs import as_csv, as_json, page_body
    from model.pages import read_html, read_page, read_text

    found = {"html": read_html, "text": read_text, None: read_page}[kind](_page_text(file))
    scorer = load_scorer(model)
    judged = scorer.judge([one.text for one in found], explain=explain)
    if style == "json":
        say_json(as_json(page_body(scorer.version, found, judged)))
    elif style == "csv":
        say_csv(as_csv(judged, [one.where() for one in found]))
    elif judged:
        from broadsheet.shown.tables import print_table

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
    return decoded(content, str(file), PageError)


def _stdin(most: int) -> bytes:
    """Read stdin, a part at a time: a buffer of `most` bytes would be asked for at once."""
    parts, left = [], most
    while left and (part := sys.stdin.buffer.read(min(left, _AT_ONCE))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
