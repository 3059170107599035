"""The page in an MHTML file, which is an e-mail of parts (RFC 2557), or in an e-mail that was saved."""

import email
import re
from email.message import Message
from typing import NamedTuple

from model.errors import PageError
from model.pages.limits import LINES_OF_MESSAGE, NESTED_PARTS, PARTS

_PAGES = ("text/html", "application/xhtml+xml", "text/plain")  # the best first

_HOLDER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)


class Part(NamedTuple):
    """A part of a message as it was before it was wrapped, and what the message says of its encoding."""

    content: bytes
    label: str
    is_text: bool


def page_in(message: bytes) -> Part:
    """Give the page that a message is about; raise `PageError` for one without any."""
    message = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # any of which ends a line there
    LINES_OF_MESSAGE.check(message.count(b"\n"))
    PARTS.check(message.count(b"\n--"))
    NESTED_PARTS.check(sum(1 for _ in _HOLDER.finditer(message)))
    whole = email.message_from_bytes(message)
    parts = [part for part in whole.walk() if not part.is_multipart()]
    for kind in _PAGES:
        if of_kind := [part for part in parts if part.get_content_type() == kind]:
            part = _first(of_kind, str(whole.get_param("start", "")))
            content = part.get_payload(decode=True)
            label = part.get_content_charset() or ""
            return Part(content if isinstance(content, bytes) else b"", label, kind == "text/plain")
    raise PageError("an MHTML file or e-mail must hold a page, this one has none")


def _first(parts: list[Message], start: str) -> Message:
    """The part that the message names as its beginning (RFC 2387, 3.2), or else the first."""
    return next((part for part in parts if start and str(part.get("Content-ID", "")).strip() == start), parts[0])
