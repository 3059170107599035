"""A text page as its lines of content: bullets, marks and wrapping taken off, line numbers kept."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from model.pages.limits import LINES, TEXT

_LINE_END = re.compile(r"\r\n|\r|\n")
_BULLET = re.compile(r"(?:[•·▪◦‣●○■►▶*+–—-]|\d{1,3}[.)])\s+")
_MARKDOWN_HEADING = re.compile(r"(?P<level>#{1,6})\s+(?P<text>.*?)(?:\s+#+)?")
_MARKDOWN_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\([^()\s]*(?:\s[^()]*)?\)")
_EMPHASIS = re.compile(r"(\*\*?|__?)(?P<text>[^*_]+)\1:?")
_PICTURE = re.compile(r"!\[[^\[\]]*\]\([^()]*\)")
_LONGEST_MARKED = 1000  # characters; longer lines are paragraphs, whatever marks they bear
_WRAPPED_FROM = 40  # characters; lines are wrapped at 60-100, and headlines in a list are often shorter


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a text page, its wrapped lines joined: `heading` is its Markdown level, 0 for none."""

    text: str
    number: int
    bullet: bool = False
    heading: int = 0
    after_blank: bool = True


def read_lines(document: str) -> list[Line]:
    """The page's entries in order, without blank ones; raise `PageTooLargeError` for a page of too many or too long."""
    TEXT.check(len(document))
    LINES.check(1 + document.count("\n") + document.count("\r") - document.count("\r\n"))
    lines: list[Line] = []
    for number, text in enumerate(_LINE_END.split(document), start=1):
        lines.append(_unmark(text, number, after_blank=not lines or not lines[-1].text))
    return [line for run in _runs(lines) for line in _joined(run)]


def _unmark(text: str, number: int, *, after_blank: bool) -> Line:
    folded = " ".join(_unescaped(text).replace("\ufeff", "").split())
    if not folded or len(folded) > _LONGEST_MARKED:
        return Line(folded, number, after_blank=after_blank)
    bullet = _BULLET.match(folded)
    bare = folded[bullet.end() :] if bullet else folded
    marked = _MARKDOWN_HEADING.fullmatch(bare)
    bare = marked["text"] if marked else bare
    bare = _MARKDOWN_LINK.sub(lambda found: found["text"], _PICTURE.sub("", bare)).strip()
    if emphasized := _EMPHASIS.fullmatch(bare):
        bare = emphasized["text"].strip()
    return Line(bare, number, bool(bullet), len(marked["level"]) if marked else 0, after_blank)


def _unescaped(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a number of more than 4,300 digits
        return text


def _runs(lines: list[Line]) -> Iterator[list[Line]]:
    """The lines between two blank ones; a bullet and a heading begin a run of their own."""
    run: list[Line] = []
    for line in lines:
        if run and (not line.text or line.bullet or line.heading):
            yield run
            run = []
        if line.text:
            run.append(line)
    if run:
        yield run


def _joined(run: list[Line]) -> list[Line]:
    """One line for a wrapped paragraph or headline; else the lines as they stand."""
    if len(run) > 1 and _is_wrapped(run):
        return [replace(run[0], text=" ".join(line.text for line in run))]
    return run


def _is_wrapped(run: list[Line]) -> bool:
    """Whether lines go on in small letters, after lines too long to have been ended on purpose."""
    continued = sum(line.text[0].islower() for line in run[1:])
    return 3 * continued >= len(run) - 1 and all(len(line.text) >= _WRAPPED_FROM for line in run[:-1])
