"""From headlines to probabilities, judgements and their evidence; and the self-test that a model has to pass."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.artefact import DEFAULT, Artefact, load
from model.errors import ArtefactError, HeadlineError
from model.judgement import AXES, Evidence, Judgement, Outcome, Reason, judge
from model.knowing import drawn_weight, logit, reason_of, unknown_rows, weight_of
from model.scoring import engine_of
from model.terms.cleaning import check_headline

SELF_TEST = (
    "Council approves budget for new library",
    "Sobbing mum, 34, slams ‘heartless’ council over WRONG bus… and you won’t BELIEVE what it did next!",
)
_COLUMNS = ("idf", *AXES)
_TOLERANCE = 1e-6

Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.uint16]


class Scorer:
    """Scores with one artefact; threads may share it.

    `portable` chooses NumPy alone; without it, the compiled part scores where it was built and is not switched off.
    """

    def __init__(self, artefact: Artefact, *, portable: bool | None = None) -> None:
        self.artefact = artefact
        self._engine = engine_of(artefact, portable=portable)
        self._base_rates = np.array([artefact.heads[axis].base_rate for axis in AXES])

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
        return self._engine.decision_function(_listed(headlines))

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        return self._engine.predict_proba(_listed(headlines))

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:
        """Judge each headline, in order; with `explain`, say which words spoke for which axis.

        A headline that the model knows too little of is `uncertain`, its probabilities drawn to the base rates and its
        evidence with them, with the reason: `model.knowing` says how little that is.
        """
        evidence: list[Evidence | None] = [None] * len(_listed(headlines))
        if explain:
            probabilities, words, evidence[:] = self._engine.explain(headlines)
        else:
            probabilities, words = self._engine.assess(headlines)
        thresholds = {axis: head.thresholds for axis, head in self.artefact.heads.items()}
        reasons: list[Reason | None] = [None] * len(headlines)
        usual = self.artefact.known_share
        for row in unknown_rows(words, usual):
            reason = reasons[row] = reason_of(headlines[row], words[row], usual)
            if not reason:
                continue
            weight = weight_of(reason, int(words[row, 0]), usual)
            probabilities[row] = self._base_rates + weight * (probabilities[row] - self._base_rates)
            if why := evidence[row]:
                evidence[row] = self._drawn(why, probabilities[row].tolist())
        given = zip(headlines, probabilities.tolist(), evidence, reasons, strict=True)
        return [judge(headline, each, thresholds, why, reason) for headline, each, why, reason in given]

    def _drawn(self, evidence: Evidence, probabilities: Sequence[float]) -> Evidence:
        """Draw evidence to where its probabilities were: all parts of an axis alike, from the base rate's log-odds."""
        bases = {axis: logit(head.base_rate) for axis, head in self.artefact.heads.items()}
        weights = {
            axis: drawn_weight(evidence, axis, bases[axis], logit(probability))
            for axis, probability in zip(AXES, probabilities, strict=True)
        }
        spans = tuple(
            replace(one, **{axis: weights[axis] * getattr(one, axis) for axis in AXES})
            for one in evidence.spans
            if any(weights.values())
        )
        bias = {axis: bases[axis] + weights[axis] * (evidence.bias[axis] - bases[axis]) for axis in AXES}
        return Evidence(bias, spans, {axis: weights[axis] * evidence.rest[axis] for axis in AXES})

    def judge_each(self, headlines: Sequence[Any], *, explain: bool = False) -> list[Outcome]:
        """Judge headlines of whatever type, in order; one that cannot be judged is answered by its `HeadlineError`."""
        errors = [_error(headline) for headline in headlines]
        good = [headline for headline, error in zip(headlines, errors, strict=True) if error is None]
        judged = iter(self.judge(good, explain=explain))
        return [error or next(judged) for error in errors]

    def explain(self, headline: str) -> Evidence:
        """Split a headline's decision functions over its words.

        A term's weight is shared equally among its occurrences, and each occurrence's among the words it stands on.
        """
        return self._engine.explain([headline])[2][0]

    def known_words(self, headlines: Sequence[str]) -> Counts:
        """Give three counts of each headline's words, shape `(n, 3)`: see `model.scoring.Engine.assess`."""
        return self._engine.assess(_listed(headlines))[1]


def _listed(headlines: Sequence[str]) -> Sequence[str]:
    """Refuse one string in the place of a list of them, whose characters would be judged, and what has no length."""
    if isinstance(headlines, str) or not isinstance(headlines, Sequence | np.ndarray):
        raise HeadlineError(f"headlines must be a list of strings, got {type(headlines).__name__}")
    return headlines


def load_sound(folder: Path) -> Scorer:
    """Load a model folder and test it; raise `ArtefactError` for one that is damaged or not sound."""
    scorer = Scorer.load(folder)
    require_sound(scorer)
    return scorer


def require_sound(scorer: Scorer) -> None:
    """Score headlines in two independent ways; raise `ArtefactError` unless both agree on numbers that can be right.

    One is the scorer's own, compiled or vectorised; the other adds up the evidence, term by term.
    """
    scores = scorer.decision_function(SELF_TEST)
    weights = scorer.artefact.weights  # all of them, for which the headlines are too few: a millisecond
    if not all(np.isfinite(numbers).all() for numbers in (scores, *(weights[name] for name in _COLUMNS))):
        raise ArtefactError(f"model {scorer.version} fails its self-test: it holds or gives scores that are no numbers")
    for headline, given in zip(SELF_TEST, scores, strict=True):
        evidence = scorer.explain(headline)
        for axis, score in zip(AXES, given, strict=True):
            added = evidence.bias[axis] + sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
            if not abs(added - score) < _TOLERANCE:
                raise ArtefactError(f"model {scorer.version} fails its self-test: its evidence does not add up")


def _error(headline: object) -> HeadlineError | None:
    try:
        check_headline(headline)
    except HeadlineError as error:
        return error
    return None
