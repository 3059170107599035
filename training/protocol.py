"""How candidates are chosen: by headlines of outlets, or of whole corpora, that a head has never seen.

docs/evaluation.md says why. Vocabulary and idf are learned once, without labels, from all headlines given.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.metrics import roc_auc_score

from model.judgement import Axis
from training.corpora import Corpus
from training.fit import columns_of
from training.folds import parts_of
from training.heads import Columns, Line, Sample, fit_line
from training.metrics import Estimate
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe
from training.vectorize import vectorize

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FOLDS = 5
LEAST = 90  # headlines of an outlet, to have a ROC AUC of its own
DRAWS = 2000
# Outlets of one newsroom or owner are held out together: they share writers, copy and house style.
SIBLINGS = (
    {"The Sun", "The US Sun"},
    {"New York Post", "Page Six"},
    {"Mirror", "Daily Record", "Birmingham Live", "Liverpool Echo", "ChronicleLive", "Wales Online"},
    {"New York Times", "New York Times (The Lede)"},
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Headlines of one axis with their terms, ready to be fitted on in any split."""

    corpus: Corpus
    sample: Sample
    groups: Rows  # of near-duplicates
    columns: Columns
    axis: Axis
    recipe: Recipe

    @classmethod
    def of(cls, corpus: Corpus, axis: Axis, recipe: Recipe) -> "Weighed":
        """Cut, weigh and group the headlines that say something of the axis."""
        known = corpus[corpus.labelled(axis) & corpus.usable]
        groups = near_duplicate_groups(list(known.text))
        vectorizer, x = vectorize(list(known.text), parts_of(known, groups), recipe)
        columns = columns_of(vectorizer, axis, recipe)
        return cls(known, Sample.of(known, x, axis, recipe), groups, columns, axis, recipe)

    def fit_without(self, held: npt.NDArray[np.bool_]) -> Line:
        """Fit on everything but the rows held out and their near-duplicates."""
        fitted = np.flatnonzero(~held & ~np.isin(self.groups, self.groups[held]))
        return fit_line(self.sample[fitted], self.columns, self.axis, self.recipe)

    def scores_of(self, line: Line, rows: Rows) -> Floats:
        """Score rows."""
        return line.scores(self.sample.x[rows])


@dataclass(frozen=True, slots=True)
class PairedAuc:
    """ROC AUC of one sensational against one measured outlet, both held out."""

    sensational: str
    measured: str
    roc_auc: float


def leave_publishers_out(
    data: Weighed, progress: Callable[[str], None] = lambda _: None, least: int = LEAST
) -> list[PairedAuc]:
    """Measure every pair of core outlets with a head that has seen neither, nor a sibling of either.

    The groups of each side are dealt into five parts; all 25 combinations of a part of each side are held out.
    """
    sides = [dealt_newsrooms(data.corpus, label) for label in (1.0, 0.0)]
    held = [(flagged, measured) for flagged in sides[0] for measured in sides[1]]
    progress(f"leaving publishers out: {len(held)} fits")
    found = Parallel(n_jobs=-1)(delayed(_pairs)(data, flagged, measured, least) for flagged, measured in held)
    return [pair for pairs in found for pair in pairs]


def macro_mean(pairs: Sequence[PairedAuc], seed: int = 0) -> Estimate:
    """Give the mean over pairs; its interval is a bootstrap over the outlets of both sides."""
    flagged = sorted({pair.sensational for pair in pairs})
    measured = sorted({pair.measured for pair in pairs})
    table = np.full((len(flagged), len(measured)), np.nan)
    for pair in pairs:
        table[flagged.index(pair.sensational), measured.index(pair.measured)] = pair.roc_auc
    random = np.random.default_rng(seed)
    draws = [
        np.nanmean(
            table[random.integers(0, len(flagged), len(flagged))][:, random.integers(0, len(measured), len(measured))]
        )
        for _ in range(DRAWS)
    ]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(float(np.nanmean(table)), float(low), float(high))


def across_corpora(data: Weighed, fitted: str, measured: str) -> Estimate:
    """Fit on one source and give the ROC AUC on another, near-duplicates of which are not fitted on."""
    held = data.corpus.source != fitted
    rows = np.flatnonzero(data.corpus.source == measured)
    line = data.fit_without(held)
    truth, scores = data.corpus.target(data.axis)[rows], data.scores_of(line, rows)
    return bootstrap(lambda d: _auc_of_draw(truth[d], scores[d]), len(rows))


def _auc_of_draw(truth: Floats, scores: Floats) -> float:
    return float(roc_auc_score(truth, scores)) if 0 < truth.sum() < len(truth) else float("nan")


def bootstrap(figure: Callable[[Rows], float], count: int) -> Estimate:
    """Give a figure of n rows, a function of their numbers, with its interval."""
    random = np.random.default_rng(0)
    draws = [figure(random.integers(0, count, count)) for _ in range(200)]
    low, high = np.nanpercentile(draws, [2.5, 97.5])  # a draw without one of the classes has no figure
    return Estimate(figure(np.arange(count)), float(low), float(high))


def newsrooms(corpus: Corpus, label: float) -> list[set[str]]:
    """Give one side's core publishers, siblings together, largest first."""
    core = corpus.publisher[(corpus.sensational == label) & (corpus.circle != "wider") & (corpus.publisher != "")]
    counts = {str(name): int((core == name).sum()) for name in set(core)}
    rooms = [next((s for s in SIBLINGS if name in s), {name}) for name in counts]
    distinct = [room for number, room in enumerate(rooms) if room not in rooms[:number]]
    return sorted(distinct, key=lambda room: (-sum(counts.get(name, 0) for name in room), min(room)))


def dealt_newsrooms(corpus: Corpus, label: float) -> list[set[str]]:
    """Deal one side's newsrooms into at most five parts of similar size."""
    rooms = newsrooms(corpus, label)
    return [part for k in range(FOLDS) if (part := set().union(*rooms[k::FOLDS]))]


def paired_aucs(data: Weighed, line: Line, flagged: set[str], measured: set[str], least: int) -> list[PairedAuc]:
    """Measure a head on each pair of these core outlets that have `least` headlines or more."""
    core = data.corpus.circle != "wider"
    names = [*sorted(flagged), *sorted(measured)]
    rows = {name: np.flatnonzero((data.corpus.publisher == name) & core) for name in names}
    scores = {name: data.scores_of(line, found) for name, found in rows.items() if len(found) >= least}
    return [
        PairedAuc(f, m, _auc(scores[f], scores[m]))
        for f in sorted(flagged & scores.keys())
        for m in sorted(measured & scores.keys())
    ]


def _auc(positive: Floats, negative: Floats) -> float:
    labels = np.repeat([1, 0], [len(positive), len(negative)])
    return float(roc_auc_score(labels, np.concatenate([positive, negative])))


def _pairs(data: Weighed, flagged: set[str], measured: set[str], least: int) -> list[PairedAuc]:
    line = data.fit_without(np.isin(data.corpus.publisher, [*flagged, *measured]))
    return paired_aucs(data, line, flagged, measured, least)
