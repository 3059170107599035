"""The n-grams of a headline: runs of tokens, and of characters within a white-space word."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from model.terms.tokens import DIGIT, REMEMBERED, SHORT_WORD, Token


class Located(NamedTuple):
    """A term and the white-space words `[first, stop)` that it stands on; `(0, 0)` is the headline as a whole."""

    term: str
    first: int
    stop: int


def ngrams(tokens: Sequence[Token], length: int, prefix: str = "") -> Iterator[Located]:
    """Give the runs of `length` tokens."""
    for start in range(len(tokens) - length + 1):
        run = tokens[start : start + length]
        yield Located(prefix + " ".join([token.text for token in run]), run[0].place, run[-1].place + 1)


def edged(word: str) -> str:
    """Give what the character n-grams of a white-space word are cut from."""
    lowered = word.lower()
    return f"_{lowered if lowered.isalpha() else DIGIT.sub('0', lowered)}_"


def char_ngrams(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    """Give the character n-grams of a white-space word, with their prefix `~`; remembered for short words."""
    of_word = _remembered if len(word) <= SHORT_WORD else _ngrams_of_word
    return of_word(word, shortest, longest)


def _ngrams_of_word(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    text = edged(word)
    grams = [
        f"~{text[start : start + length]}"
        for length in range(shortest, min(longest, len(text)) + 1)
        for start in range(len(text) - length + 1)
    ]
    return tuple(grams)


_remembered = lru_cache(REMEMBERED)(_ngrams_of_word)
