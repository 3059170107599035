"""Text that cannot steer a terminal: the one list of characters that do, for everything that people are shown.

Blanks take their place, one for one, so that offsets hold. They are the controls (C0, DEL, C1); the separators of lines
and paragraphs; what turns the direction of writing; the deprecated format characters, the marks of interlinear
annotation and the tags, none of which anybody sees; and what cannot be written, such as half a surrogate pair. Left are
the format characters that writing needs and that move nothing: joiners, soft hyphens, zero-width spaces, number signs.
"""

import json
import re

_FORMAT = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff"
_STEERING = re.compile(f"[\x00-\x1f\x7f-\x9f{_FORMAT}]")
_STEERING_LINES = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_FORMAT}]")
_STEERING_CELLS = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_FORMAT}]")
_LONGEST = 2000  # characters of a message; a table may have ten thousand columns, and somebody's value a million digits


def plain(text: str) -> str:
    """Put a blank in place of each character that would steer a terminal; a line stays a line."""
    return text if text.isprintable() else _STEERING.sub(" ", text)


def plain_lines(text: str) -> str:
    """Do so, and keep tabs and the ends of lines."""
    return _STEERING_LINES.sub(" ", text)


def plain_cells(text: str) -> str:
    """Do so, and keep carriage returns too: a cell of CSV may hold lines that end in them."""
    return _STEERING_CELLS.sub(" ", text)


def escaped(text: str) -> str:
    """Write such characters in JSON as its escapes: the same data. `json.dumps` has escaped those below a blank."""
    return _STEERING_LINES.sub(lambda found: json.dumps(found[0])[1:-1], text)


def many(count: int, noun: str) -> str:
    """Count something in words: 1 outlet, 1,200 outlets."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def message(text: str) -> str:
    """Give a message as one line that is not endless."""
    line = " ".join(plain(text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"
