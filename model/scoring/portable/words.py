"""What the portable scorer needs of each white-space word, worked out once for many new words together."""

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.scoring.portable.marks import COUNT, FACTS, KNOWN, Facts, closing_facts, facts_of, opening_facts
from model.scoring.portable.terms import Doubles, FoldedTerms, Places
from model.terms.analyzer import BLOCKS, EDGE, TOPIC, TermSettings, is_topical
from model.terms.keys import MULTIPLIER, Keys, mixed, polynomials_of, powers
from model.terms.ngrams import edged
from model.terms.tokens import tokens_of

# Pseudo-words, which hold spaces as no word does: a headline's beginning and end, and what stands for no words at all.
OPENING, CLOSING, NOTHING = " ", "  ", "   "
OPENINGS = {character: OPENING + character for character in "'\""}
CLOSINGS = {character: CLOSING + character for character in "?!:."}
PSEUDO = (OPENING, CLOSING, NOTHING, *OPENINGS.values(), *CLOSINGS.values())

# A token's numbers, for two kinds of n-grams: its polynomial where it comes first, its polynomial after a space, and
# what the n-gram before it is multiplied by.
FIRST, NEXT, FACTOR, SKELETON_FIRST, SKELETON_NEXT, SKELETON_FACTOR, KIND = range(7)
TOPICAL, NUMBER = 1, 2  # kinds of tokens
_NEVER = 0xD1B54A32D192ED03  # odd and arbitrary: n-grams that reach over a headline's edge get keys of no term
_M = np.uint64(MULTIPLIER)
_CHARS = BLOCKS.index("chars")  # 1: a word's own terms are of the first two blocks


class Lessons(NamedTuple):
    """What is to be remembered of n words.

    `facts` (n, FACTS); `sums` (n, 6), what its unigrams and then its character n-grams add to numerators and squared
    norms; `columns`, those of all its unigrams and character n-grams, with their blocks, `column_counts` (n,) of them
    for each word; `tokens` (t, 7) and `token_counts` (n,).
    """

    words: Sequence[str]
    facts: Facts
    sums: Doubles
    columns: npt.NDArray[np.uint32]
    column_counts: Places
    tokens: Keys
    token_counts: Places


class Teacher:
    """Works out `Lessons`.

    A column is given with its block, as `block * width + column`. What looked a term up says which block it is of,
    never what was found before: whoever makes a word with a term's key would change other people's scores.
    """

    def __init__(self, terms: FoldedTerms, settings: TermSettings) -> None:
        self._terms = terms
        self._settings = settings

    def teach(self, words: Sequence[str]) -> Lessons:
        """Work out what is to be remembered of words."""
        tokens = [tokens_of(word) for word in words]
        token_counts = np.array(list(map(len, tokens)), np.intp)
        numbers = _numbers_of([token for texts in tokens for token in texts])
        owners = np.arange(len(words)).repeat(token_counts)
        held, unigrams = self._unigrams(numbers, owners)
        sums, columns, counts = self._summed(np.concatenate([unigrams, self._char_ngrams(words)]), len(words))
        each = chain.from_iterable(map(facts_of, words, tokens))
        facts = np.fromiter(each, np.int16, len(words) * FACTS).reshape(-1, FACTS)
        alpha = np.array([token[0].isalpha() for texts in tokens for token in texts], bool)
        known = np.bincount(owners[held][alpha[held]], minlength=len(words))
        facts[:, KNOWN] = known if self._settings.words else facts[:, COUNT]
        return Lessons(words, facts, sums, columns, counts, numbers, token_counts)

    def _unigrams(self, numbers: Keys, owners: Places) -> tuple[Places, Places]:
        """Give the places of the known tokens among all, and of each, the word, the block and the column as one number.

        That is `(2 word + block) width + column`.
        """
        if self._settings.words < 1:
            return owners[:0], owners[:0]
        places, columns = self._terms.find(mixed(numbers[:, FIRST]))
        return places, owners[places] * 2 * self._terms.width + columns

    def _char_ngrams(self, words: Sequence[str]) -> Places:
        """Give the known character n-grams, in the same way."""
        texts = [edged(word) for word in words]
        lengths = np.array(list(map(len, texts)), np.intp)
        points = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.uint64)
        owners = np.arange(len(texts)).repeat(lengths)
        left = lengths.cumsum()[owners] - np.arange(len(points))
        shortest, longest = self._settings.chars
        values = np.full(1, ord("~"), np.uint64) * _M + points
        keys, held = [values[:0]], [owners[:0]]
        for length in range(1, longest + 1):
            if length > 1:
                values = values[:-1] * _M + points[length - 1 :]
            if length >= shortest:
                starts = (left[: len(values)] >= length).nonzero()[0]
                keys.append(values.take(starts))
                held.append(owners.take(starts))
        places, columns = self._terms.find(mixed(np.concatenate(keys)))
        return (np.concatenate(held).take(places) * 2 + _CHARS) * self._terms.width + columns

    def _summed(self, pairs: Places, words: int) -> tuple[Doubles, npt.NDArray[np.uint32], Places]:
        """Give the sums of n words, all their columns, and how many each has."""
        pairs, times = np.unique(pairs, return_counts=True)
        places, columns = np.divmod(pairs, self._terms.width)
        owners, blocks = np.divmod(places, 2)
        # Multiplied, not added up one by one: a letter that stands 500 times would cost three digits.
        values = self._terms.values.take(columns, axis=0) * times[:, None]
        slots = 3 * places[:, None] + np.arange(3)
        sums: Doubles = np.asarray(np.bincount(slots.ravel(), values.ravel(), 6 * words), np.float64).reshape(words, 6)
        counts = np.bincount(owners, times, words).astype(np.intp)
        return sums, (blocks * self._terms.width + columns).repeat(times).astype(np.uint32), counts


def pseudo_words() -> Lessons:
    """Give what is to be remembered of the pseudo-words."""
    count = len(PSEUDO)
    facts = [closing_facts(word[-1]) if word.startswith(CLOSING) else opening_facts(word[-1]) for word in PSEUDO]
    facts[PSEUDO.index(NOTHING)] = opening_facts(" ")
    tokens = np.full((count, 7), _NEVER, np.uint64)
    tokens[:, KIND] = 0
    edge = _numbers_of([EDGE])[0]
    for number, word in enumerate(PSEUDO):
        if word != NOTHING:
            place = SKELETON_NEXT if word.startswith(CLOSING) else SKELETON_FIRST
            tokens[number, [place, SKELETON_FACTOR]] = edge[[place, SKELETON_FACTOR]]
    none, one = np.zeros(count, np.intp), np.ones(count, np.intp)
    return Lessons(PSEUDO, np.array(facts, np.int16), np.zeros((count, 6)), np.zeros(0, np.uint32), none, tokens, one)


def _numbers_of(tokens: Sequence[str]) -> Keys:
    """Give the numbers of n tokens, shape (n, 7)."""
    numbers = np.empty((len(tokens), 7), np.uint64)
    lengths = np.array(list(map(len, tokens)), np.intp)
    topical = np.array(list(map(is_topical, tokens)), bool)
    _fill(numbers[:, FIRST : FACTOR + 1], polynomials_of(tokens), lengths, 0)
    kept = np.where(topical, np.uint64(ord(TOPIC)), numbers[:, FIRST])
    _fill(numbers[:, SKELETON_FIRST : SKELETON_FACTOR + 1], kept, np.where(topical, len(TOPIC), lengths), ord("="))
    numbers[:, KIND] = [NUMBER * (token[0] == "0") for token in tokens]
    numbers[:, KIND] += topical * np.uint64(TOPICAL)
    return numbers


def _fill(numbers: Keys, polynomials: Keys, lengths: Places, prefix: int) -> None:
    power = powers(lengths)
    numbers[:, 0] = np.uint64(prefix) * power + polynomials
    numbers[:, 1] = np.uint64(ord(" ")) * power + polynomials
    numbers[:, 2] = _M * power
