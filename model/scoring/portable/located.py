"""Marks that stand on words, for the portable scorer: where each is, from the facts about the words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from model.scoring.portable.marks import (
    AGED_WORD,
    CLOSES,
    COLON,
    COMMA_LAST,
    COUNTED,
    END,
    ENDS,
    NUMBER,
    OPENS,
    QUOTE_FIRST,
    SHOUTED,
    is_shouting,
)
from model.scoring.portable.memory import Pairs
from model.scoring.portable.rows import Found, number_first
from model.scoring.portable.terms import FoldedTerms, Places
from model.terms.analyzer import BLOCKS
from model.terms.keys import keys_of
from model.terms.style import quotations

STYLE = BLOCKS.index("style")

_AGE = "<age>"
_REPEATABLE = (_AGE, "<quote 1>", "<quote 2>", "<quote 4>")  # marks that are one for each occurrence
_UNKNOWN = -1


class Marked(NamedTuple):
    """Known marks: the headline, the column and the words `[first, stop)` of each, numbered through all headlines."""

    rows: Places
    columns: Places
    first: Places
    stop: Places

    def pairs(self, width: int) -> Pairs:
        """Give them as pairs, see `model.scoring.portable.rows`."""
        return ((self.rows * len(BLOCKS) + STYLE) * width + self.columns).astype(np.uint32)


class LocatedMarks:
    """Finds them with one model's terms."""

    def __init__(self, terms: FoldedTerms) -> None:
        self._repeatable = dict(zip(_REPEATABLE, self._columns(terms, _REPEATABLE).tolist(), strict=True))
        names = dict(enumerate(f"<{name}>" for name in COUNTED))
        names |= {END + place: f"<end {character}>" for place, character in enumerate(ENDS)}
        names |= {QUOTE_FIRST: "<quote first>", NUMBER: "<number>"}
        self._of_fact = self._columns(terms, [names.get(fact, "") for fact in range(NUMBER + 1)])
        self._colon_at = self._columns(terms, [f"<colon at {place}>" for place in range(5)])
        self._shouts = self._columns(terms, ["<shout 1>", "<shout 2>"])
        self._number_first = self._columns(terms, ["<number first>"])[0]

    def repeatable(self, found: Found) -> Iterator[Marked]:
        """Give the marks that a headline may hold several times, so that they do not follow from sums: few have any."""
        facts, sums, rows = found.facts, found.sums, found.rows
        held = np.maximum.reduce(sums[:, AGED_WORD : CLOSES + 1]).tolist()
        if held[0] and self._repeatable[_AGE] != _UNKNOWN:
            aged = facts[:, AGED_WORD].nonzero()[0]
            aged = aged[facts[aged - 1, COMMA_LAST] > 0]
            row = rows.starts.searchsorted(aged, side="right") - 1
            yield Marked(row, np.full(len(aged), self._repeatable[_AGE]), aged, aged + 1)
        if held[OPENS - AGED_WORD] and held[CLOSES - AGED_WORD]:
            quoting = (np.minimum(sums[:, OPENS], sums[:, CLOSES]) > 0).nonzero()[0].tolist()
            starts = rows.starts.tolist()
            marks = [
                (row, self._repeatable[mark], starts[row] + 1 + first, starts[row] + 1 + stop)
                for row in quoting
                for mark, first, stop in quotations(rows.texts[row])
            ]
            yield self._known(*np.array(marks, np.intp).reshape(-1, 4).T)

    def once(self, found: Found) -> Iterator[Marked]:
        """Give the others, each on the first word that has what it marks; an edge is the word beside it."""
        facts, starts = found.facts, found.rows.starts
        words, fact = facts[:, : NUMBER + 1].nonzero()
        row = starts.searchsorted(words, side="right") - 1
        _, one = np.unique(row * (NUMBER + 1) + fact, return_index=True)
        row, fact, words = row[one], fact[one], np.clip(words[one], starts[row[one]] + 1, _last(found)[row[one]])
        yield self._known(row, self._of_fact[fact], words, words + 1)
        colons = fact == COLON
        place = np.minimum(words[colons] - starts[row[colons]] - 1, 4)
        yield self._known(row[colons], self._colon_at[place], words[colons], words[colons] + 1)
        leading = (fact == NUMBER) & (number_first(found.tokens, found.spans[3], found.rows)[row] > 0)
        column = np.full(leading.sum(), self._number_first)
        yield self._known(row[leading], column, words[leading], words[leading] + 1)
        yield self._shouted(found)

    def _shouted(self, found: Found) -> Marked:
        words = found.facts[:, SHOUTED].nonzero()[0]
        row = found.rows.starts.searchsorted(words, side="right") - 1
        loud = is_shouting(found.sums.T)[row]
        words, row = words[loud], row[loud]
        number = np.arange(len(row)) - row.searchsorted(row)
        words, row, number = words[number < 2], row[number < 2], number[number < 2]
        return self._known(row, self._shouts[number], words, words + 1)

    @staticmethod
    def _columns(terms: FoldedTerms, names: Sequence[str]) -> Places:
        columns = np.full(len(names), _UNKNOWN, np.intp)
        places, found = terms.find(keys_of(names))
        columns[places] = found
        return columns

    @staticmethod
    def _known(rows: Places, columns: Places, first: Places, stop: Places) -> Marked:
        known = columns != _UNKNOWN
        return Marked(rows[known], columns[known], first[known], stop[known])


def _last(found: Found) -> Places:
    """Give the last word of each headline, before the pseudo-word that ends it."""
    return np.append(found.rows.starts[1:], len(found.rows.numbers)) - 2
