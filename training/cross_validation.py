"""Measures the recipe, not a model: everything that the protocol asks of the training corpora, as one table."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import GroupKFold

from model.errors import LabelError
from model.judgement import AXES, Axis
from training.corpora import Corpus, Mask, Strings
from training.evaluate import has_both
from training.folds import LEAST, folds_of, require_both_classes
from training.heads import fit_line
from training.labels import CLEARLY, SLIGHTLY
from training.metrics import Estimate
from training.protocol import FOLDS, Weighed, across_corpora, bootstrap, leave_publishers_out, macro_mean, newsrooms
from training.protocol import LEAST as LEAST_OF_OUTLET
from training.recipe import Penalty, Recipe

Floats = npt.NDArray[np.float64]

Part: TypeAlias = Callable[[Corpus, Recipe, Callable[[str], None]], "list[Row]"]

BESIDE = 0.1  # weight of other corpora's headlines beside a corpus that is split within itself
RECENT = "2025"  # from which year on headlines are measured by themselves as well
OWN_C = 30.0  # for a corpus split within itself, where nothing keeps a weaker penalty from its outlets' own words


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of figures; without an interval where none was drawn."""

    name: str
    figure: Estimate

    def as_list(self) -> list[float]:
        """Give value, low and high."""
        return self.figure.as_list()


def cross_validate(
    corpus: Corpus,
    recipe: Recipe,
    progress: Callable[[str], None] = lambda _: None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Row]:
    """Measure the recipe on what it is told of: each part where the corpus has what it needs.

    `tell` is told of a part that was left out, and why. Raises `LabelError` where that is all of them.
    """
    usable = corpus[corpus.usable]
    rows, obstacles = list[Row](), list[str]()
    readers: list[Part] = [partial(_readers_rows, axis=axis) for axis in AXES]
    for part in [*readers, _publisher_rows, *_clickbait_parts(usable)]:
        try:
            rows += part(usable, recipe, progress)
        except LabelError as error:
            obstacles.append(str(error))
    if not rows:
        expected = "readers' ratings, two publishers of each class, or clickbait labels of a corpus without publishers"
        raise LabelError("; ".join([f"nothing can be cross-validated, expected {expected}", *obstacles]))
    for line in obstacles:
        tell(line)
    return rows


def _publisher_rows(corpus: Corpus, recipe: Recipe, progress: Callable[[str], None]) -> list[Row]:
    """Measure the sensational head on whole publishers that it has not seen, by outlets' labels."""
    if min(len(newsrooms(corpus, 1.0)), len(newsrooms(corpus, 0.0))) < LEAST:
        return []
    progress("cutting headlines for the sensational head")
    pairs = leave_publishers_out(Weighed.of(corpus, "sensational", recipe), progress)
    if not pairs:
        raise LabelError(f"the sensational axis must have outlets of {LEAST_OF_OUTLET} headlines or more on both sides")
    name = f"sensational, leave-publishers-out, ROC AUC, mean of {len(pairs)} pairs"
    return [Row(name, macro_mean(pairs))] + [
        Row(f"  {name} against each measured outlet", macro_mean([p for p in pairs if p.sensational == name]))
        for name in sorted({pair.sensational for pair in pairs})
    ]


def _readers_rows(corpus: Corpus, recipe: Recipe, progress: Callable[[str], None], axis: Axis) -> list[Row]:
    """Measure a head against readers on publishers that it has not seen, all of them and those of `RECENT` alone."""
    if not corpus.read.any():
        return []
    rows: list[Row] = []
    progress(f"holding whole publishers out, {axis}")
    data = Weighed.of(corpus, axis, recipe)
    scores = np.zeros(len(data.corpus))
    for fitted, held in folds_of(data.corpus, data.groups, axis, recipe):
        line = fit_line(data.sample[fitted], data.columns, axis, recipe)
        scores[held] = data.scores_of(line, held)
    recent = np.array([date[:4] >= RECENT for date in data.corpus.date], dtype=bool)
    for name, measured in (("", data.corpus.read), (f" since {RECENT}", data.corpus.read & recent)):
        mean = data.corpus.mean(axis)[measured]
        for called, least in (("clearly", CLEARLY), ("at least slightly", SLIGHTLY)):
            if 0 < (mean >= least).sum() < len(mean):
                auc = _auc_of(mean >= least, scores[measured])
                rows.append(Row(f"{axis} by readers, publishers held out{name}, ROC AUC, {called}", auc))
    return rows


def _auc_of(truth: npt.NDArray[np.bool_], scores: Floats) -> Estimate:
    def auc(draw: npt.NDArray[np.int64]) -> float:
        both = 0 < truth[draw].sum() < len(draw)
        return float(roc_auc_score(truth[draw], scores[draw])) if both else float("nan")

    return bootstrap(auc, len(truth))


def _clickbait_parts(corpus: Corpus) -> Iterator[Part]:
    """Give what can be measured of sources without publishers: one on another, and each within itself."""
    nameless = corpus.labelled("clickbait") & (corpus.publisher == "")
    corpus = replace(corpus, source=_pooled(corpus, nameless))
    sources = sorted(set(map(str, corpus.source[nameless])))
    if len(sources) > 1:
        yield partial(_across, corpus=corpus[nameless], sources=sources)
    for source in sources:
        if not corpus.rated("clickbait")[corpus.source == source].any():
            yield partial(_within, corpus=corpus, source=source)


def _pooled(corpus: Corpus, nameless: Mask) -> Strings:
    """Make one source of those that have one class of clickbait each, such as Stop Clickbait's two files."""
    sources = dict.fromkeys(map(str, corpus.source[nameless]))
    single = [name for name in sources if not has_both(corpus[nameless & (corpus.source == name)], "clickbait")]
    return np.where(np.isin(corpus.source.astype(str), single) & nameless, " + ".join(single), corpus.source)


def _across(
    _whole: Corpus, recipe: Recipe, progress: Callable[[str], None], *, corpus: Corpus, sources: Sequence[str]
) -> list[Row]:
    progress("fitting clickbait on one corpus, measuring on another")
    both = [source for source in sources if has_both(corpus[corpus.source == source], "clickbait")]
    if len(both) < LEAST:
        return []
    data = Weighed.of(corpus, "clickbait", recipe)
    pairs = [(fitted, measured) for fitted in both for measured in both if fitted != measured]
    return [Row(f"clickbait, fitted on {f}, ROC AUC on {m}", across_corpora(data, f, m)) for f, m in pairs]


def _within(
    _whole: Corpus, recipe: Recipe, progress: Callable[[str], None], *, corpus: Corpus, source: str
) -> list[Row]:
    progress(f"five folds within {source}")
    own = corpus.source == source
    split = own_split(corpus[own | _beside(corpus, recipe)], source, recipe)
    return [
        Row(f"clickbait, five folds within {source}, bare words, accuracy", split.accuracy),
        Row(f"clickbait, five folds within {source}, bare words, ROC AUC", split.roc_auc),
    ]


@dataclass(frozen=True, slots=True)
class OwnSplit:
    """What a corpus split at random within itself gives; near-duplicates stay together."""

    accuracy: Estimate
    roc_auc: Estimate


def own_split(corpus: Corpus, source: str, recipe: Recipe) -> OwnSplit:
    """Measure clickbait by five folds within a source, case folded and punctuation removed everywhere.

    Headlines of other sources are fitted on beside it, at a tenth. Only for comparison with published figures on Stop
    Clickbait: such a split flatters.
    """
    head = replace(recipe.heads["clickbait"], labels=Penalty(OWN_C))
    recipe = replace(recipe, heads={**recipe.heads, "clickbait": head}, min_outlets=2, outlet_power=0)
    bare = replace(
        corpus,
        text=np.array([bare_words(text) for text in corpus.text], dtype=object),
        weight=np.where(corpus.source == source, 1.0, BESIDE),
    )
    data = Weighed.of(bare, "clickbait", recipe)
    own = np.flatnonzero(data.corpus.source == source)
    scores = np.zeros(len(own))
    require_both_classes(data.corpus[own], "clickbait")
    if len(np.unique(data.groups[own])) < FOLDS:
        raise LabelError(f"{source} must have {FOLDS} different headlines or more to be split within itself")
    for _, folded in GroupKFold(FOLDS, shuffle=True, random_state=recipe.seed).split(own, own, data.groups[own]):
        held = np.isin(np.arange(len(data.corpus)), own[folded])
        scores[folded] = data.scores_of(data.fit_without(held), own[folded])
    return _own_figures(data.corpus.clickbait[own], scores)


def bare_words(text: str) -> str:
    """Fold case and remove punctuation, so that neither can tell a corpus' classes."""
    return re.sub(r"[^\w\s]|_", "", text).lower()


def _beside(corpus: Corpus, recipe: Recipe) -> npt.NDArray[np.bool_]:
    """Mark at most 10,000 headlines of each side from core publishers."""
    random = np.random.default_rng(recipe.seed)
    core = corpus.labelled("clickbait") & (corpus.publisher != "") & (corpus.circle != "wider")
    chosen = np.zeros(len(corpus), dtype=bool)
    for side in (0.0, 1.0):
        chosen[random.permutation(np.flatnonzero(core & (corpus.clickbait == side)))[:10_000]] = True
    return chosen


def _own_figures(truth: Floats, scores: Floats) -> OwnSplit:
    return OwnSplit(
        bootstrap(lambda d: float(accuracy_score(truth[d], scores[d] > 0)), len(truth)),
        _auc_of(truth > 0, scores),
    )
