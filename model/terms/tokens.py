"""The tokens of a white-space word: runs of letters, numbers by their length, and telling punctuation."""

import re
from functools import lru_cache
from typing import NamedTuple

# Words that are remembered, and their longest: 50 MB of n-grams at the most, whatever words come.
REMEMBERED, SHORT_WORD = 10_000, 24
DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+(?:[.,]\d+)*|\.\.\.|[?!:;\"$£€%]")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Token(NamedTuple):
    """A token and the number of the white-space word that it stands in."""

    text: str
    place: int


def tokens_of(word: str) -> tuple[str, ...]:
    """Cut one white-space word into the texts of its tokens."""
    lowered = word.lower()
    if lowered.isalpha():  # most words: a third of the time
        return (lowered,)
    return tuple(_shape(token) for token in _TOKEN.findall(lowered))


def tokens_in(cleaned: str) -> list[str]:
    """Cut a cleaned headline into the texts of its tokens."""
    return [token for word in cleaned.split() for token in remembered_tokens(word)]


_remembered_tokens = lru_cache(REMEMBERED)(tokens_of)


def remembered_tokens(word: str) -> tuple[str, ...]:
    """Give the same, remembered for short words."""
    return _remembered_tokens(word) if len(word) <= SHORT_WORD else tokens_of(word)


def _shape(token: str) -> str:
    """Fold what is the same word: apostrophes go (Webis-17 lost them), a number is its length, a year a year."""
    if not (digits := DIGIT.findall(token)):
        return token.replace("'", "")
    return "0000" if _YEAR.fullmatch(token) else "0" * min(len(digits), 3)
