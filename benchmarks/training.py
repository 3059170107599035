"""Times training beside the same fit with scikit-learn's own vectorizer, its growth, and solvers side by side.

python -m benchmarks.training [--corpora ../shared/corpora]

On all processors. Each fit and each count is a process of its own, so that its peak memory is its own.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.material import Headlines, candidate_option, corpora_option, varied
from benchmarks.timing import print_table, print_title, times
from model.terms.analyzer import TermSettings
from training.counting import Rows, Terms, count_common, keep_common
from training.fit import fit
from training.folds import parts_of
from training.heads import Sample, row_weights
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe
from training.vectorize import vectorize

SIZES = (30_000, 100_000, 300_000, 1_000_000)
WAYS = {"ours": "ours", "plain": "scikit-learn"}


@click.group(invoke_without_command=True)
@candidate_option
@corpora_option
@click.pass_context
def main(context: click.Context, candidate: Path, corpora: Path) -> None:  # noqa: ARG001  # as all benchmarks take it
    """Print all tables of training."""
    context.obj = Headlines(corpora)
    if context.invoked_subcommand is None:
        _print_fits(corpora)
        _print_growth(corpora)
        _print_solvers(context.obj)


def _print_fits(corpora: Path) -> None:
    found = {way: _in_a_process(corpora, "one", way, 0) for way in WAYS}
    print_title(
        "Training: seconds, and peak memory of the largest process",
        f"{found['ours']['headlines']:,.0f} headlines; both heads, each with {Recipe().folds} folds to calibrate it. "
        "scikit-learn: CountVectorizer with our analyzer, on one processor as it is; all else is the same.",
    )
    rows = []
    for name in ("cutting and counting, s", "whole fit, s", "peak, MB"):
        ours, plain = (found[way][name] for way in WAYS)
        rows.append([name, f"{ours:,.1f}", f"{plain:,.1f}", times(plain / ours)])
    print_table(["", *WAYS.values(), "ratio"], rows)


def _print_growth(corpora: Path) -> None:
    print_title(
        "Counting from thirty thousand to a million headlines",
        "Beyond the corpora, a headline comes again with words and numbers of others.",
    )
    rows = []
    for size in SIZES:
        found = _in_a_process(corpora, "counted", "ours", size)
        seconds = found["cutting and counting, s"]
        rows.append([f"{size:,}", f"{seconds:.1f}", f"{1e6 * seconds / size:.1f}", f"{found['peak, MB']:,.0f}"])
    print_table(["headlines", "seconds", "us each", "peak, MB"], rows)


def _print_solvers(headlines: Headlines) -> None:
    corpus = headlines.training
    corpus = corpus[corpus.labelled("sensational")]
    corpus = corpus[np.random.default_rng(1).permutation(len(corpus))[:36_000]]
    recipe = Recipe(min_outlets=2)
    _, x = vectorize(list(corpus.text), parts_of(corpus, near_duplicate_groups(list(corpus.text))), recipe)
    target, weight = corpus.target("sensational"), row_weights(corpus, "sensational", recipe)
    cut = len(corpus) * 5 // 6
    sample = Sample(x[:cut], target[:cut], weight[:cut], *[np.zeros(cut, bool)] * 2)
    optimum, _ = _probabilities(sample, x[cut:], {"solver": "liblinear", "dual": True, "tol": 1e-8, "max_iter": 20_000})
    print_title(
        "Solvers of the sensational head",
        f"{cut:,} headlines fitted, {len(corpus) - cut:,} others judged at 0.5. Optimum: liblinear's dual at 1e-8.",
    )
    rows = []
    for name, options in _SOLVERS.items():
        found, seconds = _probabilities(sample, x[cut:], options)
        flipped, largest = int(((found > 0.5) != (optimum > 0.5)).sum()), float(np.abs(found - optimum).max())
        rows.append([name, f"{seconds:.2f}", str(flipped), f"{largest:.5f}"])
    print_table(["solver, tolerance", "seconds", "verdicts flipped", "largest difference"], rows)


_SOLVERS: dict[str, dict[str, Any]] = {
    "lbfgs, tolerance 1e-4 (default)": {"solver": "lbfgs", "max_iter": 1000},
    "lbfgs, 1e-6": {"solver": "lbfgs", "tol": 1e-6, "max_iter": 5000},
    "newton-cg, 1e-4": {"solver": "newton-cg"},
    "liblinear primal, 1e-4": {"solver": "liblinear"},
    "liblinear dual, 1e-1": {"solver": "liblinear", "dual": True, "tol": 1e-1},
    "liblinear dual, 1e-2 (ours)": {"solver": "liblinear", "dual": True, "tol": 1e-2, "max_iter": 1000},
    "liblinear dual, 1e-3": {"solver": "liblinear", "dual": True, "tol": 1e-3, "max_iter": 2000},
}


def _probabilities(sample: Sample, held: csr_array, options: dict[str, Any]) -> tuple[npt.NDArray[np.float64], float]:
    start = time.perf_counter()
    head = LogisticRegression(C=1.0, random_state=0, **options).fit(sample.x, sample.target, sample.weight)
    return np.asarray(head.predict_proba(held)[:, 1]), time.perf_counter() - start


@main.command(hidden=True)
@click.argument("way", type=click.Choice(list(WAYS)))
@click.argument("rows", type=int)
@click.pass_obj
def one(headlines: Headlines, way: str, rows: int) -> None:
    """Fit in this process, on so many headlines or all, and print what it took."""
    corpus = headlines.training
    if rows:
        corpus = corpus[np.sort(np.random.default_rng(0).permutation(len(corpus))[:rows])]
    spent: list[float] = []

    def count(*given: Any) -> tuple[Terms, csr_array]:
        start = time.perf_counter()
        found = (plain_counts if way == "plain" else count_common)(*given)
        spent.append(time.perf_counter() - start)
        return found

    with patch("training.vectorize.count_common", count):
        start = time.perf_counter()
        fit(corpus, Recipe())
        whole = time.perf_counter() - start
    _report({"cutting and counting, s": sum(spent), "whole fit, s": whole, "headlines": len(corpus)})


@main.command(hidden=True)
@click.argument("way", type=click.Choice(list(WAYS)))
@click.argument("rows", type=int)
@click.pass_obj
def counted(headlines: Headlines, way: str, rows: int) -> None:
    """Count alone, in this process, and print what it took."""
    texts = list(varied(headlines.seen, rows))
    count = plain_counts if way == "plain" else count_common
    start = time.perf_counter()
    count(texts, np.arange(rows) % 200, TermSettings(), 3, Recipe().max_terms)
    _report({"cutting and counting, s": time.perf_counter() - start})


def plain_counts(
    headlines: list[str], outlets: Rows, settings: TermSettings, least: int, most: int
) -> tuple[Terms, csr_array]:
    """Count as scikit-learn's vectorizer does, with our analyzer, and keep what `count_common` keeps."""
    counter = CountVectorizer(analyzer=settings.analyze, dtype=np.float64)
    counts = csr_array(counter.fit_transform(headlines))
    return keep_common(np.asarray(counter.get_feature_names_out(), object), counts, outlets, least, most)


def _report(found: dict[str, float]) -> None:
    peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    click.echo(json.dumps(found | {"peak, MB": max(peaks) / 1024}))


def _in_a_process(corpora: Path, command: str, way: str, rows: int) -> dict[str, float]:
    arguments = [sys.executable, "-m", "benchmarks.training", "--corpora", str(corpora), command, way, str(rows)]
    return dict(json.loads(subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout))


if __name__ == "__main__":
    main()
