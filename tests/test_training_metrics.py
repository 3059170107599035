"""Figures are right on cases that can be worked out by hand."""

import numpy as np
import pytest

from training.metrics import expected_calibration_error, measure


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
