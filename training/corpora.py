"""Labelled headlines, from any of the accepted files, as parallel columns."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from model.errors import HeadlineError, TableError
from model.judgement import AXES, Axis
from model.tables.lines import Form
from model.terms.cleaning import check_headline
from training.labels import Naming
from training.readers import ANY_FORM, OUR_NAMES, Example, hash_of, name_of, read_examples

Floats = npt.NDArray[np.float64]
Strings = npt.NDArray[np.object_]  # of str: fixed-width NumPy strings would pad every row to the longest
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Corpus:
    """n labelled headlines as columns of length n; an axis is 0, 1, or NaN where the row says nothing of it."""

    text: Strings
    sensational: Floats
    clickbait: Floats
    sensational_mean: Floats  # mean of readers' ratings, 0-1, or NaN where nobody rated the headline
    clickbait_mean: Floats
    raters: Floats
    weight: Floats
    publisher: Strings  # in the spelling that most of its rows have
    date: Strings
    category: Strings
    circle: Strings
    source: Strings
    spelling: Strings  # of the publisher, as given

    def __len__(self) -> int:
        return len(self.text)

    def __getitem__(self, rows: npt.NDArray[Any]) -> Self:
        """Pick rows by mask or index."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def target(self, axis: Axis) -> Floats:
        """Give the axis' labels: 0, 1, or NaN."""
        return self.sensational if axis == "sensational" else self.clickbait

    def mean(self, axis: Axis) -> Floats:
        """Give the mean of readers' ratings: 0-1, or NaN."""
        return self.sensational_mean if axis == "sensational" else self.clickbait_mean

    def rated(self, axis: Axis) -> Mask:
        """Mark the headlines that readers rated one by one."""
        return ~np.isnan(self.mean(axis))

    @property
    def rated_on_both(self) -> Mask:
        """Mark the headlines that were rated on both axes, by readers or by an encoder that learned from them."""
        return self.rated("sensational") & self.rated("clickbait")

    @property
    def read(self) -> Mask:
        """Mark those of them that readers rated: an encoder's marks have `raters` 0."""
        return self.rated_on_both & (self.raters > 0)

    def labelled(self, axis: Axis) -> Mask:
        """Mark the rows that say something of the axis."""
        return ~np.isnan(self.target(axis))

    @property
    def unlabelled(self) -> Mask:
        """Mark the rows that say nothing of either axis."""
        return ~np.logical_or(*map(self.labelled, AXES))

    @property
    def usable(self) -> Mask:
        """Mark the rows whose headline can be judged: not empty, not absurdly long."""
        return np.array([_can_be_judged(text) for text in self.text], dtype=bool)

    @property
    def tier(self) -> Strings:
        """Name each row's class: the axis that it is positive on, else `measured`; nothing where it has no label."""
        classes = [self.sensational == 1, self.clickbait == 1, ~self.unlabelled]
        return np.select(classes, ["sensational", "clickbait", "measured"], default="").astype(object)

    @property
    def outlet(self) -> Strings:
        """Name who printed each row: the publisher, or the source where no publisher is known."""
        return np.where(self.publisher == "", self.source, self.publisher)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a corpus came from, for the manifest: its name, how many rows, and its SHA-256."""

    name: str
    rows: int
    sha256: str


def read_corpora(
    paths: Iterable[Path],
    progress: Callable[[Path, float], None] = lambda _path, _share: None,
    naming: Naming = OUR_NAMES,
    form: Form = ANY_FORM,
) -> tuple[Corpus, list[Source]]:
    """Read labelled files one after another; raise a `BroadsheetError` that names file and row.

    `progress` is told which file is being read and what share of it has been.
    """
    examples: list[Example] = []
    origins: list[str] = []
    sources: list[Source] = []
    for path in paths:
        found = list(read_examples(path, lambda share, path=path: progress(path, share), naming, form))  # type: ignore[misc]
        examples += found
        origins += [name_of(path)] * len(found)
        sources.append(Source(name_of(path), len(found), hash_of(path)))
    if not examples:
        raise TableError("no labelled headline was given; expected rows of at least two classes")
    return as_corpus(examples, origins), sources


def as_corpus(examples: list[Example], origins: list[str]) -> Corpus:
    """Turn rows into columns, with one spelling for each publisher."""
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.array([getattr(example, name) for example in examples], dtype=float if kind is float else object)
        for name, kind in Example.__annotations__.items()
    }
    spelling = columns.pop("publisher")
    return Corpus(
        **columns, publisher=_one_spelling(spelling), spelling=spelling, source=np.array(origins, dtype=object)
    )


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Put corpora one below the other."""
    parts = list(corpora)
    return Corpus(
        **{field.name: np.concatenate([getattr(one, field.name) for one in parts]) for field in fields(Corpus)}
    )


def outlet_key(name: str) -> str:
    """Give what tells one publisher from another: neither case nor blanks, punctuation or invisible characters do."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    key = "".join(character for character in folded if unicodedata.category(character)[0] not in "PZC")
    return key or folded.strip()


def _one_spelling(names: Strings) -> Strings:
    """Give each publisher's commonest spelling, of equally common ones the first."""
    counts = Counter(names)
    keys = {name: outlet_key(name) for name in counts}
    chosen: dict[str, str] = {}
    for name in counts:  # in the order of rows
        key = keys[name]
        if key not in chosen or counts[name] > counts[chosen[key]]:
            chosen[key] = name
    return np.array([chosen[keys[name]].strip() for name in names], dtype=object)


def _can_be_judged(text: str) -> bool:
    try:
        check_headline(text)
    except HeadlineError:
        return False
    return True
