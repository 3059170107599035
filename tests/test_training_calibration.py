"""Probabilities mean what they say, and thresholds follow their rule."""

import numpy as np
import pytest

from model.scoring.portable import expit
from training.calibration import FALSE_ALARMS, MISSED, best_f1, calibrate, fit_sigmoid
from training.corpora import Corpus
from training.heads import Sample


def corpus_of(sensational: np.ndarray, clickbait: np.ndarray, circle: str = "core") -> Corpus:
    """Give a corpus of which only labels and circle matter."""
    count = len(sensational)
    blank = np.full(count, "", dtype=object)
    return Corpus(
        text=blank,
        sensational=sensational,
        clickbait=clickbait,
        sensational_mean=np.full(count, np.nan),
        clickbait_mean=np.full(count, np.nan),
        raters=np.ones(count),
        weight=np.ones(count),
        publisher=blank,
        date=blank,
        category=blank,
        circle=np.full(count, circle, dtype=object),
        source=blank,
        spelling=blank,
    )


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    """Scores whose true probability is known: expit(2 * score - 1)."""
    random = np.random.default_rng(5)
    scores = random.normal(0, 1.5, 40_000)
    return scores, (random.random(len(scores)) < expit(2 * scores - 1)).astype(float)


def test_the_sigmoid_finds_the_numbers_that_made_the_labels(scored: tuple[np.ndarray, np.ndarray]) -> None:
    """Within what forty thousand coin flips allow."""
    sigmoid = fit_sigmoid(*scored, np.ones(len(scored[0])))
    assert sigmoid.slope == pytest.approx(2, abs=0.08)
    assert sigmoid.intercept == pytest.approx(-1, abs=0.06)


def test_weights_count_as_repeats() -> None:
    """A headline of weight three is three headlines."""
    scores, truth = np.array([-1.0, 0.0, 1.0, 0.5]), np.array([0.0, 1.0, 1.0, 0.0])
    once = fit_sigmoid(np.repeat(scores, [1, 3, 1, 2]), np.repeat(truth, [1, 3, 1, 2]), np.ones(7))
    weighed = fit_sigmoid(scores, truth, np.array([1.0, 3.0, 1.0, 2.0]))
    assert weighed.slope == pytest.approx(once.slope, rel=1e-3)


def test_thresholds_keep_the_stated_rule(scored: tuple[np.ndarray, np.ndarray]) -> None:
    """At most so many false alarms, at most so many missed, and lower never above upper."""
    scores, truth = scored
    corpus = corpus_of(truth, np.where(truth == 0, 0.0, np.nan))
    weight = np.ones(len(scores))
    sample = Sample(None, truth, weight, *[np.zeros(len(scores), dtype=bool)] * 2)
    found = calibrate(corpus, scores, sample, "sensational")
    probability = expit(found.sigmoid.log_odds(scores))
    assert (probability[truth == 0] >= found.thresholds.upper).mean() <= FALSE_ALARMS["sensational"]
    assert (probability[truth == 0] >= found.thresholds.upper - 0.01).mean() > FALSE_ALARMS["sensational"]
    assert (probability[truth == 1] < found.thresholds.lower).mean() <= MISSED + 0.001
    assert found.thresholds.lower <= found.thresholds.upper


def test_the_best_f1_is_best() -> None:
    """By hand: at 0.6 three of three positives and one false alarm; elsewhere worse."""
    truth, probability = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.2, 0.6, 0.7, 0.8, 0.9])
    assert best_f1(probability, truth, np.ones(6)) == 0.6
