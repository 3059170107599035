"""What each part of a head is worth: the head fitted anew without it, measured on outlets that were held out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from model.judgement import Axis
from training.check import surface_features
from training.corpora import Corpus
from training.fit import Fitted, Prepared, blocks_of, columns_of
from training.heads import Columns, Sample, fit_line, has_prior
from training.metrics import DRAWS, Estimate
from training.recipe import Recipe

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Fold: TypeAlias = tuple[Rows, Rows]  # fitted on, measured
Variant: TypeAlias = tuple[str, Callable[[Fold], Floats]]

# Of an outlet, of each class. Training itself fits twelve heads, the ablation fifty: so thinned, these added a sixth to
# the time before them (143 s to 880 s, on a busy machine).
LARGEST, LARGEST_READ, LARGEST_RATED = 500, 60, 4_000
WHOLE, SURFACE = "the whole head", "surface features only"
RULE = (
    f"The head was fitted anew without the part, on at most {LARGEST:,} headlines of each class of an outlet, or "
    f"{LARGEST_READ:,} where readers rated them ({LARGEST_RATED:,} where no outlet is known), drawn by the seed. So "
    "was the whole head: these figures compare with each other, not with those of other tables. Measured on the "
    "calibration headlines among them, in the folds of the "
    "calibration: whole outlets, and near-duplicates, held out."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A head without something: its ROC AUC, and what the whole head's is less, on the same bootstrap draws."""

    name: str
    roc_auc: Estimate
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Ablation:
    """One head: the whole of it first, then without each of its parts; and on how many headlines."""

    headlines: int
    parts: Sequence[Part]

    def as_dict(self) -> dict[str, Any]:
        """Give what the manifest keeps."""
        parts = [
            {"name": part.name, "roc_auc": part.roc_auc.as_list(), "difference": part.difference.as_list()}
            for part in self.parts
        ]
        return {"headlines": self.headlines, "parts": parts}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Self:
        """Read what `as_dict` gave."""
        parts = [Part(p["name"], Estimate(*p["roc_auc"]), Estimate(*p["difference"])) for p in kept["parts"]]
        return cls(kept["headlines"], parts)


def ablate(prepared: Prepared, fitted: Fitted, recipe: Recipe) -> dict[Axis, Ablation]:
    """Fit each head without each block of terms that it uses, and without its prior, and measure what is left.

    The same headlines and seed give the same figures.
    """
    found = {axis: _ablate(prepared, head.rows, axis, recipe) for axis, head in fitted.heads.items()}
    return {axis: one for axis, one in found.items() if one}


def ablation_record(found: Mapping[Axis, Ablation]) -> dict[str, Any]:
    """Give what the manifest keeps: how it was done, and the figures of each axis."""
    return {"rule": RULE, "axes": {axis: ablation.as_dict() for axis, ablation in found.items()}}


def _ablate(prepared: Prepared, trusted: Rows, axis: Axis, recipe: Recipe) -> Ablation | None:
    """Ablate one head; where too few headlines are left to fit and measure in any fold, there is nothing to say."""
    rows = np.flatnonzero(prepared.corpus.labelled(axis))
    known = prepared.corpus[rows]
    few = thinned(known, axis, recipe.seed)
    folds = _within(few & np.isin(rows, trusted), few, prepared.splits[axis].folds)
    sample = Sample.of(known[few], prepared.x[rows[few]], axis, recipe)
    truth = known.target(axis)[few]
    folds = [(fitted, measured) for fitted, measured in folds if {0.0, 1.0} <= set(truth[fitted])]
    if not folds or len(set(truth[np.concatenate([measured for _, measured in folds])])) < 2:
        return None
    variants = dict(_variants(known[few], sample, prepared.vectorizer, axis, recipe))
    found = Parallel(n_jobs=-1)(delayed(scores)(fold) for scores in variants.values() for fold in folds)
    held = np.concatenate([measured for _, measured in folds])
    scores = np.concatenate(found).reshape(len(variants), len(held))
    return Ablation(len(held), compared(truth[held], dict(zip(variants, scores, strict=True))))


def thinned(corpus: Corpus, axis: Axis, seed: int) -> Mask:
    """Mark headlines that weigh something, of each outlet and class no more than are stated above."""
    random = np.random.default_rng(seed)
    rated = corpus.rated(axis)
    kinds = [f"{outlet}\0{label}" for outlet, label in zip(corpus.outlet, corpus.target(axis), strict=True)]
    kind = np.unique(kinds, return_inverse=True)[1]
    rows = random.permutation(np.flatnonzero((corpus.weight > 0) & (corpus.raters > 0)))
    rows = rows[np.argsort(kind[rows], kind="stable")]
    rank = np.arange(len(rows)) - np.searchsorted(kind[rows], kind[rows])
    few = np.zeros(len(corpus), dtype=bool)
    named = corpus.publisher != ""
    most = np.where(rated & named, LARGEST_READ, np.where(rated, LARGEST_RATED, LARGEST))
    few[rows] = rank < most[rows]
    return few


def _within(measured: Mask, few: Mask, folds: Sequence[Fold]) -> list[Fold]:
    """Narrow the folds to few rows, numbered anew: those fitted on, and of those held out what is measured, if any."""
    number = np.cumsum(few) - 1
    return [
        (number[fitted[few[fitted]]], number[held[measured[held]]]) for fitted, held in folds if measured[held].any()
    ]


def _variants(corpus: Corpus, sample: Sample, vectorizer: Pipeline, axis: Axis, recipe: Recipe) -> Iterator[Variant]:
    """Give each head to compare by its name: a function from a fold to the scores of the headlines measured."""
    columns, blocks = columns_of(vectorizer, axis, recipe), blocks_of(vectorizer)
    everything = np.ones(len(corpus), dtype=bool)
    yield WHOLE, partial(_scores, sample, columns, everything, axis, recipe)
    head = recipe.heads[axis]
    for block in head.blocks if sample.rated.any() else head.label_blocks:
        left = columns.without(blocks == block)
        if left.allowed.any() and left.labels.any():
            yield f"without {block}", partial(_scores, sample, left, everything, axis, recipe)
    if has_prior(sample):
        yield "without the prior", partial(_scores, sample, columns, sample.rated, axis, recipe)
    decides = sample.rated if has_prior(sample) else everything
    yield SURFACE, partial(_surface_scores, surface_features(corpus.text), corpus.target(axis), sample.weight * decides)


def _scores(sample: Sample, columns: Columns, use: Mask, axis: Axis, recipe: Recipe, fold: Fold) -> Floats:
    fitted, measured = fold
    return fit_line(sample[fitted[use[fitted]]], columns, axis, recipe).scores(sample.x[measured])


def _surface_scores(features: Floats, truth: Floats, weight: Floats, fold: Fold) -> Floats:
    fitted, measured = fold
    if len(set(truth[fitted][weight[fitted] > 0])) < 2:
        return np.zeros(len(measured))
    regression = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    regression.fit(features[fitted], truth[fitted], logisticregression__sample_weight=weight[fitted])
    return np.asarray(regression.decision_function(features[measured]), dtype=np.float64)


def compared(truth: Floats, scores: Mapping[str, Floats]) -> list[Part]:
    """Give the ROC AUC of each scoring of n headlines, and its difference from the first, with bootstrap intervals."""
    random = np.random.default_rng(0)
    ones = np.ones(len(truth))
    draws = [ones, *(random.multinomial(len(truth), ones / len(truth)).astype(float) for _ in range(DRAWS))]
    draws = [draw for draw in draws if 0 < (draw * truth).sum() < draw.sum()]
    areas = {name: _areas(truth, found, draws) for name, found in scores.items()}
    whole = next(iter(areas.values()))
    return [Part(name, _estimate(found), _estimate(found - whole)) for name, found in areas.items()]


def _estimate(values: Floats) -> Estimate:
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return Estimate(float(values[0]), float(low), float(high))


def _areas(truth: Floats, scores: Floats, draws: Sequence[Floats]) -> Floats:
    """Give the ROC AUC for each weighting of the headlines; scikit-learn's sorts anew, ten times as slow."""
    place = np.unique(scores, return_inverse=True)[1]
    found = []
    for draw in draws:
        positive, negative = (np.bincount(place, draw * side) for side in (truth, 1 - truth))
        below = np.cumsum(negative) - negative / 2  # equal scores count half
        found.append(positive @ below / (positive.sum() * negative.sum()))
    return np.array(found)
