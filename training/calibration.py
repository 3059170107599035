"""From out-of-fold scores to probabilities that mean what they say, and to the thresholds that a verdict needs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from model.judgement import Thresholds

Floats = npt.NDArray[np.float64]

FALSE_ALARMS = 0.05
MISSED = 0.10
RULE = (
    f"upper: the lowest probability that at most {FALSE_ALARMS:.0%} of the negative headlines reach; "
    f"lower: the highest probability that at most {MISSED:.0%} of the positive headlines stay below, and never above "
    "upper; both on out-of-fold probabilities, every outlet weighing the same."
)


@dataclass(frozen=True, slots=True)
class Sigmoid:
    """Calibrated log-odds = `slope` * score + `intercept` (Platt 1999)."""

    slope: float
    intercept: float

    def log_odds(self, scores: Floats) -> Floats:
        """Map raw scores to calibrated log-odds."""
        return self.slope * scores + self.intercept


def fit_sigmoid(scores: Floats, truth: Floats, weight: Floats) -> Sigmoid:
    """Fit the two numbers on scores from heads that had not seen these headlines; soft truth is welcome."""
    rows = np.concatenate([scores, scores])[:, None]
    labels = np.repeat([1, 0], len(scores))
    head = LogisticRegression(C=1e6, max_iter=1000).fit(
        rows, labels, np.concatenate([weight * truth, weight * (1 - truth)])
    )
    return Sigmoid(float(head.coef_[0, 0]), float(head.intercept_[0]))


def choose_thresholds(probability: Floats, truth: Floats, weight: Floats) -> Thresholds:
    """Apply `RULE` to out-of-fold probabilities with 0/1 truth."""
    positive = truth == 1
    upper = weighted_quantile(probability[~positive], weight[~positive], 1 - FALSE_ALARMS)
    lower = weighted_quantile(probability[positive], weight[positive], MISSED)
    upper = round(float(np.nextafter(upper, 1)) + 0.00005, 4)
    return Thresholds(lower=min(round(lower, 4), upper), upper=upper)


def weighted_quantile(values: Floats, weight: Floats, share: float) -> float:
    """Give the smallest value at or below which at least `share` of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(values[order][min(int(np.searchsorted(reached, share)), len(values) - 1)])
