"""From headlines to decision functions, probabilities, judgements and their evidence, with NumPy alone."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.artefact import DEFAULT, Artefact, load
from model.clean import check_headline, clean_aligned
from model.judgement import AXES, Axis, Evidence, Judgement, Span, judge
from model.terms import BLOCKS, Located, block_of

Doubles = npt.NDArray[np.float64]


class Scorer:
    """Scores with one artefact; has no state that a call changes, so threads may share it."""

    def __init__(self, artefact: Artefact) -> None:
        self.artefact = artefact
        self._column = {term: column for column, term in enumerate(artefact.terms)}
        self._block = np.array([block_of(term) for term in artefact.terms], dtype=np.int64)
        self._idf = artefact.idf.astype(np.float64)
        self._coef = np.stack([artefact.heads[axis].coef for axis in AXES]).astype(np.float64)
        self._intercept = np.array([artefact.heads[axis].intercept for axis in AXES])

    @classmethod
    def load(cls, folder: Path = DEFAULT) -> "Scorer":
        """Read a model folder; raise `ArtefactError` when it is missing or damaged."""
        return cls(load(folder))

    @property
    def version(self) -> str:
        """The artefact's version, derived from its content."""
        return self.artefact.version

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        rows, columns, counts = self._count(headlines)
        weights = (1 + np.log(counts)) * self._idf[columns]
        blocks = rows * len(BLOCKS) + self._block[columns]  # each block of each headline has a norm of its own
        weights /= np.sqrt(np.bincount(blocks, weights * weights, len(headlines) * len(BLOCKS)))[blocks]
        sums = [np.bincount(rows, weights * coef[columns], len(headlines)) for coef in self._coef]
        scores: Doubles = np.column_stack(sums) + self._intercept
        return scores

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        return expit(self.decision_function(headlines))

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:
        """Judge each headline, in order; with `explain`, say which words spoke for which axis."""
        probabilities = self.predict_proba(headlines)
        thresholds = {axis: head.thresholds for axis, head in self.artefact.heads.items()}
        return [
            judge(headline, given, thresholds, self.explain(headline) if explain else None)
            for headline, given in zip(headlines, probabilities, strict=True)
        ]

    def explain(self, headline: str) -> Evidence:
        """Split a headline's decision functions over its words.

        A term's weight is shared equally among its occurrences, and each occurrence's among the words it stands on.
        """
        cleaned = clean_aligned(check_headline(headline))
        words = _word_bounds(cleaned.text)
        on_words, rest = self._share(cleaned.text, len(words))
        spans = [
            Span(start := cleaned.starts[first], end := cleaned.ends[last - 1], headline[start:end], *map(float, given))
            for (first, last), given in zip(words, on_words, strict=True)
            if np.any(given)
        ]
        spans.sort(key=lambda span: -max(abs(span.sensational), abs(span.clickbait)))
        return Evidence(_by_axis(self._intercept), tuple(spans), _by_axis(rest))

    def _count(self, headlines: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Doubles]:
        """Count known terms: parallel arrays of headline, column and count, one entry per distinct pair."""
        counters = [self._columns(self.artefact.settings.analyze(check_headline(h))) for h in headlines]
        sizes = [len(counter) for counter in counters]
        rows = np.repeat(np.arange(len(headlines)), sizes)
        columns = np.fromiter(chain.from_iterable(counters), np.int64, sum(sizes))
        counts = np.fromiter(chain.from_iterable(c.values() for c in counters), np.float64, sum(sizes))
        return rows, columns, counts

    def _columns(self, terms: Iterable[str]) -> Counter[int]:
        return Counter(self._column[term] for term in terms if term in self._column)

    def _share(self, cleaned: str, words: int) -> tuple[Doubles, Doubles]:
        known = [term for term in self.artefact.settings.located(cleaned) if term.term in self._column]
        on_words, rest = np.zeros((words, len(AXES))), np.zeros(len(AXES))
        for term, each in zip(known, self._each(known), strict=True):
            if term.first == term.stop:
                rest += each
            else:
                on_words[term.first : term.stop] += each / (term.stop - term.first)
        return on_words, rest

    def _each(self, known: Sequence[Located]) -> Doubles:
        """Give what each occurrence of a known term adds to the decision functions, shape (occurrences, 2)."""
        columns = np.array([self._column[term.term] for term in known], dtype=np.int64)
        distinct, inverse, counts = np.unique(columns, return_inverse=True, return_counts=True)
        weights = (1 + np.log(counts)) * self._idf[distinct]
        blocks = self._block[distinct]
        weights /= np.sqrt(np.bincount(blocks, weights * weights, len(BLOCKS)))[blocks]
        each: Doubles = (weights / counts * self._coef[:, distinct]).T[inverse]
        return each


def expit(values: Doubles) -> Doubles:
    """Give the logistic function 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(values))
    probabilities: Doubles = np.where(values >= 0, 1, small) / (1 + small)
    return probabilities


def _word_bounds(text: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        bounds.append((start, start + len(word)))
        start += len(word)
    return bounds


def _by_axis(values: Doubles) -> dict[Axis, float]:
    return {axis: float(value) for axis, value in zip(AXES, values, strict=True)}
