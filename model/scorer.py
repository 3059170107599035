"""From headlines to decision functions, probabilities, judgements and their evidence, with NumPy alone."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.artefact import DEFAULT, Artefact, load
from model.clean import check_headline, clean, clean_aligned
from model.compiled import Compiled, is_available
from model.errors import BroadsheetError
from model.judgement import AXES, Axis, Evidence, Judgement, Span, judge
from model.keys import keys_of
from model.portable import Portable
from model.terms import BLOCKS, block_of, tokens_of

SWITCH = "BROADSHEET_PORTABLE"

Doubles = npt.NDArray[np.float64]


class Scorer:
    """Scores with one artefact; threads may share it.

    `portable` chooses NumPy alone; without it, the compiled part scores where it was built and is not switched off.
    """

    def __init__(self, artefact: Artefact, *, portable: bool | None = None) -> None:
        self.artefact = artefact
        compiled = engine_name() == Compiled.name if portable is None else not portable
        self._engine: Compiled | Portable = Compiled(artefact) if compiled else Portable(artefact)
        self._intercept = np.array([artefact.heads[axis].intercept for axis in AXES])

    @classmethod
    def load(cls, folder: Path = DEFAULT) -> "Scorer":
        """Read a model folder; raise `ArtefactError` when it is missing or damaged."""
        return cls(load(folder))

    @property
    def engine(self) -> str:
        """What computes: `compiled` or `portable`."""
        return self._engine.name

    @property
    def version(self) -> str:
        """The artefact's version, derived from its content."""
        return self.artefact.version

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        return self._engine.decision_function(headlines)

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        return self._engine.predict_proba(headlines)

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

    def known_tokens(self, headline: str) -> tuple[int, int]:
        """Give how many of a headline's tokens are terms of the model, and how many it has."""
        tokens = [token for word in clean(headline).split() for token in tokens_of(word)]
        keys = keys_of(tokens)
        return int((self.artefact.find(keys)["key"] == keys).sum()), len(tokens)

    def _share(self, cleaned: str, words: int) -> tuple[Doubles, Doubles]:
        occurrences = list(self.artefact.settings.located(cleaned))
        on_words, rest = np.zeros((words, len(AXES))), np.zeros(len(AXES))
        for term, each in zip(occurrences, self._each([term.term for term in occurrences]), strict=True):
            if term.first == term.stop:
                rest += each
            else:
                on_words[term.first : term.stop] += each / (term.stop - term.first)
        return on_words, rest

    def _each(self, terms: Sequence[str]) -> Doubles:
        """Give what each occurrence of a term adds to the decision functions, shape (occurrences, 2)."""
        distinct, first, inverse, counts = np.unique(
            keys_of(terms), return_index=True, return_inverse=True, return_counts=True
        )
        known = self.artefact.find(distinct)
        blocks = np.array([block_of(terms[row]) for row in first], dtype=np.int64)
        tf = 1 + np.log(counts)
        weights = np.where(known["key"] == distinct, tf * known["idf"], 0.0)
        norms = np.sqrt(np.bincount(blocks, weights * weights, len(BLOCKS)))[blocks]
        weights /= np.where(norms > 0, norms, 1) * counts
        each: Doubles = np.column_stack([weights * known[axis] for axis in AXES])[inverse]
        return each


def engine_name() -> str:
    """Say what scores in this process, `compiled` or `portable`.

    Raises `BroadsheetError` where BROADSHEET_PORTABLE, which switches the compiled part off, is neither 0 nor 1.
    """
    portable = os.environ.get(SWITCH, "0")
    if portable not in {"", "0", "1"}:
        raise BroadsheetError(f"{SWITCH} must be 0 or 1, got {portable!r}")
    return Compiled.name if is_available() and portable != "1" else Portable.name


def _word_bounds(text: str) -> list[tuple[int, int]]:
    bounds, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        bounds.append((start, start + len(word)))
        start += len(word)
    return bounds


def _by_axis(values: Doubles) -> dict[Axis, float]:
    return {axis: float(value) for axis, value in zip(AXES, values, strict=True)}
