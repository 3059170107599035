"""Finds the headlines on a saved web page, HTML or plain text, and says where each was found. Fetches nothing."""

import re

from model.pages.found import PageHeadline
from model.pages.html import read_html
from model.pages.text import read_text

__all__ = ["PageHeadline", "read_html", "read_page", "read_text"]

_BEGINNING = re.compile(
    r"[\s\ufeff]*+<(?:!doctype\s+html|!--|\?xml|html|head|body|[a-z][a-z0-9-]*[\s>])", re.IGNORECASE
)
_TAG = re.compile(r"</(?:a|article|body|div|h[1-6]|html|li|p|section|span|title|ul)\s*>|<a\s[^<>]*href", re.IGNORECASE)
_TAGS_OF_HTML = 3  # a text may speak of a tag or two


def read_page(document: str) -> list[PageHeadline]:
    """Find the headlines of a page, in reading order, each once; HTML is told from text by its tags."""
    return read_html(document) if _is_html(document) else read_text(document)


def _is_html(document: str) -> bool:
    if _BEGINNING.match(document):
        return True
    return sum(1 for _, _ in zip(range(_TAGS_OF_HTML), _TAG.finditer(document), strict=False)) == _TAGS_OF_HTML
