"""One axis' logistic regression: what it is fitted on, with which weights, and from which prior."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack
from sklearn.linear_model import LogisticRegression

from model.errors import LabelError
from model.judgement import Axis
from training.corpora import Corpus
from training.recipe import Recipe

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_PRIOR_SCALE = 4.0


@dataclass(frozen=True, slots=True)
class Sample:
    """n weighed headlines of one axis: rows of `x`, a target from 0 to 1, a weight, and whether people rated it."""

    x: csr_array
    target: Floats
    weight: Floats
    rated: Mask

    @classmethod
    def of(cls, corpus: Corpus, x: csr_array, axis: Axis, recipe: Recipe) -> Self:
        """Weigh the headlines of a corpus that all say something of the axis."""
        rated = rated_by_people(corpus, axis)
        target = np.where(rated, corpus.truth_mean, corpus.target(axis))
        return cls(x, target, row_weights(corpus, axis, recipe), rated)

    def __getitem__(self, rows: npt.NDArray[np.int64] | Mask) -> "Sample":
        """Pick rows."""
        return Sample(self.x[rows], self.target[rows], self.weight[rows], self.rated[rows])


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of `x` a head may use, and which of them the regression that is its prior."""

    allowed: Mask
    prior: Mask

    def without(self, columns: Mask) -> "Columns":
        """Leave columns out of both."""
        return Columns(self.allowed & ~columns, self.prior & ~columns)


@dataclass(frozen=True, slots=True)
class Line:
    """A linear score: `x @ coef + intercept`."""

    coef: Floats
    intercept: float

    def scores(self, x: csr_array) -> Floats:
        """Give the raw scores of rows."""
        return np.asarray(x @ self.coef + self.intercept)


def rated_by_people(corpus: Corpus, axis: Axis) -> Mask:
    """Mark the headlines whose place on the axis people judged one by one."""
    return ~np.isnan(corpus.truth_mean) if axis == "clickbait" else np.zeros(len(corpus), dtype=bool)


def row_weights(corpus: Corpus, axis: Axis, recipe: Recipe) -> Floats:
    """Weigh rows so that no outlet dominates and uncertain labels count as the recipe says; mean 1."""
    target = corpus.target(axis)
    _, outlet, rows = np.unique(corpus.outlet.astype(str), return_inverse=True, return_counts=True)
    wider = np.where(target > 0, recipe.wider_positive, recipe.wider_negative)
    undated = np.where((corpus.date == "") & (corpus.publisher != ""), recipe.heads[axis].undated, 1.0)
    certainty = np.where(corpus.circle == "wider", wider, undated)
    weight = corpus.weight / rows[outlet] ** recipe.outlet_power * certainty
    if not weight.sum():
        raise LabelError(f"the {axis} axis must have headlines of a weight above 0")
    return np.asarray(weight * len(corpus) / weight.sum(), dtype=np.float64)


def fit_line(sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Line:
    """Fit the axis' regression on a sample, with the columns of `x` that it may use.

    Where people rated some of the headlines, these alone decide the fit, and what the others teach enters as one more
    feature, the score of a regression on them: labels by publisher, pooled as rows, cost .015-.05 ROC AUC on Webis-17;
    as a prior they add .003.
    """
    narrowed = Sample(sample.x[:, columns.allowed], sample.target, sample.weight, sample.rated)
    coef = np.zeros(len(columns.allowed))
    if _has_both(sample, sample.rated):
        line = _with_prior(narrowed, columns.prior[columns.allowed], axis, recipe)
    else:
        line = _fit_scaled(narrowed, axis, recipe)
    coef[columns.allowed] = line.coef
    return Line(coef, line.intercept)


def has_prior(sample: Sample) -> bool:
    """Say whether a fit on the sample has ratings to go by, and other headlines to learn a prior from."""
    return _has_both(sample, sample.rated) and _has_both(sample, ~sample.rated)


def _with_prior(sample: Sample, columns: Mask, axis: Axis, recipe: Recipe) -> Line:
    rated, others = sample[sample.rated], sample[~sample.rated]
    if not _has_both(sample, ~sample.rated):
        return _fit_scaled(rated, axis, recipe)
    narrow = _fit_scaled(Sample(others.x[:, columns], others.target, others.weight, others.rated), axis, recipe)
    prior = Line(np.zeros(len(columns)), narrow.intercept)
    prior.coef[columns] = narrow.coef
    scores = prior.scores(rated.x)
    # Scaled so that the penalty hardly holds its weight down; headlines themselves have a norm of about 2.
    spread = _PRIOR_SCALE / max(float(scores.std()), 1e-9)
    ratio = count_ratio(rated, recipe.heads[axis].ratio_power)
    stacked = csr_array(hstack([rated.x * ratio, csr_array((spread * (scores - scores.mean()))[:, None])]))
    line = _regression(Sample(stacked, rated.target, rated.weight, rated.rated), axis, recipe)
    share = spread * line.coef[-1]
    intercept = line.intercept + share * (prior.intercept - scores.mean())
    return Line(line.coef[:-1] * ratio + share * prior.coef, intercept)


def count_ratio(sample: Sample, power: float) -> Floats:
    """Scale each term by how unevenly the two sides use it: |log-count ratio| ** power, mean about 1.

    The terms of Wang & Manning's NBSVM (2012), softened; folded into the coefficients after the fit.
    """
    mass = [np.asarray(sample.x.T @ (sample.weight * side)) + 1 for side in (sample.target, 1 - sample.target)]
    ratio = np.abs(np.log((mass[0] / mass[0].sum()) / (mass[1] / mass[1].sum())))
    return np.asarray(((ratio + 0.1) / (ratio.mean() + 0.1)) ** power)


def _fit_scaled(sample: Sample, axis: Axis, recipe: Recipe) -> Line:
    ratio = count_ratio(sample, recipe.heads[axis].ratio_power)
    line = _regression(Sample(csr_array(sample.x * ratio), sample.target, sample.weight, sample.rated), axis, recipe)
    return Line(line.coef * ratio, line.intercept)


def _regression(sample: Sample, axis: Axis, recipe: Recipe) -> Line:
    """Fit soft targets, as pairs of a positive and a negative row that share the headline's weight."""
    positive = np.flatnonzero(sample.target * sample.weight > 0)
    negative = np.flatnonzero((1 - sample.target) * sample.weight > 0)
    if not len(positive) or not len(negative):
        raise LabelError(f"{axis} must have headlines of both classes in every fold; give more outlets or fewer folds")
    rows = np.concatenate([positive, negative])
    weight = np.concatenate(
        [(sample.weight * sample.target)[positive], (sample.weight * (1 - sample.target))[negative]]
    )
    labels = np.repeat([1, 0], [len(positive), len(negative)])
    # liblinear's dual at a loose tolerance ends nearer to the optimum than lbfgs at its default one, and sooner
    solver = LogisticRegression(C=recipe.heads[axis].c, solver="liblinear", dual=True, tol=0.01, max_iter=1000)
    solver.set_params(random_state=recipe.seed).fit(sample.x[rows], labels, weight)
    return Line(np.asarray(solver.coef_[0]), float(solver.intercept_[0]))


def _has_both(sample: Sample, rows: Mask) -> bool:
    target = sample.target[rows & (sample.weight > 0)]
    return bool((target > 0).any() and (target < 1).any())
