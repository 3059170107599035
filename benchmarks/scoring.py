"""Times scikit-learn's pipelines and the scorer side by side, on headlines that neither has seen.

python benchmarks/scoring.py [--candidate build/candidate] [--data fixtures/headlines.csv]

Without a candidate, one is trained on the data first. Prints medians of several runs, in one process, one thread.
"""

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # before NumPy: the comparison is by thread

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import click
import joblib

from model.judgement import AXES
from model.scorer import Scorer
from training.candidate import PIPELINES, Material, train
from training.corpora import read_corpora
from training.recipe import Recipe

RUNS = 7


@click.command()
@click.option("--candidate", type=click.Path(path_type=Path), help="A folder that `broadsheet train` wrote.")
@click.option("--data", type=click.Path(path_type=Path), default=Path("fixtures/headlines.csv"), show_default=True)
def main(candidate: Path | None, data: Path) -> None:
    """Print microseconds a headline, and the ratio, at several batch sizes."""
    corpus, sources = read_corpora([data])
    with tempfile.TemporaryDirectory() as scratch:
        folder = candidate or Path(scratch) / "candidate"
        if candidate is None:
            train(Material(corpus, sources), folder, Recipe(), "benchmark", lambda _stage: None)
        _compare(folder, [str(text) for text in corpus.text if len(text) <= 500])


def _compare(folder: Path, headlines: list[str]) -> None:
    scorer, pipelines = Scorer.load(folder), joblib.load(folder / PIPELINES)
    analyze = scorer.artefact.settings.analyze

    def scikit_learn(batch: list[str]) -> None:
        terms = [analyze(headline) for headline in batch]
        for axis in AXES:
            pipelines[axis].predict_proba(terms)

    click.echo(f"{'batch':>6} {'scikit-learn':>14} {'scorer':>10} {'ratio':>6}   (microseconds a headline)")
    for size in (1, 100, min(10_000, len(headlines))):
        batches = [headlines[start : start + size] for start in range(0, min(len(headlines), 60 * size), size)]
        theirs, ours = _microseconds(scikit_learn, batches), _microseconds(scorer.predict_proba, batches)
        click.echo(f"{size:6} {theirs:14.1f} {ours:10.1f} {theirs / ours:6.1f}")


def _microseconds(score: Callable[[list[str]], object], batches: list[list[str]]) -> float:
    runs = []
    for _ in range(RUNS):
        start = time.perf_counter()
        for batch in batches:
            score(batch)
        runs.append((time.perf_counter() - start) / sum(map(len, batches)))
    return 1e6 * median(runs)


if __name__ == "__main__":
    main()
