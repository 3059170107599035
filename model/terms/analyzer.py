"""The one analyzer: a headline becomes terms here, for training and for scoring alike.

Five blocks of terms, each of which is normalised by itself, and each head uses some of them:

- words: n-grams of tokens (`slams into`);
- chars: n-grams within a white-space word (`~_slam`), where `_` is the word's edge;
- style: marks (`<shout 1>`), see `model.terms.style`;
- skeleton: n-grams of what is left when every run of topical words becomes one `*` (`=| 00 * that will *`), where `|`
  is the headline's edge;
- form: marks of length and case (`#names 3`), which can tell a publisher's house style: not for the sensational head.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.terms.cleaning import clean
from model.terms.ngrams import Located, char_ngrams, ngrams
from model.terms.style import STYLE_WORDS, marks
from model.terms.tokens import Token, remembered_tokens

REVISION = 2  # raised whenever a headline's terms change: an artefact of another revision is refused
BLOCKS = ("words", "chars", "style", "skeleton", "form")
_PREFIXES = {"~": 1, "<": 2, "=": 3, "#": 4}

LONGEST_RUN, LONGEST_PIECE = 16, 16  # tokens and characters of a term: each of a headline's begins that many terms
EDGE, TOPIC = "|", "*"


@dataclass(frozen=True, slots=True)
class TermSettings:
    """Which n-grams a model knows; kept in its manifest."""

    words: int = 2
    skeleton: int = 4
    chars: tuple[int, int] = (2, 5)

    def as_dict(self) -> dict[str, Any]:
        """Give the settings as the manifest keeps them, with the analyzer's revision."""
        return {**asdict(self), "chars": list(self.chars), "revision": REVISION}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TermSettings":
        """Read what `as_dict` gave; raise `ValueError` for another revision of the analyzer, or what is no setting."""
        if values.get("revision") != REVISION:
            raise ValueError(f"terms have revision {values.get('revision')}, this Broadsheet cuts revision {REVISION}")
        words, skeleton = (_length(name, values.get(name), 0, LONGEST_RUN) for name in ("words", "skeleton"))
        chars = values.get("chars")
        if not isinstance(chars, list | tuple) or len(chars) != 2:
            raise ValueError("chars of the terms must be the shortest and the longest length")
        shortest, longest = (_length("chars", length, 1, LONGEST_PIECE) for length in chars)
        if shortest > longest:
            raise ValueError(f"chars of the terms must be the shortest and the longest length, got {list(chars)}")
        return cls(words, skeleton, (shortest, longest))

    def analyze(self, headline: str) -> list[str]:
        """Cut a headline as given into its terms, repeats kept."""
        return [located.term for located in self.located(clean(headline))]

    def located(self, cleaned: str) -> Iterator[Located]:
        """Cut a cleaned headline into terms, each with the words that it stands on."""
        words = cleaned.split()
        tokens = [Token(text, place) for place, word in enumerate(words) for text in remembered_tokens(word)]
        for length in range(1, self.words + 1):
            yield from ngrams(tokens, length)
        for place, word in enumerate(words):
            for gram in char_ngrams(word, *self.chars):
                yield Located(gram, place, place + 1)
        yield from (Located(*mark) for mark in marks(words, tokens))
        skeleton = _skeleton(tokens, len(words))
        for length in range(2, self.skeleton + 1):
            yield from ngrams(skeleton, length, "=")


def _length(name: str, value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} of the terms must be whole numbers from {least} to {most}, got {value!r}")
    return value


def block_of(term: str) -> int:
    """Give the number of the block that a term belongs to, from its first character."""
    return _PREFIXES.get(term[0], 0)


def _skeleton(tokens: Sequence[Token], words: int) -> list[Token]:
    """Keep the words of style and the punctuation, and one `*` for each run of other words, within edges."""
    kept = [Token(EDGE, 0)]
    for token in tokens:
        if not is_topical(token.text):
            kept.append(token)
        elif kept[-1].text != TOPIC:
            kept.append(Token(TOPIC, token.place))
    return [*kept, Token(EDGE, words - 1)] if words else []


def is_topical(token: str) -> bool:
    """Tell a token that says what a headline is about from one of its style."""
    return token[0].isalpha() and token not in STYLE_WORDS
