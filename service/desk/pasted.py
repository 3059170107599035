"""What was pasted into the desk: one headline, a list of them, or a page; `pasted.js` decides in the same way."""

import re
from typing import Literal, NamedTuple, TypeAlias

from model.terms.cleaning import LONGEST

Kind: TypeAlias = Literal["headline", "list", "html", "text"]
Wanted: TypeAlias = Literal["auto", "list", "page"]

_TAG = re.compile(r"<(?:!doctype|html|head|body|article|section|main|nav|div|ul|ol|li|p|h[1-6]|a|table)[\s>]", re.I)
_LINE = re.compile(r"\r\n|[\r\n]")
_FEWEST = 4  # lines of a page, of which one in `_ODD` is too short for a headline, or too long
_ODD = 3
_WORDS = range(4, 26)  # of a headline


class Pasted(NamedTuple):
    """What it is taken for, and its lines that are not blank."""

    kind: Kind
    lines: tuple[str, ...]


def pasted(text: str, wanted: Wanted = "auto") -> Pasted:
    """Tell what a text is, unless that is `wanted`; what looks like a tag in a single headline is just its text."""
    lines = tuple(filter(None, map(str.strip, _LINE.split(text))))
    has_tags = bool(_TAG.search(text)) and (len(lines) > 1 or len(text) > LONGEST)
    if wanted == "page":
        return Pasted("html" if _TAG.search(text) else "text", lines)
    if wanted == "list" or len(lines) < 2:
        return Pasted("html" if has_tags and wanted == "auto" else "list" if len(lines) > 1 else "headline", lines)
    if has_tags:
        return Pasted("html", lines)
    return Pasted("text" if _is_page(lines) else "list", lines)


def _is_page(lines: tuple[str, ...]) -> bool:
    odd = sum(len(line.split(maxsplit=_WORDS.stop)) not in _WORDS for line in lines)
    return len(lines) >= _FEWEST and _ODD * odd >= len(lines)
