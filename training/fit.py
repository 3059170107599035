"""Fits one shared TF-IDF and a logistic regression per axis, calibrated on headlines that it was not fitted on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from model.artefact import Artefact
from model.judgement import AXES, Axis, Thresholds
from model.scoring.portable import expit
from model.terms.analyzer import BLOCKS, block_of
from training.calibration import Calibration, calibrate
from training.corpora import Corpus, Strings
from training.folds import Split, parts_of, split_axes
from training.heads import Columns, Line, Sample, fit_line
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe
from training.vectorize import terms_of, vectorize, vectorize_as

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """n usable headlines as rows of weighed terms, and the folds of each axis to be fitted: what every fit starts from.

    Folds number the rows that say something of their axis.
    """

    corpus: Corpus
    splits: Mapping[Axis, Split]
    vectorizer: Pipeline
    x: csr_array


@dataclass(frozen=True, slots=True)
class FittedHead:
    """A calibrated head, its thresholds, and how it did on headlines that it had not seen."""

    regression: LogisticRegression  # its own `predict_proba` is the calibrated probability
    calibration: Calibration
    rows: Rows  # of the corpus, those that the head was calibrated on
    out_of_fold: Floats  # calibrated probability of each of `rows`, from a head that had not seen it

    @property
    def thresholds(self) -> Thresholds:
        """Where the axis turns uncertain, and flagged."""
        return self.calibration.thresholds


@dataclass(frozen=True, slots=True)
class Fitted:
    """The fitted vectorizer, which takes lists of terms, and a head per axis."""

    vectorizer: Pipeline
    heads: dict[Axis, FittedHead]


def fit(corpus: Corpus, recipe: Recipe, progress: Progress = lambda _stage: None) -> Fitted:
    """Prepare a corpus of usable headlines and fit both heads; raise `LabelError` where an axis lacks a class."""
    return fit_heads(prepare(corpus, recipe, progress), recipe, progress)


def prepare(
    corpus: Corpus,
    recipe: Recipe,
    progress: Progress = lambda _stage: None,
    axes: Sequence[Axis] = AXES,
    known: Artefact | None = None,
) -> Prepared:
    """Split by near-duplicates and outlets and weigh terms, those of a `known` model where one is given.

    Raises `LabelError` where one of `axes` cannot be split. `progress` is told of each stage as it begins.
    """
    progress("grouping near-duplicates")
    groups = near_duplicate_groups(list(corpus.text))
    splits = split_axes(corpus, groups, axes, recipe)
    progress("cutting headlines into terms")
    if known:
        return Prepared(corpus, splits, *vectorize_as(list(corpus.text), known))
    return Prepared(corpus, splits, *vectorize(list(corpus.text), parts_of(corpus, groups), recipe))


def fit_heads(prepared: Prepared, recipe: Recipe, progress: Progress = lambda _stage: None) -> Fitted:
    """Fit and calibrate a head for each axis that was prepared."""
    heads: dict[Axis, FittedHead] = {}
    for axis, split in prepared.splits.items():
        progress(f"fitting the {axis} head, with {len(split.folds)} folds to calibrate it")
        heads[axis] = _fit_head(prepared, axis, recipe)
    return Fitted(prepared.vectorizer, heads)


def columns_of(vectorizer: Pipeline, axis: Axis, recipe: Recipe) -> Columns:
    """Mark the columns that the axis' head may use."""
    blocks = blocks_of(vectorizer)
    head = recipe.heads[axis]
    return Columns(np.isin(blocks, head.blocks), np.isin(blocks, head.label_blocks))


def blocks_of(vectorizer: Pipeline) -> Strings:
    """Name the block of each column."""
    return np.array([BLOCKS[block_of(term)] for term in terms_of(vectorizer)], dtype=object)


def _fit_head(prepared: Prepared, axis: Axis, recipe: Recipe) -> FittedHead:
    rows = np.flatnonzero(prepared.corpus.labelled(axis))
    known = prepared.corpus[rows]
    sample = Sample.of(known, prepared.x[rows], axis, recipe)
    columns = columns_of(prepared.vectorizer, axis, recipe)
    folds = prepared.splits[axis].folds
    parts = [*(fitted for fitted, _ in folds), np.arange(len(rows))]
    lines: list[Line] = Parallel(n_jobs=-1)(delayed(_fit_part)(sample, part, columns, axis, recipe) for part in parts)
    scores = np.zeros(len(rows))
    for line, (_, held) in zip(lines, folds, strict=False):
        scores[held] = line.scores(sample.x[held])
    calibration = calibrate(known, scores, sample, axis)
    log_odds = calibration.sigmoid.log_odds(scores[calibration.rows])
    return FittedHead(_calibrated(lines[-1], calibration), calibration, rows[calibration.rows], expit(log_odds))


def _fit_part(sample: Sample, part: Rows, columns: Columns, axis: Axis, recipe: Recipe) -> Line:
    return fit_line(sample.among(np.isin(np.arange(len(sample.target)), part)), columns, axis, recipe)


def as_regression(coef: Floats, intercept: float) -> LogisticRegression:
    """Give a line whose `predict_proba` is the calibrated probability as scikit-learn has it."""
    regression = LogisticRegression()
    regression.classes_ = np.array([0, 1])
    regression.n_features_in_ = len(coef)
    regression.coef_ = coef[None, :]
    regression.intercept_ = np.array([intercept])
    return regression


def _calibrated(line: Line, calibration: Calibration) -> LogisticRegression:
    """Fold the sigmoid into the regression; coefficients are rounded to the 32 bits that the artefact keeps."""
    sigmoid = calibration.sigmoid
    coef = (sigmoid.slope * line.coef).astype(np.float32).astype(np.float64)
    return as_regression(coef, sigmoid.slope * line.intercept + sigmoid.intercept)
