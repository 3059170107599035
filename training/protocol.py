"""How candidates are chosen: by headlines of outlets, or of whole corpora, that a head has never seen.

docs/evaluation.md says why. Vocabulary and idf are learned once, without labels, from all headlines given.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from model.judgement import Axis
from training.corpora import Corpus
from training.fit import columns_of, parts_of
from training.heads import Columns, Line, Sample, fit_line
from training.metrics import Estimate
from training.near_duplicates import near_duplicate_groups
from training.recipe import HeadRecipe, Recipe
from training.vectorize import vectorize

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FOLDS = 5
LEAST = 90  # headlines of an outlet, to have a ROC AUC of its own
DRAWS = 2000
OWN_C = 30.0  # for a corpus split within itself, where nothing keeps a weaker penalty from its outlets' own words
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
    sides = [_dealt(_newsrooms(data.corpus, label)) for label in (1.0, 0.0)]
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
    return _bootstrap(lambda d: float(roc_auc_score(truth[d], scores[d])), len(rows))


@dataclass(frozen=True, slots=True)
class OwnSplit:
    """What a corpus split at random within itself gives; near-duplicates stay together."""

    accuracy: Estimate
    roc_auc: Estimate


def own_split(corpus: Corpus, recipe: Recipe, c: float) -> OwnSplit:
    """Measure clickbait by five folds within a corpus, case folded and punctuation removed.

    Only for comparison with published figures on Stop Clickbait: such a split flatters.
    """
    bare = np.array([bare_words(text) for text in corpus.text], dtype=object)
    heads: Mapping[Axis, HeadRecipe] = {**recipe.heads, "clickbait": replace(recipe.heads["clickbait"], c=c)}
    data = Weighed.of(replace(corpus, text=bare), "clickbait", replace(recipe, heads=heads, min_outlets=2))
    truth = data.corpus.clickbait
    scores = np.zeros(len(truth))
    for fitted, held in GroupKFold(FOLDS, shuffle=True, random_state=recipe.seed).split(truth, truth, data.groups):
        scores[held] = data.scores_of(fit_line(data.sample[fitted], data.columns, "clickbait", data.recipe), held)
    return _own_figures(truth, scores)


def bare_words(text: str) -> str:
    """Fold case and remove punctuation, so that neither can tell a corpus' classes."""
    return re.sub(r"[^\w\s]|_", "", text).lower()


def _own_figures(truth: Floats, scores: Floats) -> OwnSplit:
    return OwnSplit(
        _bootstrap(lambda d: float(accuracy_score(truth[d], scores[d] > 0)), len(truth)),
        _bootstrap(lambda d: float(roc_auc_score(truth[d], scores[d])), len(truth)),
    )


def _bootstrap(figure: Callable[[Rows], float], count: int) -> Estimate:
    random = np.random.default_rng(0)
    draws = [figure(random.integers(0, count, count)) for _ in range(200)]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Estimate(figure(np.arange(count)), float(low), float(high))


def _newsrooms(corpus: Corpus, label: float) -> list[set[str]]:
    """Give one side's core publishers, siblings together, largest first."""
    core = corpus.publisher[(corpus.sensational == label) & (corpus.circle != "wider") & (corpus.publisher != "")]
    counts = {str(name): int((core == name).sum()) for name in set(core)}
    rooms = [next((s for s in SIBLINGS if name in s), {name}) for name in counts]
    distinct = [room for number, room in enumerate(rooms) if room not in rooms[:number]]
    return sorted(distinct, key=lambda room: (-sum(counts.get(name, 0) for name in room), min(room)))


def _dealt(rooms: list[set[str]]) -> list[set[str]]:
    """Deal newsrooms into at most five parts of similar size."""
    return [part for k in range(FOLDS) if (part := set().union(*rooms[k::FOLDS]))]


def _pairs(data: Weighed, flagged: set[str], measured: set[str], least: int) -> list[PairedAuc]:
    publisher = data.corpus.publisher
    held = np.isin(publisher, [*flagged, *measured])
    line = data.fit_without(held)
    core = data.corpus.circle != "wider"
    rows = {name: np.flatnonzero((publisher == name) & core) for name in (*sorted(flagged), *sorted(measured))}
    scores = {name: data.scores_of(line, found) for name, found in rows.items() if len(found) >= least}
    return [
        PairedAuc(
            f,
            m,
            float(
                roc_auc_score(
                    np.repeat([1, 0], [len(scores[f]), len(scores[m])]), np.concatenate([scores[f], scores[m]])
                )
            ),
        )
        for f in sorted(flagged & scores.keys())
        for m in sorted(measured & scores.keys())
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of figures; without an interval where none was drawn."""

    name: str
    figure: Estimate

    def as_list(self) -> list[float]:
        """Give value, low and high."""
        return [round(x, 5) for x in (self.figure.value, self.figure.low, self.figure.high)]


def cross_validate(corpus: Corpus, recipe: Recipe, progress: Callable[[str], None] = lambda _: None) -> list[Row]:
    """Measure the recipe on what it is told of: each part where the corpus has what it needs."""
    rows: list[Row] = []
    usable = corpus[corpus.usable]
    if len(_newsrooms(usable, 1.0)) > 1 and len(_newsrooms(usable, 0.0)) > 1:
        progress("cutting headlines for the sensational head")
        pairs = leave_publishers_out(Weighed.of(usable, "sensational", recipe), progress)
        if pairs:
            name = f"sensational, leave-publishers-out, ROC AUC, mean of {len(pairs)} pairs"
            rows.append(Row(name, macro_mean(pairs)))
        rows += [
            Row(f"  {name} against each measured outlet", macro_mean([p for p in pairs if p.sensational == name]))
            for name in sorted({pair.sensational for pair in pairs})
        ]
    rows += _clickbait_rows(usable, recipe, progress)
    return rows


def _clickbait_rows(corpus: Corpus, recipe: Recipe, progress: Callable[[str], None]) -> list[Row]:
    nameless = corpus[corpus.labelled("clickbait") & (corpus.publisher == "")]
    sources = sorted(set(map(str, nameless.source)))
    rows: list[Row] = []
    if len(sources) > 1:
        progress("fitting clickbait on one corpus, measuring on another")
        data = Weighed.of(nameless, "clickbait", recipe)
        for fitted in sources:
            for measured in sources:
                if fitted != measured:
                    auc = across_corpora(data, fitted, measured)
                    rows.append(Row(f"clickbait, fitted on {fitted}, ROC AUC on {measured}", auc))
    for source in sources:
        own = nameless[nameless.source == source]
        if np.isnan(own.truth_mean).all():
            progress(f"five folds within {source}")
            split = own_split(own, recipe, OWN_C)
            rows += [
                Row(f"clickbait, five folds within {source}, bare words, accuracy", split.accuracy),
                Row(f"clickbait, five folds within {source}, bare words, ROC AUC", split.roc_auc),
            ]
    return rows
