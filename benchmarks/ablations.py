"""Prints what smaller heads and weights by topic cost or gain, out of publisher: rows of docs/evaluation.md.

python -m benchmarks.ablations --corpora ../shared/corpora [--axis clickbait]

Nothing here is part of the shipped recipe, and no test set is read.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click
import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve, roc_auc_score
from sklearn.model_selection import GroupKFold

from broadsheet.shown.progress import stages
from model.judgement import AXES, Axis
from training.ablation import LARGEST, thinned
from training.corpora import Corpus, read_corpora
from training.heads import Columns, Line, Sample, count_ratio, fit_line, row_weights
from training.protocol import FOLDS, LEAST, Weighed, dealt_newsrooms, paired_aucs
from training.recipe import Recipe

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
Lines: TypeAlias = dict[str, Line]  # heads by the name of their row
Fitting: TypeAlias = Callable[[Sample, Columns], Lines]

FILES = ("publishers_train", "stop_clickbait", "webis17_train")
BUDGETS = (100_000, 50_000, 20_000)  # terms of a head
ROUNDS = 15  # of saga, which takes minutes a fit on every headline: it gets few, and its row stands beside the recipe's
YEAR, MOST = "2022", 500  # of the second signal, and its headlines of a publisher
TOPICS = ("business", "entertainment", "general", "health", "science", "sports", "technology")  # of NewsAPI


@dataclass(frozen=True, slots=True)
class Signal:
    """What an experiment is judged by: a fit for each mask of what it may not see, and the figures of all of them."""

    names: Sequence[str]
    held: Sequence[Mask]
    figures: Callable[[Sequence[Line]], Sequence[float]]


@click.command()
@click.option("--corpora", type=click.Path(path_type=Path), default=Path("../shared/corpora"), show_default=True)
@click.option("--axis", "axes", type=click.Choice(AXES), multiple=True, default=AXES, help="Default: both.")
def main(corpora: Path, axes: tuple[Axis, ...]) -> None:
    """Print a row a head, as each experiment is done: how many terms it has, and its figures."""
    with stages() as progress:
        progress("reading")
        corpus, _ = read_corpora([corpora / f"{name}.csv.gz" for name in FILES])
        for axis in axes:
            progress(f"cutting headlines for the {axis} head")
            data = Weighed.of(corpus, axis, Recipe())
            signals = [_lpo(data), _time(data)] if axis == "sensational" else [_webis(data)]
            names = [axis, "terms", *(name for signal in signals for name in signal.names)]
            click.echo(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
            for name, weighed, fitting in _experiments(data):
                progress(f"{axis}: {name}")
                _print_rows(weighed, fitting, signals)


def _print_rows(data: Weighed, fitting: Fitting, signals: Sequence[Signal]) -> None:
    held = [mask for signal in signals for mask in signal.held]
    found: list[Lines] = Parallel(n_jobs=-1)(delayed(_fit)(data, mask, fitting) for mask in held)
    for name in found[0]:
        lines = [one[name] for one in found]
        rest = iter(lines)
        figures = [f for s in signals for f in s.figures([next(rest) for _ in s.held])]
        terms = np.mean([np.count_nonzero(line.coef) for line in lines])
        click.echo(f"| {name} | {terms:,.0f} | {' | '.join(f'{figure:.4f}' for figure in figures)} |")


def _fit(data: Weighed, held: Mask, fitting: Fitting) -> Lines:
    return fitting(data.sample[~held & ~np.isin(data.groups, data.groups[held])], data.columns)


def _lpo(data: Weighed) -> Signal:
    """Leave publishers out, the five diagonal folds."""
    parts = list(zip(*(dealt_newsrooms(data.corpus, label) for label in (1.0, 0.0)), strict=True))

    def figures(lines: Sequence[Line]) -> list[float]:
        pairs = [
            p for line, part in zip(lines, parts, strict=True) for p in paired_aucs(data, line, part[0], part[1], LEAST)
        ]
        return [float(np.mean([pair.roc_auc for pair in pairs]))]

    return Signal(["LPO"], [np.isin(data.corpus.publisher, [*one, *other]) for one, other in parts], figures)


def _time(data: Weighed) -> Signal:
    """Fit on earlier headlines and undated ones, measure on the core publishers of a year."""
    random = np.random.default_rng(0)
    own = np.array([date[:4] == YEAR for date in data.corpus.date]) & (data.corpus.circle != "wider")
    names = sorted(set(data.corpus.publisher[own]))
    rows = [random.permutation(np.flatnonzero(own & (data.corpus.publisher == name)))[:MOST] for name in names]
    measured = np.concatenate(rows)

    def figures(lines: Sequence[Line]) -> list[float]:
        (line,) = lines
        return [float(roc_auc_score(data.corpus.sensational[measured], data.scores_of(line, measured)))]

    return Signal(["time"], [np.array([date[:4] >= YEAR for date in data.corpus.date])], figures)


def _webis(data: Weighed) -> Signal:
    """Five folds of the headlines that people rated, near-duplicates together."""
    rated = np.flatnonzero(data.sample.rated)
    folds = GroupKFold(FOLDS, shuffle=True, random_state=0).split(rated, rated, data.groups[rated])
    parts = [rated[held] for _, held in folds]
    measured = np.concatenate(parts)

    def figures(lines: Sequence[Line]) -> list[float]:
        scores = np.concatenate([data.scores_of(line, part) for line, part in zip(lines, parts, strict=True)])
        precision, recall, _ = precision_recall_curve(data.corpus.clickbait[measured], scores)
        f1 = (2 * precision * recall / np.maximum(precision + recall, 1e-12)).max()
        return [float(roc_auc_score(data.corpus.clickbait[measured], scores)), float(f1)]

    return Signal(["ROC AUC", "F1"], [np.isin(np.arange(len(data.corpus)), part) for part in parts], figures)


def _experiments(data: Weighed) -> Iterator[tuple[str, Weighed, Fitting]]:
    """Give each experiment's name, its headlines with their weights, and what to fit."""
    yield "pruned", data, partial(_pruned, idf=_idf(data.sample.x), axis=data.axis, recipe=data.recipe)
    yield "L1", data, partial(_chosen_by_l1, axis=data.axis, recipe=data.recipe)
    if data.axis == "sensational":
        yield "elastic net", _thin(data), partial(_elastic_net, axis=data.axis, recipe=data.recipe)
        for name, factor in _topic_weights(data):
            sample = replace(data.sample, weight=data.sample.weight * factor)
            yield name, replace(data, sample=sample), partial(_as_shipped, name, axis=data.axis, recipe=data.recipe)


def _as_shipped(name: str, sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Lines:
    return {name: fit_line(sample, columns, axis, recipe)}


def _pruned(sample: Sample, columns: Columns, idf: Floats, axis: Axis, recipe: Recipe) -> Lines:
    """Keep the terms of largest coefficient times idf, and fit anew on these or not."""
    whole = fit_line(sample, columns, axis, recipe)
    strongest = np.argsort(-np.abs(whole.coef * idf), kind="stable")
    lines = {"the recipe": whole}
    for budget in BUDGETS:
        left_out = np.ones(len(idf), dtype=bool)
        left_out[strongest[:budget]] = False
        lines[f"the strongest {budget:,} terms"] = Line(np.where(left_out, 0.0, whole.coef), whole.intercept)
        lines[f"the strongest {budget:,} terms, fitted anew"] = fit_line(
            sample, columns.without(left_out), axis, recipe
        )
    return lines


def _chosen_by_l1(sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Lines:
    """Keep the terms that a fit with an L1 penalty does not give up, and fit anew on these."""
    lines = {}
    for c in (0.3, 1.0, 3.0):
        solver = LogisticRegression(C=c, l1_ratio=1.0, solver="liblinear", tol=0.01, random_state=recipe.seed)
        kept = np.zeros(len(columns.allowed), dtype=bool)
        for rows in (sample.rated, ~sample.rated):
            if rows.any():  # the prior chooses for itself
                kept |= _line_of(solver, sample[rows], columns, axis, recipe).coef != 0
        lines[f"chosen by L1, C {c:g}, fitted anew"] = fit_line(sample, columns.without(~kept), axis, recipe)
    return lines


def _elastic_net(sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Lines:
    few = sample[sample.weight > 0]
    solver = LogisticRegression(C=recipe.heads[axis].labels.c, l1_ratio=0.5, solver="saga", tol=0.01, max_iter=ROUNDS)
    solver.set_params(random_state=recipe.seed)
    return {
        f"{LARGEST} headlines a class of an outlet, the recipe": fit_line(few, columns, axis, recipe),
        "- the same, elastic net, half L1 (saga)": _line_of(solver, few, columns, axis, recipe),
    }


def _thin(data: Weighed) -> Weighed:
    """Leave the headlines of the ablation a weight, and no others."""
    few = thinned(data.corpus, data.axis, data.recipe.seed)
    weight = np.zeros(len(few))
    weight[few] = row_weights(data.corpus[few], data.axis, data.recipe)
    return replace(data, sample=replace(data.sample, weight=weight))


def _line_of(solver: LogisticRegression, sample: Sample, columns: Columns, axis: Axis, recipe: Recipe) -> Line:
    """Fit on labels and scaled terms, as the recipe does but for the solver."""
    ratio = count_ratio(sample, columns.allowed, recipe.heads[axis].labels.ratio_power)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # saga's rounds are bounded
        solver.fit(csr_array(sample.x * ratio), sample.target > 0.5, sample.weight)
    return Line(solver.coef_[0] * ratio, float(solver.intercept_[0]))


def _idf(x: csr_array) -> Floats:
    """Give the smooth idf of each column, as scikit-learn counts it: no weight of a term that is there is 0."""
    used_by = np.bincount(x.indices, minlength=x.shape[1])
    return np.asarray(np.log((1 + x.shape[0]) / (1 + used_by)) + 1, dtype=np.float64)


def _topic_weights(data: Weighed) -> Iterator[tuple[str, Floats]]:
    topic = _topics(data.corpus)
    for names in (["sports"], ["sports", "entertainment"]):
        yield f"{' and '.join(names)} at half weight", np.where(np.isin(topic, names), 0.5, 1.0)
    yield "topics balanced between the sides", _balanced(topic, data.sample)


def _topics(corpus: Corpus) -> npt.NDArray[np.str_]:
    """Name each headline's topic where its category says it, as `gb/sports`; other categories name a feed."""
    last = np.array([str(category).rsplit("/", 1)[-1] for category in corpus.category])
    return np.where(np.isin(last, TOPICS), last, "")


def _balanced(topic: npt.NDArray[np.str_], sample: Sample) -> Floats:
    """Give the factors that make topic and side independent, the weight of each topic and of each side kept."""
    kind = np.unique(topic, return_inverse=True)[1]
    side = (sample.target > 0.5).astype(int)
    mass = np.zeros((kind.max() + 1, 2))
    np.add.at(mass, (kind, side), sample.weight)
    expected = mass.sum(axis=1, keepdims=True) * mass.sum(axis=0) / mass.sum()
    return np.asarray((expected / mass)[kind, side])


if __name__ == "__main__":
    main()
