"""What the benchmarks measure with: a candidate, headlines that it has not seen, and labelled ones for the peers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import numpy as np

from model.judgement import AXES, Axis
from model.terms.cleaning import LONGEST
from training.candidate import PIPELINES, Material, train
from training.corpora import Corpus, read_corpora
from training.recipe import Recipe

FIXTURES = Path("fixtures/headlines.csv")
STAND_IN = Path("build/fixtures_candidate")
TRAINED_ON = ("publishers_train", "stop_clickbait", "webis17_train")
TEST_SETS: dict[Axis, str] = {"sensational": "publishers_2023", "clickbait": "webis17_test"}
WARM_UP = 20_000  # headlines that a warm scorer has met before the timed ones

candidate_option = click.option(
    "--candidate",
    type=click.Path(path_type=Path),
    default=Path("build/candidate"),
    show_default=True,
    help="A folder that `broadsheet train` wrote. Where there is none, one is trained on the fixtures.",
)
corpora_option = click.option(
    "--corpora",
    type=click.Path(path_type=Path),
    default=Path("../shared/corpora"),
    show_default=True,
    help="The folder of the corpora. Where there is none, the fixtures stand in.",
)


def ready(candidate: Path) -> Path:
    """Give the candidate's folder, or that of one trained on even rows of the fixtures where there is none."""
    if (candidate / PIPELINES).is_file():
        return candidate
    click.echo(f"no candidate in {candidate}: one is trained on half of {FIXTURES}", err=True)
    return small()


def small() -> Path:
    """Train a candidate on even rows of the fixtures, and give its folder."""
    _, sources = read_corpora([FIXTURES])
    train(Material(_half(0), sources), STAND_IN, Recipe(), "benchmark", lambda _stage: None)
    return STAND_IN


@dataclass(frozen=True)
class Headlines:
    """Headlines of the corpora, or of the fixtures where the corpora are not there."""

    corpora: Path

    @property
    def are_corpora(self) -> bool:
        """Say whether the corpora are there."""
        return all((self.corpora / f"{name}.csv.gz").is_file() for name in (*TRAINED_ON, *TEST_SETS.values()))

    @property
    def source(self) -> str:
        """Name where the unseen headlines come from, and how many they are."""
        names = " and ".join(TEST_SETS.values()) if self.are_corpora else f"half of {FIXTURES}"
        return f"{len(self.unseen):,} headlines of {names}, none of which the model was trained on"

    @cached_property
    def unseen(self) -> list[str]:
        """Distinct headlines that the candidate was not trained on."""
        known = set(self.seen)
        texts = [text for axis in AXES for text in self.test_set(axis).text]
        return [text for text in dict.fromkeys(texts) if text not in known]

    @cached_property
    def warm_up(self) -> list[str]:
        """Headlines for a scorer to grow warm on, in an order of chance; none is among the unseen."""
        order = np.random.default_rng(0).permutation(len(self.seen))
        return [self.seen[row] for row in order[:WARM_UP]]

    @cached_property
    def seen(self) -> list[str]:
        """Distinct headlines that the candidate was trained on."""
        return list(dict.fromkeys(map(str, self.training.text)))

    @cached_property
    def training(self) -> Corpus:
        """The labelled headlines that the candidate was trained on."""
        return self._read(*TRAINED_ON) if self.are_corpora else _half(0)

    @cached_property
    def others(self) -> list[str]:
        """All distinct headlines but those for growing warm on."""
        known = set(self.warm_up)
        return [text for text in (*self.unseen, *self.seen) if text not in known]

    def test_set(self, axis: Axis) -> Corpus:
        """Give the labelled headlines that an axis is measured on, without posts that stand in a training split."""
        corpus = self._read(TEST_SETS[axis]) if self.are_corpora else _half(1)
        return corpus[corpus.labelled(axis) & (corpus.weight > 0)]

    def lessons(self, axis: Axis) -> Corpus:
        """Give the labelled headlines that the peers learn an axis from; docs/performance.md says why these."""
        if not self.are_corpora:
            corpus = _half(0)
        elif axis == "sensational":
            corpus = self._read("publishers_train")
            corpus = corpus[corpus.circle == "core"]
        else:
            corpus = self._read("webis17_train")
        return corpus[corpus.labelled(axis)]

    def _read(self, *names: str) -> Corpus:
        corpus, _ = read_corpora([self.corpora / f"{name}.csv.gz" for name in names])
        return corpus[corpus.usable]


def _half(odd: int) -> Corpus:
    corpus, _ = read_corpora([FIXTURES])
    corpus = corpus[corpus.usable]
    return corpus[np.arange(odd, len(corpus), 2)]


def varied(headlines: Sequence[str], count: int, seed: int = 0) -> Iterator[str]:
    """Give `count` headlines: each as it is, then again and again with a word from elsewhere and other numbers."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(headlines))
    for number in range(count):
        text = headlines[order[number % len(order)]]
        if number >= len(order):
            other = headlines[order[random.integers(len(order))]]
            text = _altered(text, other, random.integers)[:LONGEST]
        yield text


def _altered(text: str, other: str, below: Callable[[int], np.integer]) -> str:
    words, donors = text.split(), other.split()
    words[int(below(len(words)))] = donors[int(below(len(donors)))]
    return " ".join(str(int(below(10 ** min(len(word), 9)))) if word.isdecimal() else word for word in words)
