"""Figures are right on cases that can be worked out by hand, and scikit-learn's on any others."""

from collections.abc import Callable, Mapping
from random import Random

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, roc_auc_score, roc_curve

from training.metrics import METRICS, Counts, as_record, expected_calibration_error, f1_at, measure

Floats = npt.NDArray[np.float64]
Drawn = tuple[Floats, Floats, float, Floats]


def _recall_at(false_alarms: float) -> Callable[..., float]:
    def recall(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
        # all points: among those that scikit-learn may drop for being on a line can be the one that is looked for
        fpr, tpr, _ = roc_curve(truth, probability, sample_weight=weight, drop_intermediate=False)
        return float(tpr[fpr <= false_alarms][-1])

    return recall


def _precision_at_base_rate(truth: Floats, probability: Floats, threshold: float, weight: Floats) -> float:
    hits, alarms = (
        np.average((probability >= threshold)[truth == side], weights=weight[truth == side]) for side in (1, 0)
    )
    return float(hits * 0.2 / (hits * 0.2 + alarms * 0.8)) if hits else 0.0


def _calibration_error(truth: Floats, probability: Floats, _threshold: float, weight: Floats) -> float:
    """Fifteen bins of equal weight, in which equal probabilities stay together: where the first of them falls."""
    gaps, below = np.zeros(15), 0.0
    for value in np.unique(probability):
        here = probability == value
        gaps[min(int(below * 15 / weight.sum()), 14)] += (weight * (truth - probability))[here].sum()
        below += weight[here].sum()
    return float(np.abs(gaps).sum() / weight.sum())


EXPECTED: Mapping[str, Callable[..., float]] = {  # one draw at a time
    "roc_auc": lambda truth, probability, _, weight: roc_auc_score(truth, probability, sample_weight=weight),
    "average_precision": lambda y, p, _, weight: average_precision_score(y, p, sample_weight=weight),
    "f1": lambda y, p, at, weight: f1_score(y, p >= at, sample_weight=weight, zero_division=0.0),
    "accuracy": lambda y, p, at, weight: accuracy_score(y, p >= at, sample_weight=weight),
    "precision_at_base_rate_0.2": _precision_at_base_rate,
    "recall_at_1pct_false_alarms": _recall_at(0.01),
    "recall_at_5pct_false_alarms": _recall_at(0.05),
    "brier": lambda truth, probability, _, weight: np.average((truth - probability) ** 2, weights=weight),
    "expected_calibration_error": _calibration_error,
}


@st.composite
def _drawn(draw: st.DrawFn) -> Drawn:
    """Headlines of both classes, some of one probability, and the weights that three draws give them."""
    count, random = draw(st.integers(2, 60)), np.random.default_rng(draw(st.integers(0, 2**32)))
    probability = np.sort(np.round(random.random(count), draw(st.sampled_from([0, 1, 2, 9]))))
    truth = (random.random(count) < draw(st.sampled_from([0.1, 0.5, 0.9]))).astype(float)
    one, other = random.permutation(count)[:2]
    truth[one], truth[other] = 1, 0
    weight = random.multinomial(count, np.ones(count) / count, 3).astype(float)
    weight[:, [one, other]] += 1
    threshold = draw(st.sampled_from([0.0, 0.5, 1.0, 1.5, float(probability[one])]))
    # binary fractions, whose sums are exact in any order: no headline stands on both sides of a bin's edge
    return truth, probability, threshold, weight * draw(st.sampled_from([1.0, 0.125]))


@given(_drawn(), st.integers(0, 2))
def test_figures_of_each_of_several_draws_are_scikit_learns(drawn: Drawn, row: int) -> None:
    """With weights and ties; where it has no such figure, they are those of a loop over the definition."""
    truth, probability, threshold, weight = drawn
    counts = Counts.of(truth, probability, threshold, weight)
    assert list(METRICS) == list(EXPECTED)
    with config_context(skip_parameter_validation=True, assume_finite=True):
        expected = {name: figure(truth, probability, threshold, weight[row]) for name, figure in EXPECTED.items()}
    assert {name: metric(counts)[row] for name, metric in METRICS.items()} == pytest.approx(expected, abs=1e-12)


@given(_drawn(), st.randoms(use_true_random=False))
def test_a_figure_of_one_weighting_does_not_hang_on_the_order_of_headlines(drawn: Drawn, random: Random) -> None:
    """What other modules ask for by itself is what the table has."""
    truth, probability, threshold, weight = drawn
    rows = random.sample(range(len(truth)), len(truth))
    found = f1_at(truth[rows], probability[rows], threshold, weight[0, rows])
    assert found == pytest.approx(EXPECTED["f1"](truth, probability, threshold, weight[0]), abs=1e-12)
    error = expected_calibration_error(truth[rows], probability[rows], weight[0, rows])
    assert error == pytest.approx(_calibration_error(truth, probability, threshold, weight[0]), abs=1e-12)


def test_figures_do_not_hang_on_how_many_draws_are_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks bound the memory, and are nothing else."""
    random = np.random.default_rng(5)
    probability = np.round(random.random(50), 1)
    truth = (random.random(50) < probability).astype(float)
    whole = measure(truth, probability, 0.5)
    for at_once in (1, 50, 7 * 50 + 3):
        monkeypatch.setattr("training.metrics._AT_ONCE", at_once)
        assert as_record(measure(truth, probability, 0.5)) == as_record(whole)


def test_further_figures_have_the_weights_of_headlines_as_they_were_given() -> None:
    """A figure that `more` names agrees with the same one of the table, interval and all."""
    random = np.random.default_rng(6)
    probability = random.random(80)
    truth = (random.random(80) < probability).astype(float)
    more = {"again": lambda weight: float(np.average((truth - probability) ** 2, weights=weight))}
    found = measure(truth, probability, 0.5, more=more)
    assert found["again"].as_list() == found["brier"].as_list()


def test_a_perfect_ranking_has_perfect_figures() -> None:
    """Every positive above every negative, the threshold between them."""
    truth = np.repeat([0.0, 1.0], 50)
    found = measure(truth, np.linspace(0.01, 0.99, 100), 0.5)
    for name in ("roc_auc", "average_precision", "f1", "accuracy", "recall_at_1pct_false_alarms"):
        assert found[name].value == pytest.approx(1.0), name
        assert found[name].low == pytest.approx(1.0), name


def test_figures_by_hand() -> None:
    """Four headlines: one of the four pairs is the wrong way round, one flag of two is right."""
    truth, probability = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.7, 0.6, 0.9])
    found = measure(truth, probability, 0.65)
    assert found["roc_auc"].value == pytest.approx(3 / 4)
    assert found["f1"].value == pytest.approx(0.5)
    assert found["accuracy"].value == pytest.approx(0.5)
    assert found["brier"].value == pytest.approx((0.01 + 0.49 + 0.16 + 0.01) / 4)
    assert found["recall_at_5pct_false_alarms"].value == pytest.approx(0.5)
    assert found["average_precision"].value == pytest.approx((1 / 1 + 2 / 3) / 2)


def test_intervals_hold_the_value_and_shrink_with_more_headlines() -> None:
    """A bootstrap that did neither would be no interval."""
    random = np.random.default_rng(3)

    def width(count: int) -> float:
        probability = random.random(count)
        found = measure((random.random(count) < probability).astype(float), probability, 0.5)["roc_auc"]
        assert found.low <= found.value <= found.high
        return found.high - found.low

    assert width(4000) < 0.5 * width(200)


def test_calibration_error_is_the_distance_between_what_is_said_and_what_is() -> None:
    """Saying 0.8 where 0.5 is true is an error of 0.3; saying 0.5 is none."""
    truth, ones = np.tile([0.0, 1.0], 150), np.ones(300)
    assert expected_calibration_error(truth, np.full(300, 0.8), ones) == pytest.approx(0.3)
    assert expected_calibration_error(truth, np.full(300, 0.5), ones) == pytest.approx(0.0)
    assert expected_calibration_error(np.sort(truth), np.full(300, 0.5), ones) == pytest.approx(0.0)


def test_the_same_seed_gives_the_same_intervals() -> None:
    """Figures in a card can be made again."""
    truth, probability = np.tile([0.0, 1.0], 30), np.random.default_rng(0).random(60)
    assert measure(truth, probability, 0.5) == measure(truth, probability, 0.5)
