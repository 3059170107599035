"""Headlines to be measured on that stand in the data that is learned from, as they are or nearly so."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from model.plain import many
from model.terms.cleaning import clean
from training.corpora import Corpus, Mask
from training.near_duplicates import near_duplicate_groups

_NAMED = 5  # rows


@dataclass(frozen=True, slots=True)
class Leaks:
    """Which of n headlines stand in the data: as they are, whatever their case and quotes, or nearly so."""

    same: Mask
    near: Mask
    where: tuple[str, ...]  # of each that does, its row and that of the data

    @property
    def all(self) -> Mask:
        """Both."""
        return self.same | self.near

    def note(self, name: str, *, kept: bool) -> str:
        """Count and name them in a line, and say what becomes of them; nothing where there are none."""
        if not self.all.any():
            return ""
        named = ", ".join(self.where[:_NAMED]) + (", ..." if len(self.where) > _NAMED else "")
        one = self.all.sum() == 1
        they = "it is" if one else "they are"
        end = (
            "measured all the same"
            if kept
            else f"left out of its figures (--keep-leaks keeps {'it' if one else 'them'})"
        )
        counts = f"{self.same.sum():,} as {they} and {self.near.sum():,} nearly so"
        stand = f"{self.all.sum():,} of {many(len(self.all), 'headline')} {'stands' if one else 'stand'} in --data"
        return f"{name}: {stand}, {counts}: {named}; {they} {end}"


def leaks_of(tests: Mapping[str, Corpus], data: Corpus) -> dict[str, Leaks]:
    """Find the headlines of each test set in the data, of which those that weigh nothing are not learned from."""
    learned = np.flatnonzero((data.weight > 0) & data.usable)
    known = _folded(data[learned])
    asked = {name: _folded(test) for name, test in tests.items()}
    groups = near_duplicate_groups([*chain(*asked.values()), *known])
    rows = [f"{source} row {number}" for source, number in zip(data.source, _numbers(data), strict=True)]
    places = [rows[row] for row in learned]
    first = dict(zip(reversed(known), reversed(places), strict=True))
    near = dict(zip(reversed(groups[len(groups) - len(known) :].tolist()), reversed(places), strict=True))
    own = np.split(groups, np.cumsum([len(texts) for texts in asked.values()]))
    return {
        name: _found(texts, found.tolist(), first, near)
        for (name, texts), found in zip(asked.items(), own, strict=False)  # the last part is the data's
    }


def _found(asked: list[str], groups: list[int], first: Mapping[str, str], near: Mapping[int, str]) -> Leaks:
    same = np.array([bool(text) and text in first for text in asked], dtype=bool)
    alike = np.array([bool(text) and group in near for text, group in zip(asked, groups, strict=True)], dtype=bool)
    where = tuple(
        f"row {row + 1} as {first.get(asked[row]) or near[groups[row]]}" for row in np.flatnonzero(same | alike)
    )
    return Leaks(same, alike & ~same, where)


def _folded(corpus: Corpus) -> list[str]:
    return [clean(text).casefold() for text in corpus.text]


def _numbers(corpus: Corpus) -> npt.NDArray[np.int64]:
    """Number each row within its source, from 1."""
    rows = np.arange(len(corpus))
    begins = np.append(True, corpus.source[1:] != corpus.source[:-1])
    return np.asarray(rows - np.maximum.accumulate(np.where(begins, rows, 0)) + 1)
