"""The self-test that a model passes before it is promoted, taken up by a running service, or said to be ready."""

from pathlib import Path

import numpy as np

from model.errors import ArtefactError
from model.judgement import AXES
from model.scorer import Scorer

HEADLINES = (
    "Council approves budget for new library",
    "Sobbing mum, 34, slams ‘heartless’ council over WRONG bus… and you won’t BELIEVE what it did next!",
)
_COLUMNS = ("idf", *AXES)
_TOLERANCE = 1e-6


def load_sound(folder: Path) -> Scorer:
    """Load a model folder and test it; raise `ArtefactError` for one that is damaged or not sound."""
    scorer = Scorer.load(folder)
    require_sound(scorer)
    return scorer


def require_sound(scorer: Scorer) -> None:
    """Score headlines in two independent ways; raise `ArtefactError` unless both agree on numbers that can be right.

    One is the scorer's own, compiled or vectorised; the other adds up the evidence, term by term.
    """
    scores = scorer.decision_function(HEADLINES)
    weights = scorer.artefact.weights  # all of them, for which the headlines are too few: a millisecond
    if not all(np.isfinite(numbers).all() for numbers in (scores, *(weights[name] for name in _COLUMNS))):
        raise ArtefactError(f"model {scorer.version} fails its self-test: it holds or gives scores that are no numbers")
    for headline, given in zip(HEADLINES, scores, strict=True):
        evidence = scorer.explain(headline)
        for axis, score in zip(AXES, given, strict=True):
            added = evidence.bias[axis] + sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
            if not abs(added - score) < _TOLERANCE:
                raise ArtefactError(f"model {scorer.version} fails its self-test: its evidence does not add up")
