"""From labelled files to a candidate model: a folder with arrays, manifest, card and scikit-learn pipelines."""

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.pipeline import Pipeline

from model.artefact import Artefact, Head, save
from model.files import creating_folder
from model.judgement import AXES, Axis
from training.calibration import RULE
from training.card import card
from training.corpora import Corpus, Source
from training.fit import Fitted, FittedHead, Progress, fit
from training.metrics import as_record, measure
from training.recipe import Recipe
from training.vectorize import idf_of, terms_of

PIPELINES = "pipelines.joblib"


def train(
    corpus: Corpus, sources: Sequence[Source], output: Path, recipe: Recipe, name: str, progress: Progress
) -> Artefact:
    """Fit on the usable headlines of `corpus` and write a candidate to `output`, which appears whole or not at all.

    Raises `LabelError` where an axis lacks a class, `BroadsheetError` where `output` cannot be written.
    """
    with creating_folder(output) as folder:  # first: a folder that cannot be written is said before the work
        usable = corpus[corpus.usable]
        fitted = fit(usable, recipe, progress)
        progress("measuring on the held-out folds, and writing")
        artefact = as_artefact(fitted, recipe)
        record = _record(usable, sources, fitted, recipe, name, unusable=len(corpus) - len(usable))
        joblib.dump(pipelines(fitted), folder / PIPELINES, compress=3)
        (folder / "card.md").write_text(card(artefact, record), encoding="utf-8")
        save(artefact, folder, record)
    return artefact


def as_artefact(fitted: Fitted, recipe: Recipe) -> Artefact:
    """Give the arrays that scoring needs, with the terms in the vectorizer's order."""
    heads = {
        axis: Head(
            coef=head.regression.coef_[0].astype(np.float32),
            intercept=float(head.regression.intercept_[0]),
            thresholds=head.thresholds,
        )
        for axis, head in fitted.heads.items()
    }
    return Artefact(tuple(map(str, terms_of(fitted.vectorizer))), idf_of(fitted.vectorizer), heads, recipe.terms)


def pipelines(fitted: Fitted) -> dict[Axis, Pipeline]:
    """Give one pipeline an axis over the shared vectorizer; each takes lists of terms from `TermSettings.analyze`."""
    return {axis: Pipeline([*fitted.vectorizer.steps, ("head", fitted.heads[axis].regression)]) for axis in AXES}


def _record(
    corpus: Corpus, sources: Sequence[Source], fitted: Fitted, recipe: Recipe, name: str, unusable: int
) -> dict[str, Any]:
    return {
        "name": name,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "corpora": [asdict(source) for source in sources],
        "rows_left_out": unusable,
        "rule": RULE,
        "calibration": {axis: head.calibration.as_dict() for axis, head in fitted.heads.items()},
        "recipe": recipe.as_dict(),
        "seed": recipe.seed,
        "metrics": {"out_of_fold": {axis: _figures(corpus, head, axis) for axis, head in fitted.heads.items()}},
        "libraries": {lib: version(lib) for lib in ("broadsheet", "joblib", "numpy", "scikit-learn", "scipy")}
        | {"python": platform.python_version()},
    }


def _figures(corpus: Corpus, head: FittedHead, axis: Axis) -> Mapping[str, Any]:
    truth = corpus.target(axis)[head.rows]
    estimates = measure(truth, head.out_of_fold, head.thresholds.upper)
    return {"headlines": len(truth), "positives": int(truth.sum()), **as_record(estimates)}
