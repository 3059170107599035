"""Finds the headlines on a saved page or in a feed, and says where each was found. Fetches nothing."""

from model.pages.feed import read_feed
from model.pages.found import PageHeadline
from model.pages.given import open_page
from model.pages.given.encoding import Decoded, Kind, require_label
from model.pages.given.kinds import is_feed, is_html, is_message, require_page
from model.pages.html import read_hypertext
from model.pages.text import read_plain_text

__all__ = ["Decoded", "Kind", "PageHeadline", "open_page", "read_html", "read_page", "read_text", "require_label"]


def read_page(document: str) -> list[PageHeadline]:
    """Find the headlines of a page, in reading order, each once; HTML is told from text by its tags.

    Raise `PageError` that names what a document is, if it is no page, and `PageTooLargeError` that names a limit.
    """
    return _read(document, None)


def read_html(document: str) -> list[PageHeadline]:
    """Find those of an HTML page, and of a feed or MHTML, which it may be as well."""
    return _read(document, "html")


def read_text(document: str) -> list[PageHeadline]:
    """Find those of a page of plain text, and of a feed or MHTML."""
    return _read(document, "text")


def _read(document: str, kind: Kind | None) -> list[PageHeadline]:
    if is_message(document):
        opened = open_page(document.encode("utf-8", "surrogatepass"))
        document, kind = opened.text, opened.kind
    if is_feed(document):
        return read_feed(document)
    require_page(document)
    if kind == "html" or (kind is None and is_html(document)):
        return read_hypertext(document)
    return read_plain_text(document)
