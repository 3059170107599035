"""One axis' logistic regression: what it is fitted on, with which weights, and from which prior."""

import warnings
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from model.errors import LabelError
from model.judgement import Axis
from training.corpora import Corpus
from training.recipe import HeadRecipe, Penalty, Recipe

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_PRIOR_SCALE = 4.0


@dataclass(frozen=True, slots=True)
class Sample:
    """n weighed headlines of one axis: rows of `x`, a target from 0 to 1, a weight, and who says so.

    `rated` marks the headlines whose readers decide; `aside` those that readers rated as something else, such as posts.
    """

    x: csr_array
    target: Floats
    weight: Floats
    rated: Mask
    aside: Mask

    @classmethod
    def of(cls, corpus: Corpus, x: csr_array, axis: Axis, recipe: Recipe) -> Self:
        """Weigh the headlines of a corpus that all say something of the axis.

        Readers who rated both axes decide. Where there are some, ratings of one axis alone stand aside: Webis-17's
        people judged posts, whose text is no article's headline.
        """
        rated, both = corpus.rated(axis), corpus.rated_on_both
        decides = both if both.any() else rated
        softened = recipe.rating_floor + recipe.rating_span * corpus.mean(axis)
        target = np.where(both, softened, np.where(rated, corpus.mean(axis), corpus.target(axis)))
        return cls(x, target, row_weights(corpus, axis, recipe), decides, rated & ~decides)

    def __getitem__(self, rows: npt.NDArray[np.int64] | Mask) -> "Sample":
        """Pick rows."""
        return Sample(self.x[rows], self.target[rows], self.weight[rows], self.rated[rows], self.aside[rows])

    def among(self, rows: Mask) -> "Sample":
        """Let only some rows weigh, without a copy of `x`."""
        return replace(self, weight=np.where(rows, self.weight, 0.0))


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of `x` a head may use, and which to learn from labels."""

    allowed: Mask
    labels: Mask

    def without(self, columns: Mask) -> "Columns":
        """Leave columns out of both."""
        return Columns(self.allowed & ~columns, self.labels & ~columns)


@dataclass(frozen=True, slots=True)
class Line:
    """A linear score: `x @ coef + intercept`."""

    coef: Floats
    intercept: float

    def scores(self, x: csr_array) -> Floats:
        """Give the raw scores of rows."""
        return np.asarray(x @ self.coef + self.intercept)


def row_weights(corpus: Corpus, axis: Axis, recipe: Recipe) -> Floats:
    """Weigh rated headlines as given, and labels so that no outlet dominates and uncertain ones count less.

    The labels' mean is that of their weights as given.

    A label is its outlet's, a rating the headline's own: roots of outlets' sizes lowered what ratings teach.
    """
    labelled = ~corpus.rated(axis)
    weight = corpus.weight.astype(np.float64)
    weight[labelled] *= _label_weights(corpus[labelled], axis, recipe)
    if not weight.sum():
        raise LabelError(f"the {axis} axis must have headlines of a weight above 0")
    return weight


def _label_weights(corpus: Corpus, axis: Axis, recipe: Recipe) -> Floats:
    _, outlet, rows = np.unique(corpus.outlet.astype(str), return_inverse=True, return_counts=True)
    wider = np.where(corpus.target(axis) > 0, recipe.wider_positive, recipe.wider_negative)
    undated = np.where((corpus.date == "") & (corpus.publisher != ""), recipe.heads[axis].undated, 1.0)
    weight = np.where(corpus.circle == "wider", wider, undated) / rows[outlet] ** recipe.outlet_power
    total = (weight * corpus.weight).sum()
    return np.asarray(weight * corpus.weight.sum() / total if total else weight, dtype=np.float64)


def fit_line(sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Line:
    """Fit the axis' regression on a sample, with the columns of `x` that it may use.

    Where readers rated some of the headlines, these alone decide the fit. What labels teach enters as one more feature,
    the score of a regression on them: labels by publisher, pooled as rows, cost .015-.05 ROC AUC on Webis-17. What
    stands aside is fitted by itself, and a share of that line is added.
    """
    head = recipe.heads[axis]
    if not _has_both(sample, sample.rated):
        return _fit(sample, columns.labels, head.labels)
    main = _with_prior(sample, columns, head)
    if not head.aside_share or not _has_both(sample, sample.aside):
        return main
    line = _fit(sample.among(sample.aside), columns.allowed, head.aside)
    return Line(main.coef + head.aside_share * line.coef, main.intercept + head.aside_share * line.intercept)


def has_prior(sample: Sample) -> bool:
    """Say whether a fit on the sample has ratings to go by, and other headlines to learn a prior from."""
    return _has_both(sample, sample.rated) and _has_both(sample, ~sample.rated & ~sample.aside)


def _with_prior(sample: Sample, columns: Columns, head: HeadRecipe) -> Line:
    rated = sample.among(sample.rated)
    if not has_prior(sample):
        return _fit(rated, columns.allowed, head.ratings)
    prior = _fit(sample.among(~sample.rated & ~sample.aside), columns.labels, head.labels)
    scores = prior.scores(sample.x)
    own = scores[rated.weight > 0]
    # Scaled so that the penalty hardly holds its weight down; headlines themselves have a norm of about 2.
    spread = _PRIOR_SCALE / max(float(own.std()), 1e-9)
    feature = csr_array((spread * (scores - own.mean()))[:, None])
    scale = np.append(count_ratio(rated, columns.allowed, head.ratings.ratio_power), 1.0)
    line = _regression(replace(rated, x=csr_array(hstack([sample.x, feature]))), scale, head.ratings.c)
    share = spread * line.coef[-1]
    return Line(line.coef[:-1] + share * prior.coef, line.intercept + share * (prior.intercept - own.mean()))


def count_ratio(sample: Sample, columns: Mask, power: float) -> Floats:
    """Scale each term of `columns` by how unevenly the two sides use it: |log-count ratio| ** power, mean about 1.

    All other terms are scaled by 0, which leaves them out of a fit.

    The terms of Wang & Manning's NBSVM (2012), softened; folded into the coefficients after the fit.
    """
    mass = [np.asarray(sample.x.T @ (sample.weight * side)) + 1 for side in (sample.target, 1 - sample.target)]
    share = [side[columns] / side[columns].sum() for side in mass]
    ratio = np.abs(np.log(share[0] / share[1]))
    scale = np.zeros(len(columns))
    scale[columns] = ((ratio + 0.1) / (ratio.mean() + 0.1)) ** power
    return scale


def _fit(sample: Sample, columns: Mask, penalty: Penalty) -> Line:
    return _regression(sample, count_ratio(sample, columns, penalty.ratio_power), penalty.c)


def _regression(sample: Sample, scale: Floats, c: float) -> Line:
    """Fit soft targets, as pairs of a positive and a negative row that share the headline's weight.

    The columns of `x` are scaled for the fit; the coefficients are for them unscaled.
    """
    positive = np.flatnonzero(sample.target * sample.weight > 0)
    negative = np.flatnonzero((1 - sample.target) * sample.weight > 0)
    if not len(positive) or not len(negative):
        raise LabelError("an axis must have headlines of both classes in every fold; give more outlets or fewer folds")
    rows = np.concatenate([positive, negative])
    weight = np.concatenate(
        [(sample.weight * sample.target)[positive], (sample.weight * (1 - sample.target))[negative]]
    )
    labels = np.repeat([1, 0], [len(positive), len(negative)])
    # liblinear's dual at a loose tolerance ends nearer to the optimum than lbfgs at its default one, and sooner:
    # scipy's L-BFGS-B on soft targets, without pairs, took 115 s for the ROC AUC that this has after 12
    solver = LogisticRegression(C=c, solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=0)
    with warnings.catch_warnings():
        # A weight of a million may leave the dual short of its tolerance; the folds calibrate what comes of it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        solver.fit(_scaled(sample.x, scale)[rows], labels, weight)
    return Line(np.asarray(solver.coef_[0]) * scale, float(solver.intercept_[0]))


def _scaled(x: csr_array, scale: Floats) -> csr_array:
    """Scale the columns of a copy; those scaled by 0 hold nothing then. Slicing them off took five times as long."""
    scaled = csr_array((x.data * scale[x.indices], x.indices.copy(), x.indptr.copy()), shape=x.shape)
    scaled.eliminate_zeros()
    return scaled


def _has_both(sample: Sample, rows: Mask) -> bool:
    target = sample.target[rows & (sample.weight > 0)]
    return bool((target > 0).any() and (target < 1).any())
