"""The scorer that needs NumPy alone.

All character n-grams and tokens of a headline belong to its white-space words, so they are found once for each word
and remembered; a headline's sums are the sums of its words, corrected for the n-grams that it repeats. Only n-grams of
several tokens are looked up for every headline, from polynomials of their tokens.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from model.artefact import Artefact
from model.clean import check_headline, clean, clean_aligned
from model.judgement import AXES, Evidence
from model.keys import Keys, keys_of, mixed
from model.portable_evidence import MarkFinder, Occurrences, evidence_of, joined, shared
from model.portable_marks import AGED_WORD, BODY, CLOSES, COLON, COMMA_LAST, NAMES, OPENS, Facts, MarkTable
from model.portable_memory import Memory, Pairs, SharedMemory
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
_CHUNK = 16_000
PREPARED = 4000  # of the commonest words, known from the start: 30 ms at load, over half of all words as they stand
_TOGETHER = 500  # of these learned at once; all at once took 10 MB that the process then kept
_MOST_REPEATS = 4096  # more than a headline has characters once it is cleaned and in lower case
_AGE = "<age>"
_REPEATABLE = (_AGE, "<quote 1>", "<quote 2>", "<quote 4>")  # marks that are one for each occurrence
_TINY = 1e-300  # for the norm of a block without known terms: 0 / _TINY is 0


class Ngrams(NamedTuple):
    """The first and the last token of each n-gram, and its column."""

    first: Places
    last: Places
    columns: Places


class Rows(NamedTuple):
    """Headlines as runs of words: all words' numbers, the start of each headline, and what pairs of its words begin at.

    A pair is a headline's row and a term's column as one number, `row * width + column`.
    """

    texts: Sequence[str]
    numbers: Places
    starts: Places
    offsets: Pairs


class Found(NamedTuple):
    """What headlines are made of: their words as remembered, all tokens, and the known n-grams of several tokens."""

    memory: Memory
    rows: Rows
    spans: Places
    tokens: Keys
    ngrams: Ngrams


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
        self._mark_finder = MarkFinder(self._terms)
        places, columns = self._terms.find(keys_of(_REPEATABLE))
        self._repeatable = {_REPEATABLE[place]: int(column) for place, column in zip(places, columns, strict=True)}
        self._teacher.note(columns, "style")

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        texts = [clean(check_headline(headline)) for headline in headlines]
        scores = np.empty((len(texts), len(AXES)))
        for chunk in _chunks(texts, 2**32 // self._terms.width):
            scores[chunk] = self._score(self._look_up(texts[chunk]))
        scores += self._intercept
        return scores

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probabilities, in the same way."""
        return expit(self.decision_function(headlines))

    def explain(self, headlines: Sequence[str]) -> tuple[Doubles, list[Evidence]]:
        """Give the calibrated probabilities, and the evidence for each headline."""
        cleaned = [clean_aligned(check_headline(headline)) for headline in headlines]
        texts = [one.text for one in cleaned]
        scores, evidence = np.empty((len(texts), len(AXES))), list[Evidence]()
        for chunk in _chunks(texts, 2**32 // self._terms.width):
            found = self._look_up(texts[chunk])
            scores[chunk] = self._score(found)
            each = zip(headlines[chunk], cleaned[chunk], *self._shares(found), strict=True)
            evidence += [evidence_of(*parts, self._intercept) for parts in each]
        return expit(scores + self._intercept), evidence

    def _shares(self, found: Found) -> tuple[list[Doubles], Doubles]:
        """Give what each word of each headline adds to each axis, and what is left of each headline."""
        rows, counts, words = found.rows, found.spans[1], np.arange(len(found.rows.numbers))
        starts, stops = rows.starts + 1, np.append(rows.starts[1:], len(words)) - 1  # without the pseudo-words
        row_of = np.arange(len(starts)).repeat(stops - starts + 2)
        held = words.repeat(counts)
        columns = found.memory.columns_of(found.spans).astype(np.intp)
        of_token = words.repeat(found.spans[3])
        first, last = of_token.take(found.ngrams.first), of_token.take(found.ngrams.last)
        row = row_of.take(first)
        first, last = np.maximum(first, starts.take(row)), np.minimum(last, stops.take(row) - 1)  # the edges' words
        parts = (
            Occurrences(row_of.take(held), columns, self._blocks(columns), held, held + 1),
            Occurrences(row, found.ngrams.columns, self._blocks(found.ngrams.columns), first, last + 1),
            self._mark_finder.find(rows.texts, starts.tolist()),
        )
        shares, rest = shared(joined(parts), self._terms, len(starts), len(words))
        return [shares[start:stop] for start, stop in zip(starts, stops, strict=True)], rest

    def _blocks(self, columns: Places) -> Places:
        return self._teacher.slots[:, 0].take(columns).astype(np.intp) // 3

    def _look_up(self, texts: Sequence[str]) -> Found:
        memory, rows = self._read(texts)
        spans = memory.spans.take(rows.numbers, axis=1)
        tokens = memory.tokens_of(spans)
        return Found(memory, rows, spans, tokens, self._token_ngrams(tokens))

    def _score(self, found: Found) -> Doubles:
        memory, rows, spans, tokens, ngrams = found
        facts = memory.facts.take(rows.numbers, axis=0)
        sums = _summed(facts, rows)
        pairs = rows.offsets.repeat(spans[3]).take(ngrams.first) + ngrams.columns.astype(np.uint32)
        new = [pairs, *self._repeatable_marks(facts, sums, rows)]
        totals = self._added(len(rows.texts), memory.columns_of(spans) + rows.offsets.repeat(spans[1]), new)
        totals[:, :2] += np.add.reduceat(memory.sums.take(rows.numbers, axis=0), rows.starts).reshape(-1, 2, 3)
        marks = self._marks.add_up(sums, _number_first(tokens, spans[3], rows), _colon_at(facts, rows))
        totals[:, 2::2] += marks.reshape(-1, 2, 3)
        scores: Doubles = np.add.reduce(totals[:, :, :2] / np.sqrt(np.maximum(totals[:, :, 2:], _TINY)), axis=1)
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
        offsets = np.arange(len(texts), dtype=np.uint32) * np.uint32(self._terms.width)
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
        self._teacher.note(columns[places < sum(map(len, words))], "words")
        all_tokens, kept_tokens = np.arange(len(tokens)), kept.nonzero()[0]
        runs = [*((all_tokens, keys) for keys in words), *((kept_tokens, keys) for keys in skeleton)]
        first = np.concatenate([own[: len(keys)] for own, keys in runs])
        last = np.concatenate([own[len(own) - len(keys) :] for own, keys in runs])
        return Ngrams(first.take(places), last.take(places), columns)

    def _repeatable_marks(self, facts: Facts, sums: Facts, rows: Rows) -> Iterator[Pairs]:
        """Give the marks that a headline may hold several times, so that they do not follow from sums: few have any."""
        held = np.maximum.reduce(sums[:, AGED_WORD : CLOSES + 1]).tolist()
        if held[0] and _AGE in self._repeatable:
            aged = facts[:, AGED_WORD].nonzero()[0]
            aged = aged[facts[aged - 1, COMMA_LAST] > 0]
            yield rows.offsets[aged] + np.uint32(self._repeatable[_AGE])
        if held[OPENS - AGED_WORD] and held[CLOSES - AGED_WORD]:
            quoting = (np.minimum(sums[:, OPENS], sums[:, CLOSES]) > 0).nonzero()[0].tolist()
            marks = [(row, mark) for row in quoting for mark, _, _ in quotations(rows.texts[row])]
            known = [
                row * self._terms.width + self._repeatable[mark] for row, mark in marks if mark in self._repeatable
            ]
            yield np.array(known, np.uint32)

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
        row_of, columns = np.divmod(pairs, np.uint32(self._terms.width))
        values = self._terms.values.take(columns, axis=0)
        values[new:] *= self._steps.take(repeats, axis=0)
        slots = self._teacher.slots.take(columns, axis=0) + (row_of * np.uint32(len(BLOCKS) * 3))[:, None]
        shape = (rows, len(BLOCKS), 3)
        return np.asarray(np.bincount(slots.ravel(), values.ravel(), rows * len(BLOCKS) * 3), np.float64).reshape(shape)


def expit(values: Doubles) -> Doubles:
    """Give the logistic function 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(values))
    probabilities: Doubles = np.where(values >= 0, 1, small) / (1 + small)
    return probabilities


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


def _number_first(tokens: Keys, counts: Places, rows: Rows) -> Places:
    """Give 1 for each headline whose first token is a number."""
    opening = (counts.cumsum() - counts).take(rows.starts)
    return np.asarray(tokens[:, KIND].take(opening + 1) == NUMBER, np.intp)


def _summed(facts: Facts, rows: Rows) -> Facts:
    """Add up the facts of each headline's words; those that count names leave out the first word."""
    sums = np.add.reduceat(facts, rows.starts, dtype=np.int16)
    sums[:, BODY : NAMES + 1] -= facts.take(rows.starts + 1, axis=0)[:, BODY : NAMES + 1]
    return sums


def _colon_at(facts: Facts, rows: Rows) -> Places:
    """Give one more than the place of each headline's first colon, 0 where there is none."""
    found = np.zeros(len(rows.starts), np.intp)
    words = facts[:, COLON].nonzero()[0][::-1]
    if len(words):
        row_of = rows.starts.searchsorted(words, side="right") - 1
        found[row_of] = words - rows.starts[row_of]  # the last one written is the first colon
    return found


def _polynomials(numbers: Keys, longest: int) -> list[Keys]:
    """Give the polynomials of all n-grams of 2 tokens, of 3 tokens ... in a row, by their first token."""
    values, found = numbers[:, 0], []
    for length in range(2, longest + 1):
        values = values[:-1] * numbers[length - 1 :, 2]
        values += numbers[length - 1 :, 1]
        found.append(values)
    return found
