"""Figures for one axis on one set of headlines, each with a bootstrap interval."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score, roc_curve

Floats = npt.NDArray[np.float64]
Metric = Callable[[Floats, Floats, float, Floats], float]

DRAWS = 200
BASE_RATE = 0.2  # declared, not measured: one headline in five
_ECE_BINS = 15


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
    order = np.argsort(probability, kind="stable")  # once: each draw of each figure sorts what is sorted
    truth, probability = truth[order], probability[order]
    random = np.random.default_rng(seed)
    ones = np.ones(len(truth))
    draws = [random.multinomial(len(truth), ones / len(truth)).astype(float) for _ in range(DRAWS)]
    draws = [draw for draw in draws if 0 < (draw * truth).sum() < draw.sum()]
    figures: dict[str, Callable[[Floats], float]] = {
        name: partial(metric, truth, probability, threshold) for name, metric in METRICS.items()
    }
    figures |= {name: partial(_in_order, figure, order) for name, figure in more.items()}
    return {name: _estimate(figure, ones, draws) for name, figure in figures.items()}


def _in_order(figure: Callable[[Floats], float], order: npt.NDArray[np.int64], weight: Floats) -> float:
    """Give a figure the weights of headlines as they were given, from those of the sorted ones."""
    given = np.empty_like(weight)
    given[order] = weight
    return figure(given)


def _estimate(figure: Callable[[Floats], float], ones: Floats, draws: list[Floats]) -> Estimate:
    low, high = np.percentile([figure(draw) for draw in draws], [2.5, 97.5])
    return Estimate(figure(ones), float(low), float(high))


def as_record(estimates: Mapping[str, Estimate]) -> dict[str, list[float]]:
    """Give the estimates as the manifest keeps them: value, low, high, to five places."""
    return {name: estimate.as_list() for name, estimate in estimates.items()}


def expected_calibration_error(truth: Floats, probability: Floats, weight: Floats) -> float:
    """Mean distance of probability and frequency over bins of equal size (Naeini, Cooper & Hauskrecht 2015)."""
    order = np.argsort(probability, kind="stable")
    y, p, w = truth[order], probability[order], weight[order]
    position = (np.cumsum(w) - w)[np.searchsorted(p, p)]  # of the first of equal probabilities: these share a bin
    bins = np.minimum((position * _ECE_BINS / w.sum()).astype(int), _ECE_BINS - 1)
    gaps = np.abs(np.bincount(bins, w * (y - p), _ECE_BINS))
    return float(gaps.sum() / w.sum())


def _roc_auc(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
    return float(roc_auc_score(truth, probability, sample_weight=weight))


def _average_precision(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
    return float(average_precision_score(truth, probability, sample_weight=weight))


def _accuracy(truth: Floats, probability: Floats, threshold: float, weight: Floats) -> float:
    return float(np.average((probability >= threshold) == truth, weights=weight))


def _brier(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
    return float(np.average((probability - truth) ** 2, weights=weight))


def _ece(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
    return expected_calibration_error(truth, probability, weight)


def _precision_at_base_rate(truth: Floats, probability: Floats, threshold: float, weight: Floats) -> float:
    """Precision of flags if one headline in `BASE_RATE` were positive: what a reader of a mixed page meets."""
    flagged = probability >= threshold
    hits, alarms = (np.average(flagged[truth == side], weights=weight[truth == side]) for side in (1, 0))
    return float(hits * BASE_RATE / max(hits * BASE_RATE + alarms * (1 - BASE_RATE), 1e-12))


def f1_at(truth: Floats, probability: Floats, threshold: float, weight: Floats) -> float:
    """Give F1 at a threshold."""
    return float(f1_score(truth, probability >= threshold, sample_weight=weight, zero_division=0.0))


def _recall_at(false_alarms: float) -> Metric:
    def recall(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
        fpr, tpr, _ = roc_curve(truth, probability, sample_weight=weight)
        return float(tpr[np.searchsorted(fpr, false_alarms, side="right") - 1])

    return recall


METRICS: Mapping[str, Metric] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "f1": f1_at,
    "accuracy": _accuracy,
    "precision_at_base_rate_0.2": _precision_at_base_rate,
    "recall_at_1pct_false_alarms": _recall_at(0.01),
    "recall_at_5pct_false_alarms": _recall_at(0.05),
    "brier": _brier,
    "expected_calibration_error": _ece,
}
