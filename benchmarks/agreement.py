"""Compares scikit-learn's probabilities with the scorer's on every headline of the given files.

python benchmarks/agreement.py --candidate build/candidate CORPUS.csv.gz ...

The candidate is a folder that `broadsheet train` wrote. Exits with 1 if any difference is above 1e-6.
"""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import joblib
import numpy as np
import numpy.typing as npt
from sklearn.pipeline import Pipeline

from model.clean import check_headline
from model.errors import HeadlineError
from model.judgement import AXES
from model.scorer import Scorer
from model.tables import TEXT, TableReader
from training.candidate import PIPELINES

LARGEST = 1e-6
BATCH = 5000


@click.command()
@click.option("--candidate", type=click.Path(path_type=Path), required=True)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
def main(candidate: Path, paths: tuple[Path, ...]) -> None:
    """Print the largest difference of each axis for each file."""
    scorer, pipelines = Scorer.load(candidate), joblib.load(candidate / PIPELINES)
    click.echo(f"model {scorer.version}, largest difference of probabilities from scikit-learn's")
    worst = np.zeros(len(AXES))
    for path in paths:
        headlines, found = 0, np.zeros(len(AXES))
        texts = _headlines(path)
        while batch := list(islice(texts, BATCH)):
            found = np.maximum(found, _differences(scorer, pipelines, batch))
            headlines += len(batch)
        click.echo(
            f"{path.name:28} {headlines:8,} headlines "
            + " ".join(f"{a} {d:.1e}" for a, d in zip(AXES, found, strict=True))
        )
        worst = np.maximum(worst, found)
    sys.exit(int((worst > LARGEST).any()))


def _headlines(path: Path) -> Iterator[str]:
    with TableReader(path) as table:
        for row in table:
            try:
                yield check_headline(row[TEXT])
            except HeadlineError:
                continue


def _differences(scorer: Scorer, pipelines: dict[str, Pipeline], headlines: list[str]) -> npt.NDArray[np.float64]:
    terms = [scorer.artefact.settings.analyze(headline) for headline in headlines]
    theirs = np.column_stack([pipelines[axis].predict_proba(terms)[:, 1] for axis in AXES])
    return np.asarray(np.abs(theirs - scorer.predict_proba(headlines)).max(axis=0))


if __name__ == "__main__":
    main()
