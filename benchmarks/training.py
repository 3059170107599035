"""Times training with our counting beside the same fit with scikit-learn's own vectorizer; and solvers side by side.

python -m benchmarks.training fit [--rows N]        each way in a process of its own: stages, seconds, peak memory
python -m benchmarks.training growth                counting 30,000 to 1,000,000 headlines
python -m benchmarks.training solvers               seconds, and verdicts that differ from the optimum's

Read from the corpora (BROADSHEET_CORPORA) where they stand, else from the fixtures.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import numpy as np
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from model.terms import TermSettings
from training import counting, vectorize
from training.corpora import Corpus, read_corpora
from training.counting import Rows, Terms, count_common
from training.fit import fit, parts_of
from training.heads import Sample, row_weights
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe

ROOT = Path(__file__).parents[1]
FILES = ("publishers_train", "stop_clickbait", "webis17_train")
SIZES = (30_000, 100_000, 300_000, 1_000_000)


def corpus_of(rows: int | None) -> Corpus:
    """Read the training corpora, or the fixtures; at random as many rows as asked for."""
    folder = Path(os.environ.get("BROADSHEET_CORPORA", ROOT.parent / "shared" / "corpora"))
    paths = [folder / f"{name}.csv.gz" for name in FILES] if folder.is_dir() else [ROOT / "fixtures" / "headlines.csv"]
    corpus, _ = read_corpora(paths)
    corpus = corpus[corpus.usable]
    chosen = np.random.default_rng(0).permutation(len(corpus))[: rows or len(corpus)]
    return corpus[np.sort(chosen)]


@click.group()
def main() -> None:
    """Measure training."""


@main.command("fit")
@click.option("--rows", type=click.IntRange(100), help="Headlines. Default: all of the corpora.")
def fit_command(rows: int | None) -> None:
    """Fit both heads with each way of counting, in turn."""
    found = {way: _in_a_process("one", way, rows) for way in ("ours", "plain")}
    click.echo(f"{found['ours']['headlines']:,} headlines, both heads with {Recipe().folds} folds to calibrate them")
    click.echo(f"{'seconds':28}{'ours':>10}{'scikit-learn':>14}{'ratio':>8}")
    for stage in ("cutting and counting", "whole fit"):
        ours, plain = found["ours"][stage], found["plain"][stage]
        click.echo(f"{stage:28}{ours:10.1f}{plain:14.1f}{plain / ours:8.1f}")
    ours, plain = found["ours"]["peak"], found["plain"]["peak"]
    click.echo(f"{'peak memory, MB':28}{ours:10.0f}{plain:14.0f}{plain / ours:8.1f}")


@main.command()
def growth() -> None:
    """Count from thirty thousand to a million headlines."""
    click.echo(f"{'headlines':>10}{'seconds':>9}{'us each':>9}{'peak MB':>9}{'terms':>9}")
    for size in SIZES:
        found = _in_a_process("counted", "ours", size)
        each = 1e6 * found["cutting and counting"] / size
        click.echo(f"{size:10,}{found['cutting and counting']:9.1f}{each:9.1f}{found['peak']:9.0f}{found['terms']:9,}")


@main.command()
def solvers() -> None:
    """Fit the sensational head of 30,000 headlines with each solver; compare verdicts on 6,000 others."""
    corpus = corpus_of(None)
    corpus = corpus[corpus.labelled("sensational")]
    corpus = corpus[np.random.default_rng(1).permutation(len(corpus))[:36_000]]
    recipe = Recipe(min_outlets=2)
    _, x = vectorize.vectorize(list(corpus.text), parts_of(corpus, near_duplicate_groups(list(corpus.text))), recipe)
    target, weight = corpus.target("sensational"), row_weights(corpus, "sensational", recipe)
    cut = len(corpus) * 5 // 6
    sample = Sample(x[:cut], target[:cut], weight[:cut], np.zeros(cut, bool))
    optimum, _ = _probabilities(sample, x[cut:], {"solver": "liblinear", "dual": True, "tol": 1e-8, "max_iter": 20_000})
    click.echo(f"{cut:,} headlines fitted, {len(corpus) - cut:,} judged at 0.5; optimum: liblinear's dual at 1e-8")
    click.echo(f"{'solver':34}{'seconds':>9}{'flipped':>9}{'largest difference':>20}")
    for name, options in _SOLVERS.items():
        found, seconds = _probabilities(sample, x[cut:], options)
        flipped, largest = int(((found > 0.5) != (optimum > 0.5)).sum()), float(np.abs(found - optimum).max())
        click.echo(f"{name:34}{seconds:9.2f}{flipped:9}{largest:20.5f}")


_SOLVERS: dict[str, dict[str, Any]] = {
    "lbfgs, tolerance 1e-4 (default)": {"solver": "lbfgs", "max_iter": 1000},
    "lbfgs, 1e-6": {"solver": "lbfgs", "tol": 1e-6, "max_iter": 5000},
    "newton-cg, 1e-4": {"solver": "newton-cg"},
    "liblinear primal, 1e-4": {"solver": "liblinear"},
    "liblinear dual, 1e-1": {"solver": "liblinear", "dual": True, "tol": 1e-1},
    "liblinear dual, 1e-2 (ours)": {"solver": "liblinear", "dual": True, "tol": 1e-2, "max_iter": 1000},
    "liblinear dual, 1e-3": {"solver": "liblinear", "dual": True, "tol": 1e-3, "max_iter": 2000},
}


def _probabilities(sample: Sample, held: csr_array, options: dict[str, Any]) -> tuple[np.ndarray, float]:
    start = time.perf_counter()
    head = LogisticRegression(C=1.0, random_state=0, **options).fit(sample.x, sample.target, sample.weight)
    return np.asarray(head.predict_proba(held)[:, 1]), time.perf_counter() - start


@main.command(hidden=True)
@click.argument("way")
@click.argument("rows", type=int)
def one(way: str, rows: int) -> None:
    """Fit in this process and print what it took."""
    corpus, seconds = corpus_of(rows or None), {"cutting and counting": 0.0}
    with _counting(plain_counts if way == "plain" else count_common, seconds):
        start = time.perf_counter()
        fit(corpus, Recipe())
    _report(seconds | {"whole fit": time.perf_counter() - start, "headlines": len(corpus)})


@main.command(hidden=True)
@click.argument("way")
@click.argument("rows", type=int)
def counted(way: str, rows: int) -> None:
    """Count alone, in this process; beyond the corpora, each headline again with words of another."""
    texts = list(corpus_of(None).text)
    random = np.random.default_rng(2)
    while len(texts) < rows:
        texts += [f"{a} {' '.join(b.split()[:3])}" for a, b in zip(texts, random.permutation(texts), strict=True)]
    texts = [text[:500] for text in texts[:rows]]
    count = plain_counts if way == "plain" else count_common
    start = time.perf_counter()
    terms, _ = count(texts, np.arange(rows) % 200, TermSettings(), 3, Recipe().max_terms)
    _report({"cutting and counting": time.perf_counter() - start, "terms": len(terms)})


def plain_counts(
    headlines: list[str], outlets: Rows, settings: TermSettings, least: int, most: int
) -> tuple[Terms, csr_array]:
    """Count as scikit-learn's vectorizer does, with our analyzer, and keep what `count_common` keeps."""
    counter = CountVectorizer(analyzer=settings.analyze, dtype=np.float64)
    counts = csr_array(counter.fit_transform(headlines))
    return counting.keep_common(np.asarray(counter.get_feature_names_out(), object), counts, outlets, least, most)


@contextmanager
def _counting(count: Callable[..., tuple[Terms, csr_array]], seconds: dict[str, float]) -> Iterator[None]:
    """Let training count in another way, and time it."""

    def timed(*given: Any) -> tuple[Terms, csr_array]:
        start = time.perf_counter()
        found = count(*given)
        seconds["cutting and counting"] += time.perf_counter() - start
        return found

    with patch("training.vectorize.count_common", timed):
        yield


def _report(found: dict[str, float]) -> None:
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss  # the largest
    click.echo(json.dumps(found | {"peak": max(own, workers) / 1024}))


def _in_a_process(command: str, way: str, rows: int | None) -> dict[str, float]:
    arguments = [sys.executable, "-m", "benchmarks.training", command, way, str(rows or 0)]
    answer = subprocess.run(arguments, check=True, stdout=subprocess.PIPE, cwd=ROOT).stdout
    return dict(json.loads(answer))


if __name__ == "__main__":
    main()
