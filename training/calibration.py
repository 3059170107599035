"""From out-of-fold scores to probabilities that mean what they say, and to the thresholds that a verdict needs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve

from model.judgement import Axis, Thresholds
from model.scoring.portable import expit
from training.corpora import Corpus
from training.heads import Sample

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# At 5 % false alarms the clickbait head flags a third of all questions that measured outlets print, at 2 % a sixth: an
# explainer withholds its answer as clickbait does. (Out of fold, training corpora; docs/decisions.md.)
FALSE_ALARMS: Mapping[Axis, float] = {"sensational": 0.05, "clickbait": 0.01}
MISSED = 0.10
RULE = (
    "Calibration headlines: those that people rated, where there are any; else those of outlets of certain label. "
    "upper: the probability of best F1 on them among those that at most "
    f"{FALSE_ALARMS['sensational']:.0%} (sensational) or {FALSE_ALARMS['clickbait']:.0%} (clickbait) of the headlines "
    f"of measured outlets reach; lower: the highest probability that at most {MISSED:.0%} of their positive headlines "
    "stay below, never above upper. All on out-of-fold probabilities; an outlet of n headlines weighs as its root."
)


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Calibrated log-odds = `slope` * score + `intercept` (Platt 1999)."""

    slope: float
    intercept: float

    def log_odds(self, scores: Floats) -> Floats:
        """Map raw scores to calibrated log-odds."""
        return self.slope * scores + self.intercept


@dataclass(frozen=True, slots=True)
class Calibration:
    """The sigmoid and thresholds of a head, and the rows that they were fitted on."""

    sigmoid: Sigmoid
    thresholds: Thresholds
    rows: Rows
    best_f1: float  # the probability of best F1 on these rows
    rating: Sigmoid | None  # from calibrated log-odds to the share of raters, where headlines were rated

    def as_dict(self) -> dict[str, Any]:
        """Give what the manifest keeps."""
        rating = None if self.rating is None else asdict(self.rating)
        return {"sigmoid": asdict(self.sigmoid), "best_f1_threshold": round(self.best_f1, 4), "rating": rating}


def calibrate(corpus: Corpus, scores: Floats, sample: Sample, axis: Axis) -> Calibration:
    """Fit sigmoid and thresholds on n out-of-fold scores of the headlines that the axis is labelled for."""
    rows = _trusted(corpus, sample)
    truth, weight = corpus.target(axis), sample.weight
    sigmoid = fit_sigmoid(scores[rows], truth[rows], weight[rows])
    probability = expit(sigmoid.log_odds(scores))
    measured = np.flatnonzero((corpus.sensational == 0) & (corpus.clickbait == 0) & (corpus.circle != "wider"))
    if not len(measured):
        measured = rows[truth[rows] == 0]
    most = _just_above(_quantile(probability[measured], weight[measured], 1 - FALSE_ALARMS[axis]))
    best = best_f1(probability[rows], truth[rows], weight[rows])
    upper = max(most, best)
    positive = rows[truth[rows] == 1]
    lower = _quantile(probability[positive], weight[positive], MISSED)
    thresholds = Thresholds(min(round(lower, 4), round(upper, 4)), round(upper, 4))
    return Calibration(sigmoid, thresholds, rows, best, _fit_rating(sigmoid.log_odds(scores), sample))


def _fit_rating(log_odds: Floats, sample: Sample) -> Sigmoid | None:
    if not sample.rated.any():
        return None
    return fit_sigmoid(log_odds[sample.rated], sample.target[sample.rated], sample.weight[sample.rated])


def fit_sigmoid(scores: Floats, truth: Floats, weight: Floats) -> Sigmoid:
    """Fit the two numbers on scores from heads that had not seen these headlines; soft truth is welcome."""
    rows = np.concatenate([scores, scores])[:, None]
    labels = np.repeat([1, 0], len(scores))
    pairs = np.concatenate([weight * truth, weight * (1 - truth)])
    found = LogisticRegression(C=1e6, max_iter=1000).fit(rows, labels, pairs)
    return Sigmoid(float(found.coef_[0, 0]), float(found.intercept_[0]))


def best_f1(probability: Floats, truth: Floats, weight: Floats) -> float:
    """Give the threshold of the highest F1."""
    precision, recall, thresholds = precision_recall_curve(truth, probability, sample_weight=weight)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(thresholds[np.argmax(f1[:-1])])


def _trusted(corpus: Corpus, sample: Sample) -> Rows:
    both = {0.0, 1.0}
    for rows in (np.flatnonzero(sample.rated), np.flatnonzero(corpus.circle != "wider")):
        if both <= set((sample.target[rows] > 0.5).astype(float)):
            return rows
    return np.arange(len(corpus))


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """Give the smallest value at or below which at least `share` of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])


def _just_above(probability: float) -> float:
    return probability + 0.00006  # to the next of the four places that thresholds keep
