"""The scorer that needs NumPy alone.

All character n-grams and tokens of a headline belong to its white-space words, so they are found once for each word
and remembered; a headline's sums are the sums of its words, corrected for the n-grams that it repeats. Only n-grams of
several tokens are looked up for every headline, from polynomials of their tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.clean import check_headline, clean
from model.judgement import AXES
from model.keys import Keys, keys_of, mixed
from model.portable_marks import AGED_WORD, BODY, CLOSES, COLON, COMMA_LAST, NAMES, OPENS, Facts, MarkTable
from model.portable_memory import Memory, SharedMemory
from model.portable_terms import Doubles, FoldedTerms, Places
from model.portable_words import (
    CLOSING,
    CLOSINGS,
    FACTOR,
    FIRST,
    KIND,
    NOTHING,
    NUMBER,
    OPENING,
    OPENINGS,
    SKELETON_FACTOR,
    SKELETON_FIRST,
    TOPICAL,
    Teacher,
    pseudo_words,
)
from model.style import quotations
from model.terms import BLOCKS

# Characters of headlines that are scored at once: few enough that the arrays stay in the processor's cache and that
# all words of a chunk fit an empty memory, enough that NumPy's calls cost little each.
_CHUNK = 32_000
_MOST_REPEATS = 4096  # more than a headline has characters once it is cleaned and in lower case
_AGE, _QUOTES = "<age>", ("<quote 1>", "<quote 2>", "<quote 4>")


class Found(NamedTuple):
    """Terms of headlines: for each occurrence the headline's row and the term's column."""

    rows: Places
    columns: Places


class Rows(NamedTuple):
    """Headlines as runs of words: all words' numbers, the start of each headline, and the row of each word."""

    texts: Sequence[str]
    numbers: Places
    starts: Places
    row_of: Places


class Portable:
    """Scores with one artefact; threads may share it."""

    def __init__(self, artefact: Artefact) -> None:
        self._settings = artefact.settings
        self._intercept = np.array([artefact.heads[axis].intercept for axis in AXES])
        self._terms = FoldedTerms(artefact)
        self._marks = MarkTable(self._terms)
        self._teacher = Teacher(self._terms, artefact.settings)
        self.memory = SharedMemory(self._teacher.teach, pseudo_words())
        self._corrections = _corrections()
        places, columns = self._terms.find(keys_of([_AGE, *_QUOTES]))
        names = [_AGE, *_QUOTES]
        self._several = {names[place]: int(column) for place, column in zip(places, columns, strict=True)}
        self._teacher.blocks[columns] = 2

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        texts = [clean(check_headline(headline)) for headline in headlines]
        scores = [self._score(chunk) for chunk in _chunks(texts, 2**32 // self._terms.width)]
        together: Doubles = np.concatenate([np.empty((0, len(AXES))), *scores]) + self._intercept
        return together

    def _score(self, texts: Sequence[str]) -> Doubles:
        memory, rows = self._read(texts)
        facts = memory.facts.take(rows.numbers, axis=0)
        spans = memory.spans.take(rows.numbers, axis=0)
        totals = np.empty((len(texts), len(BLOCKS), 3))
        totals[:, :2] = np.add.reduceat(memory.sums.take(rows.numbers, axis=0), rows.starts).reshape(-1, 2, 3)
        totals[:, 3] = 0
        tokens, row_of_token, number_first = _tokens(memory, rows, spans)
        sums = _summed(facts, rows)
        totals[:, 2::2] = self._marks.add_up(sums, number_first, _colons(facts, sums, rows)).reshape(-1, 2, 3)
        found = _joined([*self._token_ngrams(tokens, row_of_token), *self._marks_of_places(facts, sums, rows)])
        within = _ranges(spans[:, 0], spans[:, 1])
        grams = Found(rows.row_of.repeat(spans[:, 1]), memory.columns.take(within))
        self._add(totals, found, grams)
        scores: Doubles = np.add.reduce(totals[:, :, :2] / np.sqrt(np.maximum(totals[:, :, 2:], 1e-300)), axis=1)
        return scores

    def _read(self, texts: Sequence[str]) -> tuple[Memory, Rows]:
        words: list[str] = []
        sizes = []
        for text in texts:
            before = len(words)
            if text:
                words.append(OPENINGS.get(text[0], OPENING))
                words += text.split()
                words.append(CLOSINGS.get(text[-1], CLOSING))
            else:
                words += (NOTHING, NOTHING)
            sizes.append(len(words) - before)
        counts = np.array(sizes)
        memory, numbers = self.memory.recall(words)
        return memory, Rows(texts, numbers, counts.cumsum() - counts, np.arange(len(texts)).repeat(counts))

    def _token_ngrams(self, tokens: Keys, rows: Places) -> Iterator[Found]:
        words = _polynomials(tokens[:, FIRST : FACTOR + 1], self._settings.words)
        topical = tokens[:, KIND] == TOPICAL
        kept = (~(topical[1:] & topical[:-1])).nonzero()[0] + 1
        kept = np.concatenate([kept[:0], [0], kept])
        skeleton = _polynomials(
            tokens[:, SKELETON_FIRST : SKELETON_FACTOR + 1].take(kept, axis=0), self._settings.skeleton
        )
        rows_kept = rows[kept]
        starts = [*(rows[: len(keys)] for keys in words), *(rows_kept[: len(keys)] for keys in skeleton)]
        keys = [*words, *skeleton]
        if not keys:
            return
        places, columns = self._terms.find(mixed(np.concatenate(keys)))
        self._teacher.blocks[columns] = np.where(places < sum(map(len, words)), 0, 3)
        yield Found(np.concatenate(starts)[places], columns)

    def _marks_of_places(self, facts: Facts, sums: Facts, rows: Rows) -> Iterator[Found]:
        """Give the marks that a headline may repeat and that sums of facts do not tell: ages and quotations."""
        if _AGE in self._several and sums[:, AGED_WORD].any():
            aged = facts[:, AGED_WORD].nonzero()[0]
            aged = aged[facts[aged - 1, COMMA_LAST] > 0]
            yield Found(rows.row_of[aged], np.full(len(aged), self._several[_AGE]))
        quoting = (np.minimum(sums[:, OPENS], sums[:, CLOSES]) > 0).nonzero()[0]
        pairs = [
            (row, self._several[mark])
            for row in quoting.tolist()
            for mark, _, _ in quotations(rows.texts[row])
            if mark in self._several
        ]
        if pairs:
            yield Found(*np.array(pairs, np.intp).T)

    def _add(self, totals: Doubles, found: Found, grams: Found) -> None:
        """Add terms found now, and correct for all terms that stand in a headline more than once."""
        width = self._terms.width
        pairs = np.concatenate([grams.rows * width + grams.columns, found.rows * width + found.columns])
        pairs = pairs.astype(np.uint32)
        pairs.sort()
        again = pairs[1:][pairs[1:] == pairs[:-1]]
        bounds = np.concatenate([[0], (again[1:] != again[:-1]).nonzero()[0] + 1, [len(again)]])
        repeated = again[bounds[:-1]] if len(again) else again
        times = np.diff(bounds) + 1 if len(again) else bounds[:0]
        rows, columns = np.divmod(repeated.astype(np.intp), width)
        rows, columns = np.concatenate([found.rows, rows]), np.concatenate([found.columns, columns])
        added = self._terms.values.take(columns, axis=0)
        added[len(found.rows) :] *= self._corrections.take(times, axis=0)
        slots = rows * len(BLOCKS) + self._teacher.blocks[columns]
        places = slots[:, None] * 3 + np.arange(3)
        totals += np.bincount(places.ravel(), added.ravel(), totals.size).reshape(totals.shape)


def _chunks(texts: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    start = held = 0
    for place, text in enumerate(texts):
        held += len(text)
        if held > _CHUNK or place - start >= most:
            yield texts[start:place] if place > start else []
            start, held = place, len(text)
    if start < len(texts):
        yield texts[start:]


def _corrections() -> Doubles:
    """Give what a term that stands t times adds beside t times what it adds once: to numerators, to squared norm."""
    times = np.arange(_MOST_REPEATS, dtype=np.float64)
    tf = 1 + np.log(np.maximum(times, 1))
    return np.column_stack([*[tf - times] * len(AXES), tf * tf - times])


def _ranges(starts: npt.NDArray[np.int32], counts: npt.NDArray[np.int32]) -> Places:
    """Give `starts[0], starts[0] + 1 ...`, `counts[0]` of them, then the same for each other range."""
    ends = counts.cumsum()
    places: Places = np.arange(int(ends[-1])) + (starts - ends + counts).repeat(counts)
    return places


def _tokens(memory: Memory, rows: Rows, spans: npt.NDArray[np.int32]) -> tuple[Keys, Places, npt.NDArray[np.bool_]]:
    """Give the numbers of all tokens, the row of each, and which headlines begin with a number."""
    counts = spans[:, 3]
    tokens = memory.tokens.take(_ranges(spans[:, 2], counts), axis=0)
    opening = (counts.cumsum() - counts)[rows.starts]
    return tokens, rows.row_of.repeat(counts), tokens[opening + 1, KIND] == NUMBER


def _summed(facts: Facts, rows: Rows) -> Facts:
    """Add up the facts of each headline's words; those that count names leave out the first word."""
    sums = np.add.reduceat(facts, rows.starts, dtype=np.int16)
    sums[:, BODY : NAMES + 1] -= facts[rows.starts + 1, BODY : NAMES + 1]
    return sums


def _colons(facts: Facts, sums: Facts, rows: Rows) -> Places | int:
    """Give one more than the place of each headline's first colon, 0 where there is none."""
    if not sums[:, COLON].any():
        return 0
    words = facts[:, COLON].nonzero()[0][::-1]
    found = np.zeros(len(sums), np.intp)
    found[rows.row_of[words]] = words - rows.starts[rows.row_of[words]]  # the last one written is the first colon
    return found


def _polynomials(numbers: Keys, longest: int) -> list[Keys]:
    """Give the polynomials of all n-grams of 2 tokens, of 3 tokens ... in a row, by their first token."""
    values, found = numbers[:, 0], []
    for length in range(2, longest + 1):
        values = values[:-1] * numbers[length - 1 :, 2] + numbers[length - 1 :, 1]
        found.append(values)
    return found


def _joined(found: Iterable[Found]) -> Found:
    rows, columns = zip(*found, strict=True)
    return Found(np.concatenate(rows), np.concatenate(columns))
