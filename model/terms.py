"""The one analyzer: a headline becomes terms here, for training and for scoring alike.

A term is a word n-gram (`slams into`), a character n-gram within a word (`~_slam`, where `_` is the word's edge) or a
mark of style (`<shout>`). Each stands on a run of white-space words, or on the headline as a whole.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from model.clean import clean

REVISION = 1  # raised whenever a headline's terms change: an artefact of another revision is refused

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[?!$£€%\"]|\.\.\.")
_DIGITS = re.compile(r"\d+")


class Located(NamedTuple):
    """A term and the words `[first, stop)` that it stands on; `(0, 0)` is the headline as a whole."""

    term: str
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class TermSettings:
    """Which families of terms a model knows; kept in its manifest."""

    words: int = 2
    chars: tuple[int, int] = (2, 5)
    marks: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Give the settings as the manifest keeps them, with the analyzer's revision."""
        return {**asdict(self), "chars": list(self.chars), "revision": REVISION}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TermSettings":
        """Read what `as_dict` gave; raise `ValueError` for another revision of the analyzer."""
        if values["revision"] != REVISION:
            raise ValueError(f"terms of revision {values['revision']}, this Broadsheet cuts revision {REVISION}")
        return cls(int(values["words"]), (int(values["chars"][0]), int(values["chars"][1])), bool(values["marks"]))

    def analyze(self, headline: str) -> list[str]:
        """Cut a headline as given into its terms, repeats kept."""
        return [located.term for located in self.located(clean(headline))]

    def located(self, cleaned: str) -> Iterator[Located]:
        """Cut a cleaned headline into terms, each with the words that it stands on."""
        words = cleaned.split()
        yield from _word_ngrams(words, self.words)
        for place, word in enumerate(words):
            for gram in _char_ngrams(word.lower(), *self.chars):
                yield Located(gram, place, place + 1)
        if self.marks:
            yield from _marks(words)


def _word_ngrams(words: Sequence[str], longest: int) -> Iterator[Located]:
    tokens = [(token, place) for place, word in enumerate(words) for token in _tokens(word)]
    for length in range(1, longest + 1):
        for start in range(len(tokens) - length + 1):
            run = tokens[start : start + length]
            yield Located(" ".join(token for token, _ in run), run[0][1], run[-1][1] + 1)


@lru_cache(maxsize=50_000)
def _tokens(word: str) -> tuple[str, ...]:
    return tuple(_DIGITS.sub(_masked, token) for token in _TOKEN.findall(word.lower()))


def _masked(digits: re.Match[str]) -> str:
    return "0" * len(digits[0])


@lru_cache(maxsize=50_000)
def _char_ngrams(word: str, shortest: int, longest: int) -> tuple[str, ...]:
    edged = f"_{_DIGITS.sub(_masked, word)}_"
    grams = [
        f"~{edged[start : start + length]}"
        for length in range(shortest, min(longest, len(edged)) + 1)
        for start in range(len(edged) - length + 1)
    ]
    return tuple(grams)


def _marks(words: Sequence[str]) -> Iterator[Located]:
    for place, word in enumerate(words):
        if len(word) > 3 and word.isupper() and word.isalpha():
            yield Located("<shout>", place, place + 1)
    yield Located(f"<length {min(len(words), 30) // 3 * 3}>", 0, 0)
