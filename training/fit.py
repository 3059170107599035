"""Fits one shared TF-IDF and a logistic regression per axis, calibrated on headlines that it was not fitted on."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_array
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from model.errors import LabelError
from model.judgement import AXES, Axis, Thresholds
from model.scorer import expit
from model.terms import BLOCKS, TermSettings, block_of
from training.calibration import Sigmoid, choose_thresholds, fit_sigmoid
from training.corpora import Corpus
from training.near_duplicates import near_duplicate_groups

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]

_NO_PUBLISHER_PARTS = 50  # rows without a publisher are dealt to the folds in so many parts of each source


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every choice of training; kept in the manifest. docs/evaluation.md has the measurements behind the defaults."""

    terms: TermSettings = field(default_factory=TermSettings)
    min_outlets: int = 3  # that use a term
    max_terms: int = 250_000
    c_sensational: float = 1.0
    c_clickbait: float = 3.0
    outlet_power: float = 0.5  # an outlet with n headlines weighs n ** (1 - this) of them
    folds: int = 5
    seed: int = 0

    def c(self, axis: Axis) -> float:
        """Give the inverse strength of the axis' L2 penalty."""
        return self.c_sensational if axis == "sensational" else self.c_clickbait

    def as_dict(self) -> dict[str, Any]:
        """Give the choices as the manifest keeps them."""
        return {name: value for name, value in asdict(self).items() if name != "terms"}


@dataclass(frozen=True, slots=True)
class FittedHead:
    """A head with its calibration folded in, the thresholds, and the out-of-fold probabilities they come from."""

    regression: LogisticRegression
    sigmoid: Sigmoid
    thresholds: Thresholds
    rows: Rows  # of the corpus, those that say something of this axis
    out_of_fold: Floats  # calibrated probability of each of `rows`, from a head that had not seen it


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted vectorizer, which takes lists of terms, and a head per axis."""

    vectorizer: Pipeline
    heads: dict[Axis, FittedHead]


def fit(corpus: Corpus, recipe: Recipe, progress: Progress = lambda _stage: None) -> Fitted:
    """Fit both heads on a corpus of usable headlines; raise `LabelError` where an axis lacks a class.

    `progress` is told of each stage as it begins.
    """
    for axis in AXES:
        _require_both_classes(corpus, axis)
    progress("grouping near-duplicates")
    groups = near_duplicate_groups(list(corpus.text))
    progress("cutting headlines into terms")
    vectorizer, matrix = vectorize(corpus, parts_of(corpus, groups), recipe)
    heads = {axis: _fit_head(corpus, matrix, groups, axis, recipe, progress) for axis in AXES}
    return Fitted(vectorizer, heads)


def vectorize(corpus: Corpus, outlets: Rows, recipe: Recipe) -> tuple[Pipeline, csr_array]:
    """Learn the shared vocabulary and idf, and weigh every headline: TF-IDF, each block of terms normalised by itself.

    The pipeline takes lists of terms (`analyzer=list`), so that its pickle needs nothing of ours to load. Its idf is
    rounded to the 32 bits that the artefact keeps, so that both give the same probabilities.
    """
    learner = CountVectorizer(analyzer=list, dtype=np.float64)
    counts = csr_array(learner.fit_transform(map(recipe.terms.analyze, corpus.text)))
    names = learner.get_feature_names_out()
    blocks = np.array([block_of(term) for term in names])
    kept = np.flatnonzero(_is_common(counts, outlets, recipe))
    kept = kept[np.lexsort((names[kept], blocks[kept]))]
    weigher = ColumnTransformer(_by_block(blocks[kept]), sparse_threshold=1.0)
    weigher.fit(counts[:, kept])
    for _, transformer, _ in weigher.transformers_:
        transformer.idf_ = transformer.idf_.astype(np.float32).astype(np.float64)
    counter = CountVectorizer(analyzer=list, dtype=np.float64, vocabulary=names[kept]).fit([[]])
    return Pipeline([("counts", counter), ("tfidf", weigher)]), csr_array(weigher.transform(counts[:, kept]))


def _by_block(blocks: Rows) -> list[tuple[str, TfidfTransformer, slice]]:
    """Give each block's columns, which stand together, a TF-IDF and a norm of their own."""
    ends = np.searchsorted(blocks, np.arange(len(BLOCKS)), side="right")
    starts = np.concatenate([[0], ends[:-1]])
    spans = zip(BLOCKS, starts, ends, strict=True)
    return [(n, TfidfTransformer(sublinear_tf=True), slice(int(a), int(b))) for n, a, b in spans if b > a]


def _is_common(counts: csr_array, outlets: Rows, recipe: Recipe) -> npt.NDArray[np.bool_]:
    """Mark the terms that enough outlets use, and of these the most frequent `max_terms`.

    A term that one outlet alone uses can tell who printed a headline, but not how it is written.
    """
    number = int(outlets.max()) + 1
    belongs = csr_array((np.ones(len(outlets)), (outlets, np.arange(len(outlets)))), shape=(number, len(outlets)))
    used_by = np.bincount((belongs @ (counts > 0)).tocsr().indices, minlength=counts.shape[1])
    enough = used_by >= min(recipe.min_outlets, max(number // 4, 1))
    frequency = np.bincount(counts.indices, minlength=counts.shape[1]) * enough
    order = np.lexsort((np.arange(len(frequency)), -frequency))
    common = np.zeros(len(frequency), dtype=bool)
    common[order[: recipe.max_terms]] = True
    return common & enough


def row_weights(corpus: Corpus, axis: Axis, power: float) -> Floats:
    """Weigh rows so that no outlet dominates its side: an outlet of n rows counts as n ** (1 - power); mean 1."""
    sides = np.array([f"{outlet}\0{side}" for outlet, side in zip(corpus.outlet, corpus.target(axis), strict=True)])
    _, outlet, rows = np.unique(sides, return_inverse=True, return_counts=True)
    weight = corpus.weight / rows[outlet] ** power
    return np.asarray(weight * len(corpus) / weight.sum(), dtype=np.float64)


def parts_of(corpus: Corpus, groups: Rows) -> Rows:
    """Number what must stay on one side of a split: publishers, and where none is known, parts of each source.

    Near-duplicates of one source without publishers are in the same part.
    """
    dealt = [f"{source}\0{part}" for source, part in zip(corpus.source, groups % _NO_PUBLISHER_PARTS, strict=True)]
    named = np.where(corpus.publisher == "", np.array(dealt, dtype=object), corpus.publisher)
    return np.asarray(np.unique(named.astype(str), return_inverse=True)[1], dtype=np.int64)


def folds_of(corpus: Corpus, groups: Rows, axis: Axis, recipe: Recipe) -> list[tuple[Rows, Rows]]:
    """Split rows into (fitted on, held out) pairs that share neither an outlet nor a near-duplicate."""
    parts = parts_of(corpus, groups)
    count = max(2, min(recipe.folds, len(np.unique(parts))))
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=recipe.seed)
    splits = splitter.split(np.zeros(len(corpus)), corpus.target(axis), parts)
    return [(fitted[~np.isin(groups[fitted], groups[held])], held) for fitted, held in splits]


def _fit_head(
    corpus: Corpus, matrix: csr_array, groups: Rows, axis: Axis, recipe: Recipe, progress: Progress
) -> FittedHead:
    rows = np.flatnonzero(corpus.labelled(axis))
    known, x = corpus[rows], matrix[rows]
    weight = row_weights(known, axis, recipe.outlet_power)
    progress(f"fitting the {axis} head, with {recipe.folds} folds to calibrate it")
    folds = folds_of(known, groups[rows], axis, recipe)
    parts = [*(fitted for fitted, _ in folds), np.arange(len(rows))]
    regressions = Parallel(n_jobs=-1)(
        delayed(_regression)(x[part], soft_target(known, axis)[part], weight[part], axis, recipe) for part in parts
    )
    scores = np.zeros(len(rows))
    for regression, (_, held) in zip(regressions, folds, strict=False):
        scores[held] = regression.decision_function(x[held])
    sigmoid = fit_sigmoid(scores, known.target(axis), weight)
    probability = expit(sigmoid.log_odds(scores))
    thresholds = choose_thresholds(probability, known.target(axis), weight)
    return FittedHead(_calibrated(regressions[-1], sigmoid), sigmoid, thresholds, rows, probability)


def soft_target(corpus: Corpus, axis: Axis) -> Floats:
    """Give the share of raters who called each headline clickbait where they were asked, else the label."""
    target = corpus.target(axis)
    if axis == "sensational":
        return target
    return np.where(np.isnan(corpus.truth_mean), target, corpus.truth_mean)


def _regression(x: csr_array, target: Floats, weight: Floats, axis: Axis, recipe: Recipe) -> LogisticRegression:
    """Fit on soft targets, as pairs of a positive and a negative row that share the headline's weight."""
    positive, negative = np.flatnonzero(target > 0), np.flatnonzero(target < 1)
    if not len(positive) or not len(negative):
        raise LabelError(f"{axis} must have headlines of both classes in every fold; give more outlets or fewer folds")
    rows = np.concatenate([positive, negative])
    pair_weight = np.concatenate([(weight * target)[positive], (weight * (1 - target))[negative]])
    labels = np.repeat([1, 0], [len(positive), len(negative)])
    # liblinear's dual at a loose tolerance ends nearer to the optimum than lbfgs at its default one, and sooner
    solver = LogisticRegression(C=recipe.c(axis), solver="liblinear", dual=True, tol=0.01, max_iter=1000)
    return solver.set_params(random_state=recipe.seed).fit(x[rows], labels, pair_weight)


def _calibrated(regression: LogisticRegression, sigmoid: Sigmoid) -> LogisticRegression:
    """Fold the sigmoid into the regression, so that its own `predict_proba` is the calibrated probability.

    Coefficients are rounded to the 32 bits that the artefact keeps.
    """
    regression.coef_ = (sigmoid.slope * regression.coef_).astype(np.float32).astype(np.float64)
    regression.intercept_ = sigmoid.slope * regression.intercept_ + sigmoid.intercept
    return regression


def _require_both_classes(corpus: Corpus, axis: Axis) -> None:
    known = set(corpus.target(axis)[corpus.labelled(axis)])
    if known != {0.0, 1.0}:
        got = "only " + ("positive" if 1.0 in known else "negative") + " ones" if known else "none"
        raise LabelError(f"the {axis} axis must have labelled headlines of both classes, got {got}")
