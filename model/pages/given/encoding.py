"""Bytes as text, by the rules of browsers (https://html.spec.whatwg.org/#determining-the-character-encoding).

A mark at the beginning counts most, then what whoever sent the page said, then what the page says. html5prescan finds
that, webencodings knows what a label means: latin1 is windows-1252, to everybody who shows pages.
"""

import codecs
import re
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import html5prescan
import webencodings

from model.errors import PageEncodingError, PageError

Kind: TypeAlias = Literal["html", "text"]

UTF8 = "utf-8"
_DEFAULT = "windows-1252"
_PRESCAN = 16_384  # bytes; a browser that finds a <meta> behind the first 1,024 begins anew
_DECLARED = re.compile(rb"\s*<\?xml\s[^<>]{0,500}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,50})[\"']")
_WIDE = {b"<\0?\0x\0": "utf-16le", b"\0<\0?\0x": "utf-16be"}  # an XML declaration without a mark
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text, the encoding that it was read in, whether that was a guess, and how it is to be read."""

    text: str
    encoding: str
    guessed: bool = False
    kind: Kind = "html"

    @property
    def damage(self) -> int:
        """How many characters could not be read."""
        return self.text.count("\ufffd")


def require_label(label: str) -> None:
    """Raise `PageError` for what is no name of an encoding."""
    if webencodings.lookup(label) is None:
        raise PageError(f"an encoding must be one that browsers know, such as windows-1251 or shift_jis, got {label!r}")


def is_marked(content: bytes) -> bool:
    """Whether its beginning says what it is: a byte order mark, or an XML declaration in UTF-16."""
    return content.startswith(_MARKS) or content[:6] in _WIDE


def decode_markup(content: bytes, label: str = "", *, is_xml: bool = False) -> Decoded:
    """Decode HTML, or XML; `label` is what whoever sent it said of its encoding, passed over if unknown."""
    if is_marked(content):
        return _decoded(content, _WIDE.get(content[:6], UTF8))
    if known := webencodings.lookup(label) or _declared(content, is_xml=is_xml):
        return _decoded(content, known.name)
    if is_xml or _is_utf8(content):
        return _decoded(content, UTF8)
    return _decoded(content, _DEFAULT, guessed=True)


def decode_text(content: bytes, label: str = "") -> Decoded:
    """Decode plain text; raise `PageError` that names a byte that is no UTF-8, where nothing says what it is."""
    if is_marked(content):
        return replace(_decoded(content, _WIDE.get(content[:6], UTF8)), kind="text")
    if known := webencodings.lookup(label):
        return replace(_decoded(content, known.name), kind="text")
    try:
        return Decoded(content.decode(UTF8), UTF8, kind="text")
    except UnicodeDecodeError as error:
        raise PageEncodingError(
            f"a page that names no encoding must be UTF-8 text; byte {error.start} is not"
        ) from error


def _declared(content: bytes, *, is_xml: bool) -> webencodings.Encoding | None:
    name = None if is_xml else html5prescan.get(content[:_PRESCAN], _PRESCAN)[0].name
    if name is None and (declared := _DECLARED.match(content, 0, _PRESCAN)):
        name = declared[1].decode("ascii")
    known = webencodings.lookup(name) if name else None
    # what is read byte by byte is no UTF-16
    return webencodings.lookup(UTF8) if known and known.name.startswith("utf-16") else known


def _is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8; they may be cut off within a letter."""
    try:
        codecs.getincrementaldecoder(UTF8)().decode(content)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, name: str, *, guessed: bool = False) -> Decoded:
    if name == "replacement":  # encodings in which a script may hide from whoever looks at bytes
        raise PageError("a page must be in an encoding that browsers read; they refuse the one that it names")
    # of gbk, browsers read what gb18030 added as well
    text, used = webencodings.decode(content, "gb18030" if name == "gbk" else name)
    return Decoded(text, used.name, guessed)
