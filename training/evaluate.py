"""Measures a model on labelled headlines, beside a control that sees no word."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.special import logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from model.judgement import AXES, Axis
from model.scorer import Scorer
from model.scoring.portable import expit
from training.calibration import Sigmoid
from training.check import surface_features
from training.corpora import Corpus, Floats
from training.labels import SLIGHTLY
from training.metrics import Estimate, as_record, f1_at, measure
from training.scored import ScoredSet
from training.verdicts import verdict_figures

_FOLDS = 5
_SUREST = 1e-16  # a probability that rounds to 1 has log-odds as well


@dataclass(frozen=True, slots=True)
class AxisFigures:
    """How a model, and the control, did on one axis."""

    corpus: Corpus  # the headlines measured
    probability: Floats
    model: Mapping[str, Estimate]
    control: Mapping[str, Estimate]  # a logistic regression on surface features alone, cross-validated on these rows
    blind: Mapping[str, Estimate]  # the share of positives as everyone's probability


@dataclass(frozen=True, slots=True)
class SetFigures:
    """How a model did on one set: by axis, and where readers rated both of them, in their terms."""

    axes: Mapping[Axis, AxisFigures]
    verdicts: Mapping[str, Estimate]


def evaluate(scorer: Scorer, corpus: Corpus, axes: Sequence[Axis] = AXES) -> SetFigures:
    """Measure each of the axes that the corpus has both classes of, and the verdicts on what readers rated.

    Headlines that cannot be judged, or that weigh nothing, are left out. An axis without labels is simply not there.
    Figures are of what a person is shown: each headline is judged once, for all of them.
    """
    usable = measured_rows(corpus)
    measurable = [axis for axis in axes if has_both(usable, axis)]
    read = usable.read
    judged = scorer.judge(list(usable.text)) if measurable or read.any() else []
    found: dict[Axis, AxisFigures] = {}
    for axis in measurable:
        probability = np.array([getattr(one, axis) for one in judged])
        rows = usable.labelled(axis)
        found[axis] = _measure(scorer, usable[rows], probability[rows], axis)
    rated = [judged[row] for row in np.flatnonzero(read)]
    return SetFigures(found, verdict_figures(usable[read], rated))


def measured_rows(corpus: Corpus) -> Corpus:
    """Leave out the headlines that cannot be judged, or that weigh nothing."""
    return corpus[corpus.usable & (corpus.weight > 0)]


def has_both(corpus: Corpus, axis: Axis) -> bool:
    """Tell whether a corpus has both classes of an axis."""
    return {0.0, 1.0} <= set(corpus.target(axis))


def _measure(scorer: Scorer, corpus: Corpus, probability: Floats, axis: Axis) -> AxisFigures:
    truth, log_odds = corpus.target(axis), logit(np.clip(probability, _SUREST, 1 - _SUREST))
    upper = scorer.artefact.heads[axis].thresholds.upper
    more = _against_readers(corpus, log_odds, axis) | _from_training(scorer, corpus, log_odds, axis)
    model = measure(truth, probability, upper, more=more)
    blind = measure(truth, np.full(len(truth), truth.mean()), 0.5)
    return AxisFigures(corpus, probability, model, surface_figures(corpus, axis), blind)


def _against_readers(corpus: Corpus, log_odds: Floats, axis: Axis) -> dict[str, Callable[[Floats], float]]:
    """Give the figures that need readers' ratings of every headline; labels alone say clearly or not."""
    slightly = corpus.mean(axis) >= SLIGHTLY
    if not corpus.rated(axis).all() or slightly.all() or not slightly.any():
        return {}

    def auc(weight: Floats) -> float:
        both = 0 < weight[slightly].sum() < weight.sum()
        return float(roc_auc_score(slightly, log_odds, sample_weight=weight)) if both else float("nan")

    return {"roc_auc_slightly": auc}


def _from_training(
    scorer: Scorer, corpus: Corpus, log_odds: Floats, axis: Axis
) -> dict[str, Callable[[Floats], float]]:
    """Give the figures that need a number chosen on training data: F1 at the best threshold, error against ratings."""
    chosen = scorer.artefact.manifest.get("calibration", {}).get(axis)
    if chosen is None:
        return {}
    is_aside = "aside" in chosen and not corpus.rated_on_both.any()
    chosen = chosen["aside"] if is_aside else chosen
    threshold, rating = chosen["best_f1_threshold"], chosen["rating"]
    more: dict[str, Callable[[Floats], float]] = {
        f"f1_at_{threshold}": partial(f1_at, corpus.target(axis), expit(log_odds), threshold)
    }
    if rating and corpus.rated(axis).all():
        error = (expit(Sigmoid(**rating).log_odds(log_odds)) - corpus.mean(axis)) ** 2
        more["mean_squared_error_to_raters"] = lambda weight: float(np.average(error, weights=weight))
    return more


def surface_figures(corpus: Corpus, axis: Axis) -> dict[str, Estimate]:
    """Measure a regression on surface features alone, cross-validated on the very headlines."""
    return measure(corpus.target(axis), surface_control(corpus, axis), 0.5)


def surface_control(corpus: Corpus, axis: Axis) -> Floats:
    """Give the out-of-fold probabilities of a logistic regression on surface features."""
    regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = min(_FOLDS, *np.bincount(corpus.target(axis).astype(int)))
    if folds < 2:
        return np.full(len(corpus), corpus.target(axis).mean())
    found = cross_val_predict(
        regression, surface_features(corpus.text), corpus.target(axis), cv=folds, method="predict_proba"
    )
    return np.asarray(found[:, 1], dtype=np.float64)


def as_body(figures: SetFigures) -> dict[str, Any]:
    """Give the figures as JSON takes them: value, low, high."""
    by_axis: dict[str, Any] = {
        axis: {
            "headlines": len(found.probability),
            "positives": int(found.corpus.target(axis).sum()),
            "model": as_record(found.model),
            "surface_only": as_record(found.control),
            "blind": as_record(found.blind),
        }
        for axis, found in figures.axes.items()
    }
    return {**by_axis, "verdicts": as_record(figures.verdicts)} if figures.verdicts else by_axis


def scored_sets(found: Mapping[str, SetFigures]) -> list[ScoredSet]:
    """Give the measured sets as the report takes them."""
    return [
        scored_set(name, axis, one.corpus, one.probability, (one.model, one.control))
        for name, figures in found.items()
        for axis, one in figures.axes.items()
    ]


def verdicts_record(found: Mapping[str, SetFigures]) -> dict[str, dict[str, list[float]]]:
    """Give the verdicts in readers' terms as the manifest keeps them, of each set that has them."""
    return {name: as_record(figures.verdicts) for name, figures in found.items() if figures.verdicts}


def scored_set(
    name: str,
    axis: Axis,
    corpus: Corpus,
    probability: Floats,
    figures: tuple[Mapping[str, Estimate], Mapping[str, Estimate]],
) -> ScoredSet:
    """Give what the report may know of n headlines; `figures` are the model's and the surface control's."""
    words = [text.split() for text in corpus.text]
    return ScoredSet(
        name=name,
        axis=axis,
        truth=corpus.target(axis),
        probability=probability,
        ids=np.array([_id(s, t) for s, t in zip(corpus.source, corpus.text, strict=True)], dtype=object),
        publisher=corpus.publisher,
        year=np.array([date[:4] for date in corpus.date], dtype=object),
        words=np.array([len(found) for found in words], dtype=np.int64),
        title_case=np.array([sum(w[0].isupper() for w in found) > 0.7 * len(found) for found in words], dtype=bool),
        figures=figures[0],
        control=figures[1],
    )


def _id(source: str, text: str) -> str:
    """Name a headline so that whoever has the corpus finds it, and nobody else reads it."""
    return f"{source}:{hashlib.sha256(text.encode()).hexdigest()[:10]}"


@dataclass(frozen=True, slots=True)
class Required:
    """A bound that a figure of an axis, or of the `verdicts`, has to keep."""

    of: str
    figure: str
    is_least: bool  # else it is the most that is allowed
    bound: float

    def keeps(self, value: float) -> bool:
        """Tell whether a value is within the bound; what is no number is not."""
        return value >= self.bound if self.is_least else value <= self.bound


def falling_short(found: Mapping[str, SetFigures], required: Sequence[Required]) -> list[str]:
    """Say which required figures a set misses; one that no set has is missed too."""
    short = []
    for one in required:
        sets = {name: _figures_of(figures, one.of) for name, figures in found.items()}
        values = {name: figures[one.figure].value for name, figures in sets.items() if one.figure in figures}
        if not values:
            short.append(f"{one.of}.{one.figure} was required, but no set has it")
        side = "below" if one.is_least else "above"
        short += [
            f"{name}: {one.of}.{one.figure} is {value:.4f}, {side} {one.bound:g}"
            for name, value in values.items()
            if not one.keeps(value)
        ]
    return short


def _figures_of(figures: SetFigures, of: str) -> Mapping[str, Estimate]:
    if of == "verdicts":
        return figures.verdicts
    return figures.axes[of].model if of in figures.axes else {}  # type: ignore[index]
