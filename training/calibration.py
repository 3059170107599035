"""From out-of-fold scores to probabilities that mean what they say, and to the thresholds that a verdict needs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_recall_curve

from model.judgement import Axis, Thresholds
from model.scoring.portable import expit
from training.corpora import Corpus, Mask
from training.heads import Sample
from training.labels import CLEARLY, SLIGHTLY

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

# Where readers rated. Shares of headlines that they call so, clearly and at least slightly, among those that were drawn
# at random (the corpora's README). Ratings are gathered where a model is unsure: each class is weighed to its share.
MIX: Mapping[Axis, tuple[float, float]] = {"sensational": (0.05, 0.20), "clickbait": (0.11, 0.25)}
# Of the flagged, at least slightly so; of the clear ones, called measured; by single readings, out of fold. Against
# three readers, on the test set, the default model has .83 and .04 (docs/evaluation.md).
RIGHT, LEFT_BELOW = 0.80, 0.04
# Where outlets' labels are all there is. At 5 % false alarms the clickbait head flags a third of all questions that
# measured outlets print, at 2 % a sixth: an explainer withholds its answer as clickbait does.
FALSE_ALARMS: Mapping[Axis, float] = {"sensational": 0.05, "clickbait": 0.01}
MISSED = 0.10
RULE_OF_READERS = (
    f"Flagged (upper): readers call {RIGHT:.0%} of the headlines from there on at least slightly so. Measured (below "
    f"lower): of the headlines that they call clearly so, at most {LEFT_BELOW:.0%} are left below. A probability is "
    'that of "clearly". All on out-of-fold probabilities, publishers held out, at the mix of headlines drawn at random '
    "from the default model's corpora: "
    + ", ".join(
        f"{axis} {clear:.0%} clearly, {touched:.0%} at least slightly" for axis, (clear, touched) in MIX.items()
    )
    + "."
)
RULE_OF_LABELS = (
    "No headline was rated by readers on both axes, so labels decide. Calibration headlines: those that people rated, "
    "where there are any; else those of outlets of certain label. upper: the probability of best F1 on them among "
    f"those that at most {FALSE_ALARMS['sensational']:.0%} (sensational) or {FALSE_ALARMS['clickbait']:.0%} "
    "(clickbait) of the headlines of measured outlets reach; lower: the highest probability that at most "
    f"{MISSED:.0%} of their positive headlines stay below, never above upper. All on out-of-fold probabilities; an "
    "outlet of n headlines weighs as its root."
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
    base_rate: float  # the share of the positive where headlines are drawn at random, or on these rows
    rows: Rows
    best_f1: float  # the probability of best F1 on these rows
    rating: Sigmoid | None  # from calibrated log-odds to the mean of ratings, where headlines were rated
    rule: str  # in words
    aside: "Aside | None" = None

    @property
    def note(self) -> str:
        """Say so where the rule could not be kept by any threshold below 1."""
        if self.thresholds.upper < 1:
            return ""
        return "hardly anything will be flagged: no upper threshold below 1 keeps the rule that chooses it"

    def as_dict(self) -> dict[str, Any]:
        """Give what the manifest keeps."""
        kept = {"sigmoid": asdict(self.sigmoid), **_numbers(self.best_f1, self.rating)}
        return kept | ({"aside": _numbers(self.aside.best_f1, self.aside.rating)} if self.aside else {})


@dataclass(frozen=True, slots=True)
class Aside:
    """The same two for what readers rated as something else, such as posts: out of fold as well."""

    best_f1: float
    rating: Sigmoid


def _numbers(best_f1: float, rating: Sigmoid | None) -> dict[str, Any]:
    return {"best_f1_threshold": round(best_f1, 4), "rating": None if rating is None else asdict(rating)}


def calibrate(corpus: Corpus, scores: Floats, sample: Sample, axis: Axis) -> Calibration:
    """Fit sigmoid and thresholds on n out-of-fold scores of the headlines that the axis is labelled for."""
    read = sample.rated & corpus.read
    truth = corpus.target(axis)
    if {0.0, 1.0} <= set(truth[read & (sample.weight > 0)]):
        found = _by_readers(corpus[read], scores[read], np.flatnonzero(read), axis)
        return replace(found, aside=_aside(corpus, found.sigmoid.log_odds(scores), sample, axis))
    return _by_labels(corpus, scores, sample, axis)


def _by_readers(corpus: Corpus, scores: Floats, rows: Rows, axis: Axis) -> Calibration:
    mean = corpus.mean(axis)
    weight, clear, touched = mixed(mean, corpus.weight, axis), mean >= CLEARLY, mean >= SLIGHTLY
    sigmoid = fit_sigmoid(scores, clear.astype(float), weight)
    log_odds = sigmoid.log_odds(scores)
    probability = expit(log_odds)
    upper = _least_of_precision(probability, touched, weight, RIGHT)
    lower = _quantile(probability[clear], weight[clear], LEFT_BELOW)
    thresholds = Thresholds(min(round(lower, 4), round(upper, 4)), round(upper, 4))
    best = best_f1(probability, clear.astype(float), weight)
    rating, base_rate = fit_sigmoid(log_odds, mean, weight), MIX[axis][0]
    return Calibration(sigmoid, thresholds, base_rate, rows, best, rating, RULE_OF_READERS)


def _aside(corpus: Corpus, log_odds: Floats, sample: Sample, axis: Axis) -> Aside | None:
    truth, weight, mean = (values[sample.aside] for values in (corpus.target(axis), corpus.weight, corpus.mean(axis)))
    if not {0.0, 1.0} <= set(truth[weight > 0]):
        return None
    own = log_odds[sample.aside]
    return Aside(best_f1(expit(own), truth, weight), fit_sigmoid(own, mean, weight))


def mixed(mean: Floats, weight: Floats, axis: Axis) -> Floats:
    """Weigh n rated headlines so that those called clearly, only slightly, and neither have their shares in `MIX`."""
    clear, touched = MIX[axis]
    kinds = (mean >= CLEARLY).astype(int) + (mean >= SLIGHTLY)
    held = np.bincount(kinds, weight, 3)
    wanted = np.array([1 - touched, touched - clear, clear])
    return np.asarray(weight * (wanted / np.maximum(held, 1e-12))[kinds] * weight.sum(), dtype=np.float64)


def _least_of_precision(probability: Floats, right: Mask, weight: Floats, share: float) -> float:
    """Give the lowest probability from which on at least `share` of the weight is right; 1 where there is none."""
    order = np.argsort(-probability, kind="stable")
    found = np.cumsum((weight * right)[order]) / np.maximum(np.cumsum(weight[order]), 1e-12)
    last = np.append(np.diff(probability[order]) < 0, True)  # equal probabilities are flagged together
    enough = np.flatnonzero((found >= share) & last)
    return float(probability[order][enough[-1]]) if len(enough) else 1.0


def _by_labels(corpus: Corpus, scores: Floats, sample: Sample, axis: Axis) -> Calibration:
    rows = _trusted(corpus, sample)
    truth, weight = corpus.target(axis), sample.weight
    sigmoid = fit_sigmoid(scores[rows], truth[rows], weight[rows])
    probability = expit(sigmoid.log_odds(scores))
    core = (corpus.sensational == 0) & (corpus.clickbait == 0) & (corpus.circle != "wider")
    measured = np.flatnonzero(core & (weight > 0))
    if not len(measured):
        measured = rows[truth[rows] == 0]
    most = _just_above(_quantile(probability[measured], weight[measured], 1 - FALSE_ALARMS[axis]))
    best = best_f1(probability[rows], truth[rows], weight[rows])
    upper = min(max(most, best), 1.0)
    positive = rows[truth[rows] == 1]
    lower = _quantile(probability[positive], weight[positive], MISSED)
    thresholds = Thresholds(min(round(lower, 4), round(upper, 4)), round(upper, 4))
    rating = _fit_rating(sigmoid.log_odds(scores), sample)
    base_rate = float(np.average(truth[rows], weights=weight[rows]))
    return Calibration(sigmoid, thresholds, base_rate, rows, best, rating, RULE_OF_LABELS)


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
    both, counts = {0.0, 1.0}, sample.weight > 0
    for rows in (np.flatnonzero(sample.rated & counts), np.flatnonzero((corpus.circle != "wider") & counts)):
        if both <= set((sample.target[rows] > 0.5).astype(float)):
            return rows
    return np.flatnonzero(counts)


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """Give the smallest value at or below which at least `share` of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])


def _just_above(probability: float) -> float:
    return probability + 0.00006  # to the next of the four places that thresholds keep
