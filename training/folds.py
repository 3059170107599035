"""Splits headlines so that no outlet, and no headline in two forms, stands on both sides; says by name what cannot be.

Everything here is said before a fit begins, to `train` and to `data check` alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.model_selection import StratifiedGroupKFold

from model.errors import LabelError
from model.judgement import Axis
from model.plain import many
from model.terms.cleaning import clean
from training.corpora import Corpus, Mask
from training.heads import Sample
from training.recipe import Recipe

Rows: TypeAlias = npt.NDArray[np.int64]
Fold: TypeAlias = tuple[Rows, Rows]  # fitted on, held out

_SAME = 1e-9  # difference of mean labels that is rounding
LEAST = 2  # of folds; and so of headlines of each class
FEW = 30  # different headlines of a class; of fewer, a figure moves by a tenth with three of them
MOST = 20  # of folds that are tried where fewer leave one without a class
_PARTS = 50  # into which the rows of a source without publishers are dealt


@dataclass(frozen=True, slots=True)
class Split:
    """The folds of one axis, in words why they are fewer than were asked for, if they are, and what else to doubt."""

    folds: Sequence[Fold]
    note: str = ""
    doubts: Sequence[str] = ()

    @property
    def lines(self) -> list[str]:
        """Give all that is to be said of it."""
        return [line for line in (self.note, *self.doubts) if line]


def parts_of(corpus: Corpus, groups: Rows) -> Rows:
    """Number what must stay on one side of a split: publishers, and where none is known, parts of each source.

    Near-duplicates of one source without publishers are in the same part.
    """
    dealt = [f"{source}\0{part}" for source, part in zip(corpus.source, groups % _PARTS, strict=True)]
    named = np.where(corpus.publisher == "", np.array(dealt, dtype=object), corpus.publisher)
    return np.asarray(np.unique(named.astype(str), return_inverse=True)[1], dtype=np.int64)


def folds_of(corpus: Corpus, groups: Rows, axis: Axis, recipe: Recipe) -> Sequence[Fold]:
    """Split rows into (fitted on, held out) pairs that share neither an outlet nor a near-duplicate."""
    return split_axis(corpus, groups, axis, recipe).folds


def split_axis(corpus: Corpus, groups: Rows, axis: Axis, recipe: Recipe) -> Split:
    """Split n rows that all say something of the axis into the folds asked for, or fewer, or at last more.

    Raises `LabelError` where they allow none: it names the column, the class, how many there are, and are needed.
    """
    require_both_classes(corpus, axis)
    doubts = [_contradictions(corpus, axis), _rarity(corpus, groups, axis)]
    parts = parts_of(corpus, groups)
    most, why = _most(corpus, parts, axis)
    sides = _sides(corpus, axis, recipe)
    asked = min(recipe.folds, most)
    for count in [*range(asked, LEAST - 1, -1), *range(asked + 1, min(most, MOST) + 1)]:
        folds = _folds(corpus, groups, parts, axis, count, recipe.seed)
        if all(side[fitted].any() for fitted, _ in folds for side in sides):
            return Split(folds, _note(axis, count, recipe.folds, why if count == most else ""), doubts)
    raise LabelError(f"the {axis} axis {_obstacle(corpus, groups, parts, axis)}")


def missing_class(corpus: Corpus, axis: Axis) -> str:
    """Say which class of an axis a corpus lacks: among headlines that weigh something, an encoder's marks apart."""
    positive, negative = _counts(corpus, axis)
    if positive and negative:
        return ""
    got = f"only {'positive' if positive else 'negative'} ones ({positive or negative:,})"
    return (
        f"the {axis} axis must have labelled headlines of both classes, got {got if positive or negative else 'none'}"
    )


def lack(corpus: Corpus, axis: Axis) -> str:
    """Say in short what `missing_class` says where that is no fault."""
    positive, negative = _counts(corpus, axis)
    if positive and negative:
        return ""
    if not positive and not negative:
        return f"no {axis} labels"
    found, label = positive or negative, float(bool(positive))
    return f"no headline is labelled {_class(axis, 1 - label)}, and {found:,} {_class(axis, label)}"


def split_axes(corpus: Corpus, groups: Rows, axes: Sequence[Axis], recipe: Recipe) -> dict[Axis, Split]:
    """Split n rows for each axis; an axis' folds number the rows that say something of it.

    Raises one `LabelError` for all axes that cannot be split.
    """
    found, obstacles = dict[Axis, Split](), list[str]()
    for axis in axes:
        rows = np.flatnonzero(corpus.labelled(axis))
        try:
            found[axis] = split_axis(corpus[rows], groups[rows], axis, recipe)
        except LabelError as error:
            obstacles.append(str(error))
    if obstacles:
        raise LabelError("; ".join(obstacles))
    return found


def require_both_classes(corpus: Corpus, axis: Axis) -> None:
    """Raise `LabelError` where an axis lacks a class."""
    if missing := missing_class(corpus, axis):
        raise LabelError(missing)


def _counting(corpus: Corpus, axis: Axis) -> Mask:
    return corpus.labelled(axis) & (corpus.weight > 0) & (corpus.raters > 0)


def _counts(corpus: Corpus, axis: Axis) -> tuple[int, int]:
    """Count the positive and the negative headlines that count."""
    truth = corpus.target(axis)[_counting(corpus, axis)]
    return int((truth == 1).sum()), int((truth == 0).sum())


def _contradictions(corpus: Corpus, axis: Axis) -> str:
    """Say how many headlines have both labels; raise `LabelError` where all say the same, on the mean of their rows.

    Nothing can be learned then: whatever a headline's words are, its label is as likely as any other's.
    """
    rows = np.flatnonzero(_counting(corpus, axis))
    known: dict[str, int] = {}
    own = np.array([known.setdefault(clean(text).casefold(), len(known)) for text in corpus.text[rows]])
    weight = corpus.weight[rows]
    both = np.logical_and(*(np.bincount(own, corpus.target(axis)[rows] == label) > 0 for label in (1.0, 0.0)))
    said = np.where(corpus.rated(axis), corpus.mean(axis), corpus.target(axis))[rows]
    means = np.bincount(own, said * weight) / np.bincount(own, weight)
    if len(both) > 1 and both.all() and np.ptp(means) < _SAME:  # of one headline, `_obstacle` says more
        raise LabelError(
            f"the {axis} axis cannot be learned: every headline contradicts itself: {many(len(both), 'headline')} "
            f"with both labels each, in {many(len(rows), 'row')}, and none that differs from another"
        )
    found = int(both.sum())
    return f"{axis}: {many(found, 'headline')} {'has' if found == 1 else 'have'} both labels" if found else ""


def _rarity(corpus: Corpus, groups: Rows, axis: Axis) -> str:
    """Say where a class has very few headlines, near-duplicates counted as one."""
    counting = _counting(corpus, axis)
    sides = {label: len(np.unique(groups[counting & (corpus.target(axis) == label)])) for label in (1.0, 0.0)}
    few = [f"only {many(n, 'different headline')} {_are(n)} {_class(axis, v)}" for v, n in sides.items() if n < FEW]
    if not few:
        return ""
    return f"{axis}: {' and '.join(few)}, of {counting.sum():,}: thresholds and figures rest on those"


def _most(corpus: Corpus, parts: Rows, axis: Axis) -> tuple[int, str]:
    """Give how many folds there can be at most, and what there is no more of."""
    counting = _counting(corpus, axis)
    limits = [(int((counting & (corpus.target(axis) == v)).sum()), f"{_class(axis, v)} headlines") for v in (1.0, 0.0)]
    outlets = "outlets (column publisher)" if (corpus.publisher != "").any() else "different headlines"
    return min([*limits, (len(np.unique(parts)), outlets)], key=lambda limit: limit[0])


def _sides(corpus: Corpus, axis: Axis, recipe: Recipe) -> tuple[Mask, Mask]:
    """Mark the rows that a fit learns the one class from, and the other; a reader's mean teaches both."""
    sample = Sample.of(corpus, csr_array((len(corpus), 1)), axis, recipe)
    return sample.weight * sample.target > 0, sample.weight * (1 - sample.target) > 0


def _folds(corpus: Corpus, groups: Rows, parts: Rows, axis: Axis, count: int, seed: int) -> list[Fold]:
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
    splits = splitter.split(np.zeros(len(corpus)), corpus.target(axis), parts)
    return [(fitted[~np.isin(groups[fitted], groups[held])], held) for fitted, held in splits]


def _note(axis: Axis, count: int, asked: int, why: str) -> str:
    if count == asked:
        return ""
    more_or_fewer = "more" if count < asked else "fewer"
    emptied = f"with {more_or_fewer}, a fold would be fitted without one of the classes"
    reason = f"there are no more {why}" if why and count < asked else emptied
    return f"{axis}: {count} folds instead of {asked}: {reason}"


def _obstacle(corpus: Corpus, groups: Rows, parts: Rows, axis: Axis) -> str:
    """Say what keeps an axis from being split."""
    counting = _counting(corpus, axis)
    if len(np.unique(groups[counting])) < LEAST:
        return f"must have {LEAST} different headlines or more, got {counting.sum():,} near-duplicates of one"
    if len(np.unique(parts[counting])) < LEAST:
        return (
            f"must have headlines of at least two outlets, or of none that is known: column publisher has one, "
            f"{corpus.outlet[counting][0]!r}, for all {counting.sum():,}, and folds hold whole outlets out"
        )
    for label in (1.0, 0.0):
        rows = counting & (corpus.target(axis) == label)
        what = f"{_class(axis, label)} headlines"
        if rows.sum() < LEAST:
            return f"must have {LEAST} {what} or more, got {rows.sum()}"
        if len(np.unique(groups[rows])) < LEAST:
            return f"must have {LEAST} different {what} or more, got {rows.sum():,} near-duplicates of one"
        if len(np.unique(parts[rows])) < LEAST:
            return (
                f"must have {what} of at least two outlets: in column publisher, all {rows.sum():,} are of "
                f"{corpus.outlet[rows][0]!r}, and folds hold whole outlets out"
            )
    return (
        "cannot be split: whichever outlets (column publisher) are held out, with near-duplicates of their "
        "headlines, some fold is left with one class to fit on; more outlets of each class are needed"
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _class(axis: Axis, label: float) -> str:
    return axis if label else f"not {axis}"
