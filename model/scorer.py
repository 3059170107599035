"""From headlines to probabilities, judgements and their evidence; and the self-test that a model has to pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.artefact import DEFAULT, Artefact, load
from model.errors import ArtefactError, HeadlineError
from model.judgement import AXES, Evidence, Judgement, Outcome, judge
from model.scoring import engine_of
from model.terms.cleaning import check_headline, clean
from model.terms.keys import keys_of
from model.terms.tokens import tokens_of

SELF_TEST = (
    "Council approves budget for new library",
    "Sobbing mum, 34, slams ‘heartless’ council over WRONG bus… and you won’t BELIEVE what it did next!",
)
_COLUMNS = ("idf", *AXES)
_TOLERANCE = 1e-6

Doubles = npt.NDArray[np.float64]


class Scorer:
    """Scores with one artefact; threads may share it.

    `portable` chooses NumPy alone; without it, the compiled part scores where it was built and is not switched off.
    """

    def __init__(self, artefact: Artefact, *, portable: bool | None = None) -> None:
        self.artefact = artefact
        self._engine = engine_of(artefact, portable=portable)

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
        """Judge each headline, in order; with `explain`, say which words spoke for which axis."""
        evidence: Sequence[Evidence | None]
        if explain:
            probabilities, evidence = self._engine.explain(_listed(headlines))
        else:
            probabilities, evidence = self.predict_proba(headlines), [None] * len(headlines)
        thresholds = {axis: head.thresholds for axis, head in self.artefact.heads.items()}
        given = zip(headlines, probabilities.tolist(), evidence, strict=True)
        return [judge(headline, each, thresholds, why) for headline, each, why in given]

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
        return self._engine.explain([headline])[1][0]

    def known_tokens(self, headline: str) -> tuple[int, int]:
        """Give how many of a headline's tokens are terms of the model, and how many it has."""
        tokens = [token for word in clean(headline).split() for token in tokens_of(word)]
        keys = keys_of(tokens)
        return int((self.artefact.find(keys)["key"] == keys).sum()), len(tokens)


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
