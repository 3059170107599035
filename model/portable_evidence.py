"""The portable scorer's evidence: the occurrences of known terms, and what each adds to the words it stands on."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from model.clean import Cleaned
from model.judgement import AXES, Axis, Evidence, Span
from model.keys import keys_of
from model.portable_memory import ranges
from model.portable_terms import Doubles, FoldedTerms, Places
from model.style import marks
from model.terms import BLOCKS, Token, block_of, remembered_tokens_of

_TINY = 1e-300  # for the norm of a block without known terms, as in model.portable


class Occurrences(NamedTuple):
    """Occurrences of known terms: the headline, the term's column and block, and the words `[first, stop)` of each.

    Words are numbered through all headlines; `(0, 0)` is the headline as a whole.
    """

    rows: Places
    columns: Places
    blocks: Places
    first: Places
    stop: Places


class MarkFinder:
    """Finds the known marks of headlines, one headline at a time: a tenth of what evidence costs."""

    def __init__(self, terms: FoldedTerms) -> None:
        self._terms = terms
        self._columns: dict[str, int | None] = {}  # of marks met so far; there are some 2,000

    def find(self, texts: Sequence[str], starts: Sequence[int]) -> Occurrences:
        """Give the marks of cleaned headlines, the first word of each being numbered as `starts` says."""
        found = [each for row, text in enumerate(texts) for each in self._marks(row, text, starts[row])]
        return Occurrences(*np.array(found, np.intp).reshape(-1, len(Occurrences._fields)).T)

    def _marks(self, row: int, text: str, start: int) -> Iterator[tuple[int, int, int, int, int]]:
        words = text.split()
        tokens = [Token(token, place) for place, word in enumerate(words) for token in remembered_tokens_of(word)]
        for mark, first, stop in marks(words, tokens):
            if mark not in self._columns:
                _, columns = self._terms.find(keys_of([mark]))
                self._columns[mark] = int(columns[0]) if len(columns) else None
            if (column := self._columns[mark]) is not None:
                on_words = (start + first, start + stop) if stop else (0, 0)
                yield row, column, block_of(mark), *on_words


def joined(parts: Sequence[Occurrences]) -> Occurrences:
    """Put occurrences behind one another."""
    return Occurrences(*map(np.concatenate, zip(*parts, strict=True)))


def shared(found: Occurrences, terms: FoldedTerms, rows: int, words: int) -> tuple[Doubles, Doubles]:
    """Give what the words add to each axis, shape (words, 2), and what is left of each headline, (rows, 2).

    A term's weight is shared equally among its occurrences, and each occurrence's among the words it stands on.
    """
    _, one, inverse, counts = np.unique(
        found.rows * terms.width + found.columns, return_index=True, return_inverse=True, return_counts=True
    )
    values = terms.values.take(found.columns[one], axis=0)
    tf = 1 + np.log(counts)
    norm_of = found.rows[one] * len(BLOCKS) + found.blocks[one]
    squares = np.bincount(norm_of, tf * tf * values[:, len(AXES)], rows * len(BLOCKS))
    factors = tf / (counts * np.sqrt(np.maximum(squares, _TINY)).take(norm_of))
    each = (values[:, : len(AXES)] * factors[:, None]).take(inverse, axis=0)
    sizes = found.stop - found.first
    whole = sizes == 0
    each /= np.maximum(sizes, 1)[:, None]
    places = ranges(found.first, sizes)
    on_words = each.repeat(sizes, axis=0)
    return _summed(places, on_words, words), _summed(found.rows[whole], each[whole], rows)


def _summed(places: Places, values: Doubles, count: int) -> Doubles:
    return np.column_stack([np.bincount(places, values[:, axis], count) for axis in range(len(AXES))])


def evidence_of(headline: str, cleaned: Cleaned, shares: Doubles, rest: Doubles, bias: Doubles) -> Evidence:
    """Write one headline's evidence, from the shares of its words (words, 2)."""
    spans = []
    end = 0
    for word, (sensational, clickbait) in zip(cleaned.text.split(), shares.tolist(), strict=True):
        first = cleaned.text.index(word, end)
        end = first + len(word)
        if sensational or clickbait:
            start, stop = cleaned.starts[first], cleaned.ends[end - 1]
            spans.append(Span(start, stop, headline[start:stop], sensational, clickbait))
    spans.sort(key=_strength, reverse=True)
    return Evidence(_by_axis(bias), tuple(spans), _by_axis(rest))


def _strength(span: Span) -> float:
    return max(abs(span.sensational), abs(span.clickbait))


def _by_axis(values: Doubles) -> dict[Axis, float]:
    return dict(zip(AXES, values.tolist(), strict=True))
