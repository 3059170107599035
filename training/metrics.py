"""Figures for one axis on one set of headlines, each with a bootstrap interval."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

DRAWS = 200
BASE_RATE = 0.2  # declared, not measured: one headline in five
_ECE_BINS = 15
_AT_ONCE = 1_000_000  # weights: of so many draws' headlines figures are computed together, in some 50 MB


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def as_list(self) -> list[float]:
        """Give value, low and high, to five places."""
        return [round(x, 5) for x in (self.value, self.low, self.high)]

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def measure(
    truth: Floats,
    probability: Floats,
    threshold: float,
    seed: int = 0,
    more: Mapping[str, Callable[[Floats], float]] = MappingProxyType({}),
) -> dict[str, Estimate]:
    """Give every metric for n headlines of 0/1 `truth`, with percentile bootstrap intervals over headlines.

    Efron & Tibshirani, An Introduction to the Bootstrap (1993), section 13.3. Needs both classes.
    `more` names further figures, as functions of the headlines' weights.
    """
    order = np.argsort(probability, kind="stable")  # once, for all draws of all figures
    truth, probability = truth[order], probability[order]
    random = np.random.default_rng(seed)
    ones = np.ones(len(truth))
    draws = [random.multinomial(len(truth), ones / len(truth)).astype(float) for _ in range(DRAWS)]
    draws = [draw for draw in draws if 0 < (draw * truth).sum() < draw.sum()]
    found = _all_metrics(truth, probability, threshold, [ones, *draws])
    figures = {name: partial(_in_order, figure, order) for name, figure in more.items()}
    return {
        **{name: _interval(float(values[0]), values[1:]) for name, values in found.items()},
        **{name: _estimate(figure, ones, draws) for name, figure in figures.items()},
    }


def _all_metrics(truth: Floats, probability: Floats, threshold: float, draws: Sequence[Floats]) -> dict[str, Floats]:
    """Give each metric of each draw; scikit-learn's functions take one draw at a time, thirty times as long."""
    size = max(1, _AT_ONCE // len(truth))
    found: dict[str, list[Floats]] = {name: [] for name in METRICS}
    for begin in range(0, len(draws), size):
        counts = Counts.of(truth, probability, threshold, np.stack(draws[begin : begin + size]))
        for name, metric in METRICS.items():
            found[name].append(metric(counts))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def estimates(figures: Mapping[str, Callable[[Floats], float]], count: int, seed: int = 0) -> dict[str, Estimate]:
    """Give figures of n headlines, functions of their weights, with percentile bootstrap intervals over headlines.

    A figure that is no number, such as a share of nothing, is not given; in a draw, it is left out of the interval.
    """
    random, ones = np.random.default_rng(seed), np.ones(count)
    draws = [random.multinomial(count, ones / count).astype(float) for _ in range(DRAWS)]
    return {name: _estimate(one, ones, draws) for name, one in figures.items() if not np.isnan(one(ones))}


def _in_order(figure: Callable[[Floats], float], order: npt.NDArray[np.int64], weight: Floats) -> float:
    """Give a figure the weights of headlines as they were given, from those of the sorted ones."""
    given = np.empty_like(weight)
    given[order] = weight
    return figure(given)


def _estimate(figure: Callable[[Floats], float], ones: Floats, draws: list[Floats]) -> Estimate:
    return _interval(figure(ones), [figure(draw) for draw in draws])


def _interval(value: float, drawn: Sequence[float] | Floats) -> Estimate:
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


def as_record(estimates: Mapping[str, Estimate]) -> dict[str, list[float]]:
    """Give the estimates as the manifest keeps them: value, low, high, to five places."""
    return {name: estimate.as_list() for name, estimate in estimates.items()}


@dataclass(frozen=True, slots=True)
class Counts:
    """What d weightings of n headlines (draws) come to at r thresholds: runs of equal probabilities, highest first.

    Every array of d rows has weights in it, of which there are `positives` and `negatives` in all.
    """

    probability: Floats  # (r,), falling
    hits: Floats  # (d, r): of the positive headlines of at least this probability
    alarms: Floats  # (d, r): of the negative ones
    flagged: int  # runs at or above the threshold that was chosen
    squares: Floats  # (d,): of squared distances of probability and truth

    @classmethod
    def of(cls, truth: Floats, probability: Floats, threshold: float, weight: Floats) -> "Counts":
        """Count for weights (d, n) of headlines whose probabilities (n,) rise."""
        falling, positive = probability[::-1], truth[::-1]
        ends = np.flatnonzero(np.append(np.diff(falling) != 0, True))
        upwards = weight[:, ::-1]
        hits = np.cumsum(upwards * positive, axis=1)[:, ends]
        alarms = np.cumsum(upwards * (1 - positive), axis=1)[:, ends]
        flagged = int(np.count_nonzero(falling[ends] >= threshold))
        return cls(falling[ends], hits, alarms, flagged, weight @ (probability - truth) ** 2)

    @property
    def positives(self) -> Floats:
        """The weight of all positive headlines, (d,)."""
        return self.hits[:, -1]

    @property
    def negatives(self) -> Floats:
        """The weight of all negative headlines, (d,)."""
        return self.alarms[:, -1]

    @property
    def hit(self) -> Floats:
        """The weight of the positive headlines at or above the threshold, (d,)."""
        return self.hits[:, self.flagged - 1] if self.flagged else np.zeros(len(self.hits))

    @property
    def alarmed(self) -> Floats:
        """The weight of the negative headlines at or above the threshold, (d,)."""
        return self.alarms[:, self.flagged - 1] if self.flagged else np.zeros(len(self.hits))


def expected_calibration_error(truth: Floats, probability: Floats, weight: Floats) -> float:
    """Mean distance of probability and frequency over bins of equal size (Naeini, Cooper & Hauskrecht 2015)."""
    order = np.argsort(probability, kind="stable")
    return float(_ece(Counts.of(truth[order], probability[order], 0, weight[order][np.newaxis]))[0])


def f1_at(truth: Floats, probability: Floats, threshold: float, weight: Floats) -> float:
    """Give F1 at a threshold."""
    flagged = probability >= threshold
    wrong_or_right = weight @ flagged + weight @ truth
    return float(2 * (weight @ (flagged * truth)) / wrong_or_right) if wrong_or_right else 0.0


def _share(part: Floats, whole: Floats) -> Floats:
    """Divide; nothing of nothing is nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole != 0)


def _steps(running: Floats) -> Floats:
    return np.diff(running, axis=1, prepend=0.0)


def _roc_auc(counts: Counts) -> Floats:
    reached = counts.hits - _steps(counts.hits) / 2  # equal probabilities: half of their pairs are the right way round
    area: Floats = np.einsum("dr,dr->d", _steps(counts.alarms), reached)
    return area / (counts.positives * counts.negatives)


def _average_precision(counts: Counts) -> Floats:
    precision = _share(counts.hits, counts.hits + counts.alarms)
    area: Floats = np.einsum("dr,dr->d", _steps(counts.hits), precision)
    return area / counts.positives


def _f1(counts: Counts) -> Floats:
    return _share(2 * counts.hit, counts.hit + counts.alarmed + counts.positives)


def _accuracy(counts: Counts) -> Floats:
    return (counts.hit + counts.negatives - counts.alarmed) / (counts.positives + counts.negatives)


def _precision_at_base_rate(counts: Counts) -> Floats:
    """Precision of flags if one headline in `BASE_RATE` were positive: what a reader of a mixed page meets."""
    hits, alarms = counts.hit / counts.positives, counts.alarmed / counts.negatives
    return hits * BASE_RATE / np.maximum(hits * BASE_RATE + alarms * (1 - BASE_RATE), 1e-12)


def _recall_at(false_alarms: float, counts: Counts) -> Floats:
    """Recall at the lowest threshold that raises no more false alarms than this share of the negative headlines."""
    runs = np.count_nonzero(counts.alarms / counts.negatives[:, np.newaxis] <= false_alarms, axis=1)
    hits = counts.hits[np.arange(len(runs)), np.maximum(runs, 1) - 1]
    return np.where(runs > 0, hits / counts.positives, 0.0)


def _brier(counts: Counts) -> Floats:
    return counts.squares / (counts.positives + counts.negatives)


def _ece(counts: Counts) -> Floats:
    running = counts.hits + counts.alarms
    total = running[:, -1:]
    below = total - running  # what stands before the first of equal probabilities: these share a bin
    bins = np.minimum((below * _ECE_BINS / total).astype(int), _ECE_BINS - 1)
    gaps = _steps(counts.hits) - counts.probability * _steps(running)
    bins += np.arange(len(bins))[:, np.newaxis] * _ECE_BINS
    by_bin = np.bincount(bins.ravel(), gaps.ravel(), len(bins) * _ECE_BINS).reshape(len(bins), _ECE_BINS)
    return np.asarray(np.abs(by_bin).sum(axis=1) / total[:, 0], dtype=np.float64)


METRICS: Mapping[str, Callable[[Counts], Floats]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "f1": _f1,
    "accuracy": _accuracy,
    "precision_at_base_rate_0.2": _precision_at_base_rate,
    "recall_at_1pct_false_alarms": partial(_recall_at, 0.01),
    "recall_at_5pct_false_alarms": partial(_recall_at, 0.05),
    "brier": _brier,
    "expected_calibration_error": _ece,
}
