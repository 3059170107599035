"""fastText and Vowpal Wabbit as a person in a hurry would set them up: one model an axis, kept in build/peers.

Their settings were the best of a handful on a fifth of the training headlines, held out: docs/performance.md.
"""

import hashlib
import importlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.material import Headlines
from model.judgement import AXES, Axis
from training.corpora import Corpus, Floats

CACHE = Path("build/peers")
INSTALL = "pip install -e '.[bench]'"


class Peer(ABC):
    """A peer's models of both axes; `ImportError` where it is not installed."""

    name: str
    module: str
    settings: str

    def __init__(self, headlines: Headlines) -> None:
        self._module = importlib.import_module(self.module)
        self._models = [self._load(self._trained(headlines.lessons(axis), axis)) for axis in AXES]

    def predict_proba(self, headlines: Sequence[str]) -> Floats:
        """Give the probability of each axis, shape (n, 2)."""
        texts = [self._prepared(headline) for headline in headlines]
        return np.column_stack([self._probabilities(model, texts) for model in self._models])

    def _trained(self, lessons: Corpus, axis: Axis) -> Path:
        labels = lessons.target(axis) == 1
        lines = [self._line(self._prepared(text), label) for text, label in zip(lessons.text, labels, strict=True)]
        order = np.random.default_rng(0).permutation(len(lines))
        content = "\n".join([self.settings, *(lines[row] for row in order)])
        path = CACHE / f"{self.module}_{axis}_{hashlib.sha256(content.encode()).hexdigest()[:12]}.model"
        if not path.is_file():
            CACHE.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=CACHE) as scratch:
                unfinished = Path(scratch) / path.name
                self._train([lines[row] for row in order], unfinished)
                unfinished.rename(path)
        return path

    @abstractmethod
    def _prepared(self, headline: str) -> str: ...
    @abstractmethod
    def _line(self, text: str, label: bool) -> str: ...
    @abstractmethod
    def _train(self, lines: list[str], path: Path) -> None: ...
    @abstractmethod
    def _load(self, path: Path) -> Any: ...
    @abstractmethod
    def _probabilities(self, model: Any, texts: list[str]) -> list[float]: ...


class FastText(Peer):
    """fastText on headlines as they are, in one line."""

    name, module = "fastText", "fasttext"
    settings = "dim=16 epoch=5 lr=0.3 wordNgrams=2 minn=2 maxn=5 bucket=200000"
    _yes = "__label__1"

    def _prepared(self, headline: str) -> str:
        return headline.replace("\n", " ")

    def _line(self, text: str, label: bool) -> str:
        return f"__label__{label:d} {text}"

    def _train(self, lines: list[str], path: Path) -> None:
        options = {name: float(value) for name, value in (pair.split("=") for pair in self.settings.split())}
        numbers = {name: value if name == "lr" else int(value) for name, value in options.items()}
        source = path.with_suffix(".txt")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = self._module.train_supervised(str(source), thread=1, seed=1, verbose=0, **numbers)
        model.save_model(str(path))

    def _load(self, path: Path) -> Any:
        return self._module.load_model(str(path))

    def _probabilities(self, model: Any, texts: list[str]) -> list[float]:
        labels, chances = model.predict(texts)
        return [
            float(chance[0]) if label[0] == self._yes else 1 - float(chance[0])
            for label, chance in zip(labels, chances, strict=True)
        ]


class VowpalWabbit(Peer):
    """Vowpal Wabbit on words, pairs of words, and their first and last three characters; it has no call for a batch."""

    name, module = "Vowpal Wabbit", "vowpalwabbit"
    settings = "--loss_function logistic --link logistic -b 24 --ngram w2 --affix +3w,-3w"
    _passes = 2
    _signs = str.maketrans({":": ";", "|": "/", "\n": " "})  # of its format

    def _prepared(self, headline: str) -> str:
        return f"|w {headline.translate(self._signs)}"

    def _line(self, text: str, label: bool) -> str:
        return f"{1 if label else -1} {text}"

    def _train(self, lines: list[str], path: Path) -> None:
        model = self._module.Workspace(f"{self.settings} --quiet")
        for line in self._shuffled(lines):
            model.learn(line)
        model.save(str(path))
        model.finish()

    def _shuffled(self, lines: list[str]) -> Iterator[str]:
        random = np.random.default_rng(1)
        for _ in range(self._passes):
            yield from (lines[row] for row in random.permutation(len(lines)))

    def _load(self, path: Path) -> Any:
        return self._module.Workspace(f"-i {path} -t --quiet")

    def _probabilities(self, model: Any, texts: list[str]) -> list[float]:
        return [model.predict(text) for text in texts]


PEERS: tuple[type[Peer], ...] = (FastText, VowpalWabbit)
