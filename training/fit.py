"""Fits one shared TF-IDF and a logistic regression per axis, calibrated on headlines that it was not fitted on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline

from model.errors import LabelError
from model.judgement import AXES, Axis, Thresholds
from model.scoring.portable import expit
from model.terms.analyzer import BLOCKS, block_of
from training.calibration import Calibration, calibrate
from training.corpora import Corpus, Strings
from training.heads import Columns, Line, Sample, fit_line
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe
from training.vectorize import terms_of, vectorize

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]
Progress = Callable[[str], None]

_PARTS = 50  # into which the rows of a source without publishers are dealt


@dataclass(frozen=True, slots=True)
class Prepared:
    """n usable headlines as rows of weighed terms, with their groups of near-duplicates: what every fit starts from."""

    corpus: Corpus
    groups: Rows
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


def prepare(corpus: Corpus, recipe: Recipe, progress: Progress = lambda _stage: None) -> Prepared:
    """Group near-duplicates and weigh terms; raise `LabelError` where an axis lacks a class.

    `progress` is told of each stage as it begins.
    """
    for axis in AXES:
        _require_both_classes(corpus, axis)
    progress("grouping near-duplicates")
    groups = near_duplicate_groups(list(corpus.text))
    progress("cutting headlines into terms")
    return Prepared(corpus, groups, *vectorize(list(corpus.text), parts_of(corpus, groups), recipe))


def fit_heads(prepared: Prepared, recipe: Recipe, progress: Progress = lambda _stage: None) -> Fitted:
    """Fit and calibrate a head for each axis."""
    heads: dict[Axis, FittedHead] = {}
    for axis in AXES:
        progress(f"fitting the {axis} head, with {recipe.folds} folds to calibrate it")
        heads[axis] = _fit_head(prepared, axis, recipe)
    return Fitted(prepared.vectorizer, heads)


def parts_of(corpus: Corpus, groups: Rows) -> Rows:
    """Number what must stay on one side of a split: publishers, and where none is known, parts of each source.

    Near-duplicates of one source without publishers are in the same part.
    """
    dealt = [f"{source}\0{part}" for source, part in zip(corpus.source, groups % _PARTS, strict=True)]
    named = np.where(corpus.publisher == "", np.array(dealt, dtype=object), corpus.publisher)
    return np.asarray(np.unique(named.astype(str), return_inverse=True)[1], dtype=np.int64)


def folds_of(corpus: Corpus, groups: Rows, axis: Axis, recipe: Recipe) -> list[tuple[Rows, Rows]]:
    """Split rows into (fitted on, held out) pairs that share neither an outlet nor a near-duplicate."""
    parts = parts_of(corpus, groups)
    count = min(recipe.folds, len(np.unique(parts)))
    if count < 2:
        raise LabelError(
            f"the {axis} axis must have headlines of at least two outlets, or of none that is known, got one"
        )
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=recipe.seed)
    splits = splitter.split(np.zeros(len(corpus)), corpus.target(axis), parts)
    return [(fitted[~np.isin(groups[fitted], groups[held])], held) for fitted, held in splits]


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
    folds = folds_of(known, prepared.groups[rows], axis, recipe)
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


def _calibrated(line: Line, calibration: Calibration) -> LogisticRegression:
    """Fold the sigmoid into the regression; coefficients are rounded to the 32 bits that the artefact keeps."""
    sigmoid = calibration.sigmoid
    regression = LogisticRegression()
    regression.classes_ = np.array([0, 1])
    regression.n_features_in_ = len(line.coef)
    regression.coef_ = (sigmoid.slope * line.coef).astype(np.float32).astype(np.float64)[None, :]
    regression.intercept_ = np.array([sigmoid.slope * line.intercept + sigmoid.intercept])
    return regression


def _require_both_classes(corpus: Corpus, axis: Axis) -> None:
    known = set(corpus.target(axis)[corpus.labelled(axis) & (corpus.weight > 0) & (corpus.raters > 0)])
    if known != {0.0, 1.0}:
        got = "only " + ("positive" if 1.0 in known else "negative") + " ones" if known else "none"
        raise LabelError(f"the {axis} axis must have labelled headlines of both classes, got {got}")
