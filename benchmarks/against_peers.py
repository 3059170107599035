"""Times fastText and Vowpal Wabbit beside both scorers on the same headlines, and says how right each is.

python -m benchmarks.against_peers [--candidate build/candidate] [--corpora ../shared/corpora]
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import click
from sklearn.metrics import accuracy_score, roc_auc_score

from benchmarks.contenders import compiled, portable_warm
from benchmarks.material import Headlines, candidate_option, corpora_option, ready
from benchmarks.peers import INSTALL, PEERS, Peer
from benchmarks.timing import ROUNDS, Measure, drawn, interleaved, print_table, print_title, timed, times
from model.artefact import Artefact, load
from model.judgement import AXES, Axis
from model.scorer import Scorer
from training.corpora import Floats

SIZES = {1: 1000, 100: 2000, 10_000: 10_000}  # of a batch: headlines of a round
Predict: TypeAlias = Callable[[list[str]], Floats]


@click.command()
@candidate_option
@corpora_option
def main(candidate: Path, corpora: Path) -> None:
    """Print microseconds a headline at several batch sizes, then accuracy and ROC AUC on each axis' test set."""
    artefact, headlines = load(ready(candidate)), Headlines(corpora)
    peers = _installed(headlines)
    _print_speed(artefact, headlines, peers)
    predictors: dict[str, Predict] = {"Broadsheet": Scorer(artefact).predict_proba}
    predictors |= {peer.name: peer.predict_proba for peer in peers}
    sets = [(axis, headlines.test_set(axis)) for axis in AXES]
    learned = ", ".join(f"{len(headlines.lessons(axis)):,} for {axis}" for axis in AXES)
    print_title(
        "Peers: how right",
        f"Accuracy at a probability of 0.5, and ROC AUC, on {' and '.join(f'{len(s):,} ({axis})' for axis, s in sets)} "
        f"headlines that none was trained on. The peers learned from {learned}.",
    )
    rows = [
        [name, *(cell for axis, _ in sets for cell in _figures(p, headlines, axis))] for name, p in predictors.items()
    ]
    print_table(["", *(f"{axis}, {figure}" for axis, _ in sets for figure in ("accuracy", "ROC AUC"))], rows)


def _installed(headlines: Headlines) -> list[Peer]:
    found = []
    for peer in PEERS:
        try:
            found.append(peer(headlines))
        except ImportError:
            click.echo(f"{peer.name} is not installed: {INSTALL}", err=True)
    return found


def _print_speed(artefact: Artefact, headlines: Headlines, peers: list[Peer]) -> None:
    measures: dict[str, Measure] = {
        **compiled(artefact, headlines.warm_up),
        "portable, warm": portable_warm(artefact, headlines.warm_up),
        **{peer.name: partial(timed, peer.predict_proba) for peer in peers},
    }
    sizes = [min(size, len(headlines.unseen)) for size in SIZES]
    found = [interleaved(measures, drawn(headlines.unseen, s, m)) for s, m in zip(sizes, SIZES.values(), strict=True)]
    print_title(
        "Peers: microseconds a headline",
        f"{headlines.source}; both axes, which takes a peer two models. Median of {ROUNDS} rounds in turn, one thread. "
        "In brackets, how many times as long as the scorer in the first row.",
    )
    first = next(iter(measures))
    rows = [[name, *(f"{f[name]:.2f} ({times(f[name] / f[first])})" for f in found)] for name in measures]
    rows += [[peer.name, *[INSTALL] * len(sizes)] for peer in PEERS if peer.name not in measures]
    print_table(["", *(f"batch {size:,}" for size in sizes)], rows)


def _figures(predict: Predict, headlines: Headlines, axis: Axis) -> tuple[str, str]:
    test = headlines.test_set(axis)
    truth, probability = test.target(axis), predict(list(test.text))[:, AXES.index(axis)]
    return f"{accuracy_score(truth, probability >= 0.5):.3f}", f"{roc_auc_score(truth, probability):.3f}"


if __name__ == "__main__":
    main()
