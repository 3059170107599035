"""Measures a model on labelled headlines, beside a control that sees no word."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model.judgement import AXES, Axis
from model.scorer import Scorer
from training.check import surface_features
from training.corpora import Corpus, Floats
from training.metrics import Estimate, as_record, measure

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class AxisFigures:
    """How a model, and the control, did on one axis."""

    headlines: int
    positives: int
    model: Mapping[str, Estimate]
    control: Mapping[str, Estimate]  # a logistic regression on surface features alone, cross-validated on these rows


def evaluate(scorer: Scorer, corpus: Corpus) -> dict[Axis, AxisFigures]:
    """Measure each axis that the corpus has both classes of; headlines that cannot be judged are left out.

    Raises nothing for an axis without labels: it is simply not there.
    """
    usable = corpus[corpus.usable]
    measurable = [axis for axis in AXES if {0.0, 1.0} <= set(usable.target(axis))]
    probability = scorer.predict_proba(list(usable.text)) if measurable else np.zeros((0, len(AXES)))
    found: dict[Axis, AxisFigures] = {}
    for axis in measurable:
        rows = usable.labelled(axis)
        truth = usable.target(axis)[rows]
        upper = scorer.artefact.heads[axis].thresholds.upper
        model = measure(truth, probability[rows, AXES.index(axis)], upper)
        control = measure(truth, _control(usable[rows], axis), 0.5)
        found[axis] = AxisFigures(len(truth), int(truth.sum()), model, control)
    return found


def _control(corpus: Corpus, axis: Axis) -> Floats:
    regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = min(_FOLDS, *np.bincount(corpus.target(axis).astype(int)))
    if folds < 2:
        return np.full(len(corpus), corpus.target(axis).mean())
    found = cross_val_predict(
        regression, surface_features(corpus.text), corpus.target(axis), cv=folds, method="predict_proba"
    )
    return np.asarray(found[:, 1], dtype=np.float64)


def as_body(figures: Mapping[Axis, AxisFigures]) -> dict[str, Any]:
    """Give the figures as JSON takes them: value, low, high."""
    return {
        axis: {
            "headlines": found.headlines,
            "positives": found.positives,
            "model": as_record(found.model),
            "surface_only": as_record(found.control),
        }
        for axis, found in figures.items()
    }
