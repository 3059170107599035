"""Scores with NumPy alone, word by word.

All character n-grams and tokens of a headline belong to its white-space words, so they are found once for each word
and remembered; a headline's sums are the sums of its words, corrected for the n-grams that it repeats. Only n-grams of
several tokens are looked up for every headline, from polynomials of their tokens.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.judgement import AXES, Evidence
from model.scoring.portable.evidence import evidence_of, scales, shared
from model.scoring.portable.located import LocatedMarks
from model.scoring.portable.marks import COUNT, FOREIGN, KNOWN, MarkTable
from model.scoring.portable.memory import Memory, Pairs, SharedMemory
from model.scoring.portable.rows import Found, Ngrams, Rows, colon_at, number_first, summed
from model.scoring.portable.terms import Doubles, FoldedTerms
from model.scoring.portable.words import (
    CLOSING,
    CLOSINGS,
    FACTOR,
    FIRST,
    KIND,
    NOTHING,
    OPENING,
    OPENINGS,
    SKELETON_FACTOR,
    SKELETON_FIRST,
    TOPICAL,
    Teacher,
    pseudo_words,
)
from model.terms.analyzer import BLOCKS
from model.terms.cleaning import check_headline, clean, clean_aligned
from model.terms.keys import Keys, mixed

Counts = npt.NDArray[np.uint16]

# Characters of headlines that are scored at once: few enough that the arrays stay in the processor's cache and that
# all words of a chunk fit an empty memory, enough that NumPy's calls cost little each.
_CHUNK = 16_000
PREPARED = 4000  # of the commonest words, known from the start: 30 ms at load, over half of all words as they stand
_TOGETHER = 500  # of these learned at once; all at once took 10 MB that the process then kept
_SKELETON = BLOCKS.index("skeleton")
_MOST_REPEATS = 4096  # more than a headline has characters once it is cleaned and in lower case


class Portable:
    """Scores with one artefact; threads may share it."""

    name = "portable"

    def __init__(self, artefact: Artefact) -> None:
        self._settings = artefact.settings
        self._intercept = np.array([artefact.heads[axis].intercept for axis in AXES])
        self._terms = FoldedTerms(artefact)
        self._marks = MarkTable(self._terms)
        self._teacher = Teacher(self._terms, artefact.settings)
        self.memory = SharedMemory(self._teacher.teach, pseudo_words())
        for start in range(0, PREPARED, _TOGETHER):
            self.memory.recall(artefact.common[start : min(start + _TOGETHER, PREPARED)])
        self._steps = _steps()
        self._located = LocatedMarks(self._terms)

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        return self.scored(headlines)[0]

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probabilities, in the same way."""
        return expit(self.decision_function(headlines))

    def assess(self, headlines: Sequence[str]) -> tuple[Doubles, Counts]:
        """Give the calibrated probabilities, and what is counted of its words, shape `(n, 3)`."""
        scores, words = self.scored(headlines)
        return expit(scores), words

    def scored(self, headlines: Sequence[str]) -> tuple[Doubles, Counts]:
        """Give the calibrated log-odds, and the same of words."""
        texts = [clean(check_headline(headline)) for headline in headlines]
        scores, words = np.empty((len(texts), len(AXES))), np.empty((len(texts), 3), np.uint16)
        for chunk in _chunks(texts, 2**32 // (len(BLOCKS) * self._terms.width)):
            found = self._look_up(texts[chunk])
            scores[chunk] = _scores(self._totals(found))
            words[chunk] = found.sums[:, [KNOWN, COUNT, FOREIGN]]
        scores += self._intercept
        return scores, words

    def explain(self, headlines: Sequence[str]) -> tuple[Doubles, Counts, list[Evidence]]:
        """Give the same as `assess`, and the evidence for each headline."""
        cleaned = [clean_aligned(check_headline(headline)) for headline in headlines]
        texts = [one.text for one in cleaned]
        scores, evidence = np.empty((len(texts), len(AXES))), list[Evidence]()
        words = np.empty((len(texts), 3), np.uint16)
        for chunk in _chunks(texts, 2**32 // (len(BLOCKS) * self._terms.width)):
            found = self._look_up(texts[chunk])
            totals = self._totals(found)
            scores[chunk] = _scores(totals)
            words[chunk] = found.sums[:, [KNOWN, COUNT, FOREIGN]]
            shares = shared(found, totals, self._terms, self._located)
            each = zip(headlines[chunk], cleaned[chunk], *shares, strict=True)
            evidence += [evidence_of(*parts, self._intercept) for parts in each]
        return expit(scores + self._intercept), words, evidence

    def _look_up(self, texts: Sequence[str]) -> Found:
        memory, rows = self._read(texts)
        spans = memory.spans.take(rows.numbers, axis=1)
        tokens = memory.tokens_of(spans)
        facts = memory.facts.take(rows.numbers, axis=0)
        return Found(memory, rows, spans, tokens, self._token_ngrams(tokens), facts, summed(facts, rows))

    def _totals(self, found: Found) -> Doubles:
        """Give the numerators of both axes and the squared norm of each block, shape (rows, 5, 3)."""
        memory, rows, spans, tokens, ngrams, facts, sums = found
        pairs = rows.offsets.repeat(spans[3]).take(ngrams.first) + ngrams.columns.astype(np.uint32)
        repeatable = [marked.pairs(self._terms.width) for marked in self._located.repeatable(found)]
        remembered = memory.columns_of(spans) + rows.offsets.repeat(spans[1])
        totals = self._added(len(rows.texts), remembered, [pairs, *repeatable])
        totals[:, :2] += np.add.reduceat(memory.sums.take(rows.numbers, axis=0), rows.starts).reshape(-1, 2, 3)
        marks = self._marks.add_up(sums, number_first(tokens, spans[3], rows), colon_at(facts, rows))
        totals[:, 2::2] += marks.reshape(-1, 2, 3)
        return totals

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
        offsets = np.arange(len(texts), dtype=np.uint32) * np.uint32(len(BLOCKS) * self._terms.width)
        return memory, Rows(texts, numbers, counts.cumsum() - counts, offsets.repeat(counts))

    def _token_ngrams(self, tokens: Keys) -> Ngrams:
        """Give the known n-grams of several tokens."""
        topical = tokens[:, KIND] == TOPICAL
        kept = ~topical
        kept[1:] |= ~topical[:-1]  # of a run of topical words, the first alone
        words = _polynomials(tokens[:, FIRST : FACTOR + 1], self._settings.words)
        skeleton = _polynomials(
            tokens[:, SKELETON_FIRST : SKELETON_FACTOR + 1].compress(kept, axis=0), self._settings.skeleton
        )
        if not words and not skeleton:
            return Ngrams(*[np.zeros(0, np.intp)] * 3)
        places, columns = self._terms.find(mixed(np.concatenate([*words, *skeleton])))
        columns[places >= sum(map(len, words))] += _SKELETON * self._terms.width
        all_tokens, kept_tokens = np.arange(len(tokens)), kept.nonzero()[0]
        runs = [*((all_tokens, keys) for keys in words), *((kept_tokens, keys) for keys in skeleton)]
        first = np.concatenate([own[: len(keys)] for own, keys in runs])
        last = np.concatenate([own[len(own) - len(keys) :] for own, keys in runs])
        return Ngrams(first.take(places), last.take(places), columns)

    def _added(self, rows: int, remembered: Pairs, found: Sequence[Pairs]) -> Doubles:
        """Give what terms add to numerators and squared norms, shape (rows, 5, 3), beside the sums of words.

        That is the terms found, and the corrections for all that stand in a headline more than once.
        """
        pairs = np.concatenate([remembered, *found])
        pairs.sort()
        again = pairs[1:].take((pairs[1:] == pairs[:-1]).nonzero()[0])
        repeats = again.searchsorted(again, side="right") - np.arange(len(again))
        new = len(pairs) - len(remembered)
        pairs = np.concatenate([*found, again])
        blocks, columns = np.divmod(pairs, np.uint32(self._terms.width))
        values = self._terms.values.take(columns, axis=0)
        values[new:] *= self._steps.take(repeats, axis=0)
        slots = blocks[:, None] * np.intp(3) + np.arange(3)
        shape = (rows, len(BLOCKS), 3)
        return np.asarray(np.bincount(slots.ravel(), values.ravel(), rows * len(BLOCKS) * 3), np.float64).reshape(shape)


def expit(values: Doubles) -> Doubles:
    """Give the logistic function 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(values))
    probabilities: Doubles = np.where(values >= 0, 1, small) / (1 + small)
    return probabilities


def _scores(totals: Doubles) -> Doubles:
    scores: Doubles = np.add.reduce(totals[:, :, : len(AXES)] * scales(totals)[:, :, None], axis=1)
    return scores


def _chunks(texts: Sequence[str], most: int) -> Iterator[slice]:
    start = held = 0
    for place, text in enumerate(texts):
        held += len(text)
        if held > _CHUNK or place - start >= most:
            yield slice(start, place)
            start, held = place, len(text)
    if start < len(texts):
        yield slice(start, len(texts))


def _steps() -> Doubles:
    """Give what the t-th repeat of a term adds to numerators and squared norm, beside what its first occurrence adds.

    t occurrences add t times the same to the sums of words, where they should add `1 + ln t` times and its square.
    """
    times = np.arange(1, _MOST_REPEATS + 1, dtype=np.float64)
    tf = 1 + np.log(times)
    owed = np.column_stack([*[tf - times] * len(AXES), tf * tf - times])
    return np.diff(owed, axis=0, prepend=owed[:1])


def _polynomials(numbers: Keys, longest: int) -> list[Keys]:
    """Give the polynomials of all n-grams of 2 tokens, of 3 tokens ... in a row, by their first token."""
    values, found = numbers[:, 0], []
    for length in range(2, longest + 1):
        values = values[:-1] * numbers[length - 1 :, 2]
        values += numbers[length - 1 :, 1]
        found.append(values)
    return found
