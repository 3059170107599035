"""Compares scikit-learn's probabilities with both scorers' on every headline of the given files.

python -m benchmarks.agreement [--candidate build/candidate] [--corpora ../shared/corpora] [FILE ...]

Without files, those of the corpora are taken. Exits with 1 if any difference is above 1e-6.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import click
import joblib
import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from benchmarks.material import FIXTURES, candidate_option, corpora_option, ready
from benchmarks.timing import print_table, print_title
from model.artefact import Artefact, load
from model.errors import HeadlineError
from model.judgement import AXES
from model.scorer import Scorer
from model.scoring.compiled import is_available
from model.tables.reader import TEXT, TableReader
from model.terms.cleaning import check_headline
from training.candidate import PIPELINES

LARGEST = 1e-6
BATCH = 5000

Floats = npt.NDArray[np.float64]


@click.command()
@candidate_option
@corpora_option
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1)
def main(candidate: Path, corpora: Path, paths: tuple[Path, ...]) -> None:
    """Print the largest difference of each scorer and axis for each file."""
    folder = ready(candidate)
    artefact, pipelines = load(folder), joblib.load(folder / PIPELINES)
    scorers = [Scorer(artefact, portable=portable) for portable in ([False, True] if is_available() else [True])]
    print_title(
        "Agreement: largest difference of probabilities from scikit-learn's",
        f"Every headline that can be judged; model {artefact.version}; goal: at most {LARGEST:.0e}.",
    )
    rows, worst = [], 0.0
    for path in paths or sorted(corpora.glob("*.csv.gz")) or [FIXTURES]:
        headlines, found = _compared(path, artefact, pipelines, scorers)
        rows.append([path.name, f"{headlines:,}", *(f"{value:.1e}" for value in found.ravel())])
        worst = max(worst, float(found.max()))
    print_table(["file", "headlines", *(f"{scorer.engine} {axis}" for scorer in scorers for axis in AXES)], rows)
    sys.exit(int(not worst <= LARGEST))  # NaN fails as well


def _compared(
    path: Path, artefact: Artefact, pipelines: dict[str, Pipeline], scorers: Sequence[Scorer]
) -> tuple[int, Floats]:
    headlines, found = 0, np.zeros((len(scorers), len(AXES)))
    texts = _headlines(path)
    while batch := list(islice(texts, BATCH)):
        theirs = _scikit_learn(pipelines, [artefact.settings.analyze(headline) for headline in batch])
        ours = np.stack([scorer.predict_proba(batch) for scorer in scorers])
        found = np.maximum(found, np.abs(ours - theirs).max(axis=1))
        headlines += len(batch)
    return headlines, found


def _scikit_learn(pipelines: dict[str, Pipeline], terms: list[list[str]]) -> Floats:
    """Give what both pipelines' `predict_proba` gives; the steps before the head are one and the same in both."""
    first, *others = pipelines.values()
    if any(shared is not step for other in others for shared, step in zip(first[:-1], other[:-1], strict=True)):
        raise ValueError("the pipelines must share the steps before their heads")
    features = first[:-1].transform(terms)
    return np.column_stack([pipelines[axis][-1].predict_proba(features)[:, 1] for axis in AXES])


def _headlines(path: Path) -> Iterator[str]:
    with TableReader(path) as table:
        for row in table:
            try:
                yield check_headline(row[TEXT])
            except HeadlineError:
                continue


if __name__ == "__main__":
    main()
