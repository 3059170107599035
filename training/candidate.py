"""From labelled files to a candidate model: a folder with arrays, manifest, card and scikit-learn pipelines."""

import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from statistics import median
from typing import Any

import joblib
from joblib import Parallel, delayed
from sklearn.pipeline import Pipeline

from model.artefact import Artefact, Head, save
from model.artefact.folder import COMMON_LONGEST
from model.errors import LabelError
from model.files.writing import creating_folder
from model.judgement import AXES, Axis
from model.plain import many, plain
from model.scorer import Scorer
from model.terms.cleaning import clean
from model.terms.tokens import tokens_in
from training.ablation import ablate, ablation_record
from training.base import Base, plan
from training.card import OUT_OF_FOLD, card
from training.corpora import Corpus, Source
from training.evaluate import evaluate, scored_set, scored_sets, surface_figures, verdicts_record
from training.fit import Fitted, FittedHead, Progress, fit_heads, prepare
from training.leaks import leaks_of
from training.metrics import as_record, measure
from training.recipe import Recipe
from training.report import write_report
from training.scored import ScoredSet
from training.sets import MeasuredSet, measured_sets
from training.vectorize import idf_of, terms_of

PIPELINES = "pipelines.joblib"
COMMON_WORDS = 8000
CHANCE = 0.5  # ROC AUC of drawing lots
READERS = (
    "The readers of ratings_train and ratings_test are a large language model that reads by a written rubric, several "
    "times independently, not people; Webis-17's are people, five a post."
)


@dataclass(frozen=True, slots=True)
class Material:
    """What a candidate is made from: labelled headlines, where they came from, and sets to measure it on, by name.

    `base` loads the model that gives an axis that the headlines have no two classes of. Headlines of a set that stand
    among those to learn from are left out of its figures, unless `keep_leaks`.
    """

    corpus: Corpus
    sources: Sequence[Source]
    tests: Mapping[str, Corpus] = field(default_factory=dict)
    base: Callable[[], Artefact] | None = None
    keep_leaks: bool = False


def train(
    material: Material,
    output: Path,
    recipe: Recipe,
    name: str,
    progress: Progress,
    tell: Callable[[str], None] = lambda _line: None,
) -> Artefact:
    """Fit on the usable headlines and write a candidate to `output`, which appears whole or not at all.

    `tell` is told in a line whatever was not done as asked; card and manifest have the same lines. Raises `LabelError`
    where the headlines cannot be learned from, before a fit, and `BroadsheetError` where `output` cannot be written.
    """
    notes = _Notes(tell)
    with creating_folder(output) as folder:  # before the work: a folder that cannot be written is said at once
        usable = material.corpus[material.corpus.usable]
        planned = plan(usable, material.base)
        known = planned.base.artefact if planned.base else None
        recipe = replace(recipe, terms=known.settings) if known else recipe
        with notes.until_ready():
            notes.add(planned.note, _unlabelled(usable))
            tests = _sets(material, notes)
            prepared = prepare(usable, recipe, progress, planned.axes, known)
            notes.add(*chain.from_iterable(split.lines for split in prepared.splits.values()))
        fitted = fit_heads(prepared, recipe, progress)
        notes.add(*(f"{a}: {h.calibration.note}" for a, h in fitted.heads.items() if h.calibration.note))
        progress("fitting heads without their parts")
        ablation = ablate(prepared, fitted, recipe)
        progress("measuring, and writing")
        common = known.common if known else commonest_words(usable.text)  # the same sums in the same order
        artefact = as_artefact(fitted, recipe, common, planned.base)
        share = known.known_share if known else usual_share(artefact, usable.text)
        artefact = replace(artefact, known_share=share)
        record = _record(material, fitted, recipe, name, planned.base) | {
            "rows_left_out": len(material.corpus) - len(usable),
            "notes": notes.lines,
        }
        sets, record["verdicts"] = _measured(artefact, record, fitted, usable, tests)
        record["metrics"] = _metrics(sets)
        notes.add(*map(_chance, sets))  # the record's own list
        record["ablation"] = ablation_record(ablation)
        joblib.dump(pipelines(fitted, planned.base), folder / PIPELINES, compress=3)
        (folder / "card.md").write_text(card(artefact, record), encoding="utf-8")
        write_report(folder / "report.html", artefact, record, sets)
        save(artefact, folder, record)
    return artefact


def _measured(
    artefact: Artefact, record: Mapping[str, Any], fitted: Fitted, usable: Corpus, tests: Sequence[MeasuredSet]
) -> tuple[list[ScoredSet], dict[str, dict[str, list[float]]]]:
    """Measure the heads on what they were calibrated on, out of fold, and the candidate on the test sets."""
    measured = replace(artefact, manifest=record, spell=tuple)  # scoring needs no names; a closure is not pickled
    of_folds = (delayed(_out_of_fold)(usable[head.rows], head, axis) for axis, head in fitted.heads.items())
    of_tests = (delayed(_of_test)(measured, one) for one in tests)
    found: list[tuple[list[ScoredSet], dict[str, dict[str, list[float]]]]]
    found = [([scored], {}) for scored in chain.from_iterable(Parallel(n_jobs=-1)(of_folds))]
    found += Parallel(n_jobs=-1)(of_tests)
    verdicts = {name: figures for _, by_set in found for name, figures in by_set.items()}
    return [one for sets, _ in found for one in sets], verdicts


@dataclass(slots=True)
class _Notes:
    """What training tells in lines: at once, but for those before it is known that there will be a fit."""

    tell: Callable[[str], None]
    lines: list[str] = field(default_factory=list)
    is_ready: bool = True

    def add(self, *lines: str) -> None:
        """Note lines that say something."""
        for line in filter(None, map(plain, lines)):
            self.lines.append(line)
            if self.is_ready:
                self.tell(line)

    @contextmanager
    def until_ready(self) -> Iterator[None]:
        """Hold lines back: an error is one line, and has what belongs to it."""
        self.is_ready = False
        yield
        self.is_ready = True
        for line in self.lines:
            self.tell(line)


def _sets(material: Material, notes: _Notes) -> list[MeasuredSet]:
    """Give what is measured of the test sets: without what stands in the data, unless it is asked for."""
    kept: dict[str, Corpus] = {}
    told: list[str] = []
    found = leaks_of(material.tests, material.corpus) if material.tests else {}
    for name, leaks in found.items():
        corpus = material.tests[name]
        told.append(leaks.note(name, kept=material.keep_leaks))
        kept[name] = corpus if material.keep_leaks else corpus[~leaks.all]
    try:
        sets, lines = measured_sets(kept) if kept else ([], [])
    except LabelError as error:
        raise LabelError("; ".join(filter(None, [str(error), *told]))) from error
    notes.add(*told, *lines)
    return sets


def _unlabelled(usable: Corpus) -> str:
    count = int(usable.unlabelled.sum())
    return (
        f"{many(count, 'row')} without a label: {'it teaches' if count == 1 else 'they teach'} neither axis"
        if count
        else ""
    )


def _chance(scored: ScoredSet) -> str:
    """Say where a head was hardly better than chance on headlines that it had not seen."""
    auc = scored.figures["roc_auc"]
    if scored.name != OUT_OF_FOLD or auc.low > CHANCE:
        return ""
    return (
        f"{scored.axis}: out of fold, ROC AUC is {auc.value:.3f} [{auc.low:.3f}, {auc.high:.3f}], which may be chance "
        f"({CHANCE}): what was learned may hold for no other headline"
    )


def as_artefact(fitted: Fitted, recipe: Recipe, common: Sequence[str] = (), base: Base | None = None) -> Artefact:
    """Give what scoring needs of the fitted vectorizer and heads, and of the base's head."""
    terms = list(map(str, terms_of(fitted.vectorizer)))
    heads = {
        axis: Head(float(h.regression.intercept_[0]), h.thresholds, h.calibration.base_rate)
        for axis, h in fitted.heads.items()
    }
    columns = {axis: h.regression.coef_[0] for axis, h in fitted.heads.items()} | {"idf": idf_of(fitted.vectorizer)}
    if base:
        heads[base.axis], columns[base.axis] = base.head, base.column(base.axis, terms)
    return Artefact.of(terms, columns, {axis: heads[axis] for axis in AXES}, recipe.terms, common)


def usual_share(artefact: Artefact, headlines: Iterable[str]) -> float:
    """Give the share that a model knows of a new headline's words: the median over those that it learned from.

    A word counts as known where another of the headlines holds it too, so that a headline stands for a new one. A model
    without terms of one word asks for none.
    """
    words = [{token for token in tokens_in(clean(headline)) if token[0].isalpha()} for headline in headlines]
    held, terms = Counter(word for own in words for word in own), set(artefact.terms)
    shares = [sum(word in terms and held[word] > 1 for word in own) / len(own) for own in words if own]
    return round(median(shares), 4) if shares and artefact.settings.words else 0.0


def commonest_words(headlines: Iterable[str]) -> list[str]:
    """Give the commonest white-space words, in lower case, for scorers to prepare: four in five of all words."""
    words = (word for headline in headlines for word in headline.lower().split())
    counts = Counter(word for word in words if len(word) <= COMMON_LONGEST)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ranked if counts[word] > 1][:COMMON_WORDS]


def pipelines(fitted: Fitted, base: Base | None = None) -> dict[Axis, Pipeline]:
    """Give one pipeline an axis over the shared vectorizer; each takes lists of terms from `TermSettings.analyze`."""
    heads = {axis: head.regression for axis, head in fitted.heads.items()}
    if base:
        heads[base.axis] = base.regression(list(map(str, terms_of(fitted.vectorizer))))
    return {axis: Pipeline([*fitted.vectorizer.steps, ("head", heads[axis])]) for axis in AXES}


def _of_test(artefact: Artefact, one: MeasuredSet) -> tuple[list[ScoredSet], dict[str, dict[str, list[float]]]]:
    found = {one.name: evaluate(Scorer(artefact), one.corpus, one.axes)}
    return scored_sets(found), verdicts_record(found)


def _out_of_fold(known: Corpus, head: FittedHead, axis: Axis) -> list[ScoredSet]:
    model = measure(known.target(axis), head.out_of_fold, head.thresholds.upper)
    return [scored_set(OUT_OF_FOLD, axis, known, head.out_of_fold, (model, surface_figures(known, axis)))]


def _record(material: Material, fitted: Fitted, recipe: Recipe, name: str, base: Base | None) -> dict[str, Any]:
    rules = [head.calibration.rule for head in fitted.heads.values()] + _readers(material)
    return {
        "name": plain(name),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "corpora": [asdict(source) for source in material.sources],
        "rule": " ".join(dict.fromkeys([*rules, *([base.rule] if base else [])])),
        "calibration": {axis: head.calibration.as_dict() for axis, head in fitted.heads.items()}
        | (base.calibration if base else {}),
        "recipe": recipe.as_dict(),
        "seed": recipe.seed,
        "libraries": {lib: version(lib) for lib in ("broadsheet", "joblib", "numpy", "scikit-learn", "scipy")}
        | {"python": platform.python_version()},
        **({"base": base.record} if base else {}),
    }


def _readers(material: Material) -> list[str]:
    """Say who the readers of the default model's ratings are, wherever its figures stand."""
    return [READERS] if any(source.name == "ratings_train" for source in material.sources) else []


def _metrics(sets: Sequence[ScoredSet]) -> dict[str, dict[Axis, Mapping[str, Any]]]:
    found: dict[str, dict[Axis, Mapping[str, Any]]] = {}
    for one in sets:
        figures = {"headlines": len(one), "positives": one.positives, **as_record(one.figures)}
        found.setdefault(one.name, {})[one.axis] = figures
    return found
