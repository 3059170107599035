"""What somebody gives as a page, as text of a kind: files of any encoding, and pages that are wrapped in messages."""

from dataclasses import replace

from model.errors import PageError
from model.pages.given.encoding import Decoded, Kind, decode_markup, decode_text, is_marked
from model.pages.given.kinds import ACCEPTED, is_binary, is_feed, is_html, is_message, require_page
from model.pages.given.message import page_in

_BEGINNING = 65_536  # bytes that tell what a document is


def open_page(content: bytes, label: str = "", kind: Kind | None = None) -> Decoded:
    """Decode a saved page, taken for what it looks like, or for a kind; `label` names its encoding, if that is known.

    Raise `PageError` for what is no page, and for text whose encoding cannot be told.
    """
    beginning = content[:_BEGINNING].decode("latin-1")
    require_page(beginning)
    if is_message(beginning):
        part = page_in(content)
        return (decode_text if part.is_text else decode_markup)(part.content, label or part.label)
    if is_feed(beginning):
        return decode_markup(content, label, is_xml=True)
    if kind == "html" or (kind is None and is_html(content.decode("latin-1"))):
        return decode_markup(content, label)
    if is_binary(beginning) and not (label or is_marked(content)):
        raise PageError(f"a page must be {ACCEPTED}, got binary data")
    opened = decode_text(content, label)
    return replace(opened, kind="html") if kind is None and is_html(opened.text) else opened
