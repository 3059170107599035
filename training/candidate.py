"""From labelled files to a candidate model: a folder with arrays, manifest, card and scikit-learn pipelines."""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from joblib import Parallel, delayed
from sklearn.pipeline import Pipeline

from model.artefact import Artefact, Head, save
from model.artefact.folder import COMMON_LONGEST
from model.errors import LabelError
from model.files.writing import creating_folder
from model.judgement import AXES, Axis
from model.plain import plain
from model.scorer import Scorer
from model.terms.cleaning import clean
from training.ablation import ablate, ablation_record
from training.card import OUT_OF_FOLD, card
from training.corpora import Corpus, Source, read_corpora
from training.evaluate import evaluate, evaluate_verdicts, scored_set, scored_sets, surface_figures
from training.fit import Fitted, FittedHead, Progress, fit_heads, prepare
from training.metrics import as_record, measure
from training.readers import name_of
from training.recipe import Recipe
from training.report import write_report
from training.scored import ScoredSet
from training.vectorize import idf_of, terms_of

PIPELINES = "pipelines.joblib"
COMMON_WORDS = 8000
READERS = (
    "The readers of ratings_train and ratings_test are a large language model that reads by a written rubric, several "
    "times independently, not people; Webis-17's are people, five a post."
)


@dataclass(frozen=True, slots=True)
class Material:
    """What a candidate is made from: labelled headlines, where they came from, and files to measure it on."""

    corpus: Corpus
    sources: Sequence[Source]
    tests: Sequence[Path] = ()


def train(material: Material, output: Path, recipe: Recipe, name: str, progress: Progress) -> Artefact:
    """Fit on the usable headlines and write a candidate to `output`, which appears whole or not at all.

    Raises `LabelError` where an axis lacks a class, `BroadsheetError` where `output` cannot be written.
    """
    tests = {name_of(path): read_corpora([path])[0] for path in material.tests}
    with creating_folder(output) as folder:  # before the work: a folder that cannot be written is said at once
        usable = unseen_by_tests(material.corpus[material.corpus.usable], tests.values())
        prepared = prepare(usable, recipe, progress)
        fitted = fit_heads(prepared, recipe, progress)
        progress("fitting heads without their parts")
        ablation = ablate(prepared, fitted, recipe)
        progress("measuring, and writing")
        artefact = as_artefact(fitted, recipe, commonest_words(usable.text))
        record = _record(material, fitted, recipe, name) | {"rows_left_out": len(material.corpus) - len(usable)}
        measured = replace(
            artefact, manifest=record, spell=tuple
        )  # scoring needs no names, and a closure is not pickled
        of_tests = (delayed(_of_test)(measured, name, corpus) for name, corpus in tests.items())
        of_folds = (delayed(_out_of_fold)(usable[head.rows], head, axis) for axis, head in fitted.heads.items())
        sets = list(chain.from_iterable(Parallel(n_jobs=-1)([*of_folds, *of_tests])))
        record["metrics"] = _metrics(sets)
        record["verdicts"] = _verdicts(Scorer(measured), tests)
        record["ablation"] = ablation_record(ablation)
        joblib.dump(pipelines(fitted), folder / PIPELINES, compress=3)
        (folder / "card.md").write_text(card(artefact, record), encoding="utf-8")
        write_report(folder / "report.html", artefact, record, sets)
        save(artefact, folder, record)
    return artefact


def unseen_by_tests(corpus: Corpus, tests: Iterable[Corpus]) -> Corpus:
    """Leave out the headlines that stand in a set to be measured on, whatever quotes, case or publisher's name.

    Raises `LabelError` where that is all of them.
    """
    asked = {_folded(text) for test in tests for text in test.text}
    left = np.array([_folded(text) not in asked for text in corpus.text], dtype=bool)
    if len(corpus) and not left.any():
        raise LabelError(f"all {len(corpus):,} headlines stand in a test set: nothing is left to learn from")
    return corpus[left]


def _folded(text: str) -> str:
    return clean(text).casefold()


def as_artefact(fitted: Fitted, recipe: Recipe, common: Sequence[str] = ()) -> Artefact:
    """Give what scoring needs of the fitted vectorizer and heads."""
    heads = {axis: Head(float(h.regression.intercept_[0]), h.thresholds) for axis, h in fitted.heads.items()}
    columns = {axis: h.regression.coef_[0] for axis, h in fitted.heads.items()} | {"idf": idf_of(fitted.vectorizer)}
    return Artefact.of(list(map(str, terms_of(fitted.vectorizer))), columns, heads, recipe.terms, common)


def commonest_words(headlines: Iterable[str]) -> list[str]:
    """Give the commonest white-space words, in lower case, for scorers to prepare: four in five of all words."""
    words = (word for headline in headlines for word in headline.lower().split())
    counts = Counter(word for word in words if len(word) <= COMMON_LONGEST)
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    return [word for word in ranked if counts[word] > 1][:COMMON_WORDS]


def pipelines(fitted: Fitted) -> dict[Axis, Pipeline]:
    """Give one pipeline an axis over the shared vectorizer; each takes lists of terms from `TermSettings.analyze`."""
    return {axis: Pipeline([*fitted.vectorizer.steps, ("head", fitted.heads[axis].regression)]) for axis in AXES}


def _of_test(artefact: Artefact, name: str, corpus: Corpus) -> list[ScoredSet]:
    return scored_sets({name: evaluate(Scorer(artefact), corpus)})


def _out_of_fold(known: Corpus, head: FittedHead, axis: Axis) -> list[ScoredSet]:
    model = measure(known.target(axis), head.out_of_fold, head.thresholds.upper)
    return [scored_set(OUT_OF_FOLD, axis, known, head.out_of_fold, (model, surface_figures(known, axis)))]


def _record(material: Material, fitted: Fitted, recipe: Recipe, name: str) -> dict[str, Any]:
    return {
        "name": plain(name),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "corpora": [asdict(source) for source in material.sources],
        "rule": " ".join(dict.fromkeys([head.calibration.rule for head in fitted.heads.values()] + _readers(material))),
        "calibration": {axis: head.calibration.as_dict() for axis, head in fitted.heads.items()},
        "recipe": recipe.as_dict(),
        "seed": recipe.seed,
        "libraries": {lib: version(lib) for lib in ("broadsheet", "joblib", "numpy", "scikit-learn", "scipy")}
        | {"python": platform.python_version()},
    }


def _verdicts(scorer: Scorer, tests: Mapping[str, Corpus]) -> dict[str, dict[str, list[float]]]:
    found = {name: as_record(evaluate_verdicts(scorer, corpus)) for name, corpus in tests.items()}
    return {name: figures for name, figures in found.items() if figures}


def _readers(material: Material) -> list[str]:
    """Say who the readers of the default model's ratings are, wherever its figures stand."""
    return [READERS] if any(source.name == "ratings_train" for source in material.sources) else []


def _metrics(sets: Sequence[ScoredSet]) -> dict[str, dict[Axis, Mapping[str, Any]]]:
    found: dict[str, dict[Axis, Mapping[str, Any]]] = {}
    for one in sets:
        figures = {"headlines": len(one), "positives": one.positives, **as_record(one.figures)}
        found.setdefault(one.name, {})[one.axis] = figures
    return found
