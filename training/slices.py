"""Cuts a measured set into slices, and finds the mistakes that cost it most."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from training.corpora import Mask, Strings
from training.scored import ScoredSet

SMALLEST = 30  # headlines of a publisher below which its figures are noise
UNKNOWN = "(unknown)"
LENGTHS = (("1–7 words", 0, 8), ("8–11 words", 8, 12), ("12–15 words", 12, 16), ("16 words and more", 16, None))
_TINY = 1e-15


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of a set's headlines; `roc_auc` is None where they are all of one class."""

    name: str
    headlines: int
    labelled: float  # share that is labelled with the axis
    flagged: float  # share that reaches the upper threshold
    roc_auc: float | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """A headline on the wrong side of the upper threshold, by its id; `loss` is -ln of its label's probability."""

    id: str
    publisher: str
    truth: int
    probability: float
    loss: float


def slices_of(scored: ScoredSet, upper: float) -> dict[str, list[Slice]]:
    """Cut a set by publisher, length, year and case; each cut's slices hold every headline once, none is empty."""
    cuts = {
        "Publisher": _by_publisher(scored),
        "Length": _by_length(scored),
        "Year": _by_value(scored.year),
        "Case": iter([("Title Case", scored.title_case), ("other case", ~scored.title_case)]),
    }
    return {
        cut: [_slice(name, scored, rows, upper) for name, rows in masks if rows.any()] for cut, masks in cuts.items()
    }


def worst_mistakes(scored: ScoredSet, upper: float, most: int = 10) -> tuple[list[Mistake], list[Mistake]]:
    """Give the false alarms and the missed headlines of greatest loss, worst first; ties keep the set's order."""
    flagged = scored.probability >= upper
    labelled = scored.truth == 1
    order = np.argsort(-scored.probability, kind="stable")
    alarms = order[(flagged & ~labelled)[order]]
    order = np.argsort(scored.probability, kind="stable")
    missed = order[(~flagged & labelled)[order]]
    return [_mistake(scored, row) for row in alarms[:most]], [_mistake(scored, row) for row in missed[:most]]


def large_publishers(publisher: Strings) -> list[str]:
    """Name the known publishers with enough headlines to be looked at, largest first."""
    names, counts = np.unique(publisher.astype(str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [str(names[row]) for row in order if names[row] and counts[row] >= SMALLEST]


def _by_publisher(scored: ScoredSet) -> Iterator[tuple[str, Mask]]:
    large = large_publishers(scored.publisher)
    for name in large:
        yield name, scored.publisher == name
    unknown = scored.publisher == ""
    rest = ~np.isin(scored.publisher.astype(str), large) & ~unknown
    yield f"({len(set(scored.publisher[rest]))} with fewer than {SMALLEST} each)", rest
    yield UNKNOWN, unknown


def _by_length(scored: ScoredSet) -> Iterator[tuple[str, Mask]]:
    for name, first, stop in LENGTHS:
        below: Mask = np.ones(len(scored), dtype=bool) if stop is None else scored.words < stop
        yield name, (scored.words >= first) & below


def _by_value(values: Strings) -> Iterator[tuple[str, Mask]]:
    for value in sorted(set(values)):
        yield value or UNKNOWN, values == value


def _slice(name: str, scored: ScoredSet, rows: npt.NDArray[np.bool_], upper: float) -> Slice:
    truth, probability = scored.truth[rows], scored.probability[rows]
    auc = float(roc_auc_score(truth, probability)) if 0 < truth.sum() < len(truth) else None
    return Slice(name, len(truth), float(truth.mean()), float((probability >= upper).mean()), auc)


def _mistake(scored: ScoredSet, row: int) -> Mistake:
    truth, probability = int(scored.truth[row]), float(scored.probability[row])
    loss = -np.log(max(probability if truth else 1 - probability, _TINY))
    return Mistake(str(scored.ids[row]), str(scored.publisher[row]) or UNKNOWN, truth, probability, float(loss))
