"""`broadsheet page`: judges every headline on a saved page."""

import errno
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet.commands.options import (
    LocalPath,
    explain_option,
    fail_on_option,
    for_spreadsheet_option,
    format_option,
    load_scorer,
    model_option,
)
from broadsheet.shown.terminal import say, say_csv, say_json
from model.errors import PageEncodingError, PageError, PageTooLargeError
from model.files.reading import read_regular

if TYPE_CHECKING:
    from model.pages import Decoded, Kind, PageHeadline

LARGEST_PAGE = 20_000_000  # bytes; a saved front page has about one million
_AT_ONCE = 1 << 20


@click.command()
@click.argument("file", type=LocalPath("broadsheet page -"))
@click.option("--as", "kind", type=click.Choice(["html", "text"]), help="What FILE holds. Default: what it looks like.")
@click.option(
    "--encoding",
    default="",
    metavar="LABEL",
    help="FILE's encoding, e.g. windows-1251. Default: what FILE says; else UTF-8, or for HTML windows-1252.",
)
@format_option
@for_spreadsheet_option
@explain_option
@fail_on_option
@model_option
def page(  # an option each
    file: Path,
    kind: "Kind | None",
    encoding: str,
    style: str,
    for_spreadsheet: bool,
    explain: bool,
    fail_on: frozenset[str],
    model: str | None,
) -> int:
    """Judge every headline on a saved page: HTML, MHTML, plain text, or a feed (RSS, Atom). Nothing is fetched.

    The headline of the article that the page prints comes first and is marked as its own. JSON says, besides, in which
    encoding the file was read, and how many characters could not be.

    `-` reads stdin.

    \b
    broadsheet page front-page.html
    broadsheet page article.txt --explain
    curl -s https://news.example | broadsheet page - --format json
    """
    if for_spreadsheet and style != "csv":
        raise click.UsageError("--for-spreadsheet needs --format csv as well")
    from broadsheet.shown.programs import as_csv, as_json, page_body
    from model.pages import read_html, read_text

    opened = _opened(file, encoding, kind)
    found = read_html(opened.text) if opened.kind == "html" else read_text(opened.text)
    scorer = load_scorer(model)
    judged = scorer.judge([one.text for one in found], explain=explain)
    if style == "json":
        say_json(as_json(page_body(scorer.version, found, judged, opened)))
    elif style == "csv":
        say_csv(
            as_csv(judged, [one.cells() for one in found], for_spreadsheet=for_spreadsheet),
            for_spreadsheet=for_spreadsheet,
        )
    elif judged:
        from broadsheet.shown.tables import print_table

        print_table(judged, [one.section for one in found], [_said_of(one) for one in found])
    if not found:
        say(f"no headline was found in {file}", err=True)
    return int(any(fail_on.intersection(one.flags) for one in judged))


def _said_of(one: "PageHeadline") -> str:
    """What a table says of a headline besides its verdict."""
    said = ["own"] if one.role == "own" else []
    return ", ".join([*said, *(["metadata"] if one.source == "metadata" else [])])


def _opened(file: Path, encoding: str, kind: "Kind | None") -> "Decoded":
    """Read a page, and say what was guessed of it; raise `PageError` that names the file and what is wrong."""
    from model.pages import open_page, require_label

    if encoding:
        require_label(encoding)
    content = _content(file)
    try:
        opened = open_page(content, encoding, kind)
    except PageEncodingError as error:
        raise PageError(f"{file}: {error}; --encoding names another") from error
    except PageError as error:
        raise type(error)(f"{file}: {error}") from error
    if opened.guessed:
        say(f"{file} names no encoding and is not UTF-8: read as {opened.encoding}; --encoding names another", err=True)
    if opened.damage:
        say(f"{file} holds U+FFFD for what could not be read in {opened.encoding}: {opened.damage}", err=True)
    return opened


def _content(file: Path) -> bytes:
    """Read a page's bytes; raise `PageError`, `PageTooLargeError` for too many."""
    try:
        content = _stdin(LARGEST_PAGE + 1) if str(file) == "-" else read_regular(file, LARGEST_PAGE, pipes=True)
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise PageError(f"{file} must be a page of at most {LARGEST_PAGE:,} bytes") from error
        raise PageError(f"{file} cannot be read: {error.strerror or error}") from error
    if len(content) > LARGEST_PAGE:
        raise PageTooLargeError(f"{file} must be a page of at most {LARGEST_PAGE:,} bytes")
    return content


def _stdin(most: int) -> bytes:
    """Read stdin, a part at a time: a buffer of `most` bytes would be asked for at once."""
    parts, left = [], most
    while left and (part := sys.stdin.buffer.read(min(left, _AT_ONCE))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
