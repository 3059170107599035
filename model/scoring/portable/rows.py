"""Headlines as the portable scorer looks at them: runs of remembered words, their tokens and the facts about them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from model.scoring.portable.marks import BODY, COLON, NAMES, Facts
from model.scoring.portable.memory import Memory, Pairs
from model.scoring.portable.terms import Places
from model.scoring.portable.words import KIND, NUMBER
from model.terms.keys import Keys


class Ngrams(NamedTuple):
    """The first and the last token of each n-gram, and its column with its block: `block * width + column`."""

    first: Places
    last: Places
    columns: Places


class Rows(NamedTuple):
    """Headlines as runs of words: all words' numbers, the start of each headline, and what pairs of its words begin at.

    A pair is a headline's row, a term's block and its column as one number, `(5 row + block) width + column`.
    """

    texts: Sequence[str]
    numbers: Places
    starts: Places
    offsets: Pairs


class Found(NamedTuple):
    """What headlines are made of: their words as remembered, all tokens, and the known n-grams of several tokens.

    `facts` has a row for each word, `sums` one for each headline.
    """

    memory: Memory
    rows: Rows
    spans: Places
    tokens: Keys
    ngrams: Ngrams
    facts: Facts
    sums: Facts


def number_first(tokens: Keys, counts: Places, rows: Rows) -> Places:
    """Give 1 for each headline whose first token is a number."""
    opening = (counts.cumsum() - counts).take(rows.starts)
    return np.asarray(tokens[:, KIND].take(opening + 1) == NUMBER, np.intp)


def summed(facts: Facts, rows: Rows) -> Facts:
    """Add up the facts of each headline's words; those that count names leave out the first word."""
    sums = np.add.reduceat(facts, rows.starts, dtype=np.int16)
    sums[:, BODY : NAMES + 1] -= facts.take(rows.starts + 1, axis=0)[:, BODY : NAMES + 1]
    return sums


def colon_at(facts: Facts, rows: Rows) -> Places:
    """Give one more than the place of each headline's first colon, 0 where there is none."""
    found = np.zeros(len(rows.starts), np.intp)
    words = facts[:, COLON].nonzero()[0][::-1]
    if len(words):
        row_of = rows.starts.searchsorted(words, side="right") - 1
        found[row_of] = words - rows.starts[row_of]  # the last one written is the first colon
    return found
