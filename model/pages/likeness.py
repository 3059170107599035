"""How alike two wordings of a headline are, and a title without the name of whoever published it."""

import re
from collections.abc import Iterable

_WORD = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\u0e00-\u0eff]|[^\W_]+")  # of scripts without spaces, a letter
_FEWEST = 4  # words that are enough to say that one wording holds the other
_AGREED = 0.8
_RELATED = 2  # words of some length in common
_LONG = 4
_MARK = re.compile(r"\s*[|»«·•:/–—-]+\s*")  # before or after a name that is known
_SEPARATOR = re.compile(r"\s*[|»«·•]\s*|\s+(?:[-–—/]|::)\s+|\s*:\s+")
_NAME = re.compile(
    r"(?:[A-Z0-9][\w.&'’-]*|of|the|and|for|&|on|in)(?: (?:[A-Z0-9][\w.&'’-]*|of|the|and|for|&|on|in)){0,4}"
)
_ENDS = 3  # names behind a title at most: of a section, of a desk, of a paper
_LONGEST = 300  # characters that are looked at


def likeness(one: str, other: str) -> float:
    """How alike two wordings are, from 0 to 1: the words that both have, of those of the shorter, if it is no scrap."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return 0.0
    common = len(first & second)
    shorter, longer = sorted((len(first), len(second)))
    return common / shorter if shorter >= _FEWEST and 2 * shorter >= longer else common / longer


def best_likeness(text: str, titles: Iterable[str]) -> float:
    """How alike `text` is to the title that it is most alike to."""
    return max((likeness(text, title) for title in titles), default=0.0)


def agrees(text: str, titles: Iterable[str]) -> bool:
    """Whether a title speaks of the same, if in other words."""
    words = {word for word in _words(text) if len(word) >= _LONG or not word.isascii()}
    return any(len(words & _words(title)) >= _RELATED or likeness(text, title) >= _AGREED for title in titles)


def is_same(one: str, other: str) -> bool:
    """Whether two texts have the same letters and digits, in order."""
    return letters_of(one) == letters_of(other) != ""


def without_publisher(title: str, site: str) -> str:
    """A title without the site's name at either end."""
    marks = list(_MARK.finditer(title[:_LONGEST])) if site else []
    for mark in reversed(marks):
        if is_same(title[mark.end() :], site):
            return title[: mark.start()].strip()
    for mark in marks:
        if is_same(title[: mark.start()], site):
            return title[mark.end() :].strip()
    return title


def without_any_publisher(title: str) -> str:
    """A title without what is capitalised like a name behind its last marks, where that leaves a headline."""
    for mark in reversed(list(_SEPARATOR.finditer(title[:_LONGEST]))[-_ENDS:]):
        before, name = title[: mark.start()].strip(), title[mark.end() :].strip()
        is_name = mark[0].strip() not in {":", "/", "::"} and bool(_NAME.fullmatch(name))
        if not is_name or len(_words(before)) < max(_FEWEST, len(_words(name)) + 1):
            break
        title = before
    return title


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text[:_LONGEST].casefold()))


def letters_of(text: str) -> str:
    """Its letters and digits, in order: what two printings of it have in common."""
    return "".join(_WORD.findall(text[:_LONGEST].casefold())).removeprefix("the")
