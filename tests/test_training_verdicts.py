"""What is said of verdicts in readers' terms, on a handful of headlines counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from model.judgement import Axis, Judgement, Thresholds, judge
from training.corpora import Corpus, as_corpus
from training.readers import Example
from training.verdicts import verdict_figures

THRESHOLDS: dict[Axis, Thresholds] = {"sensational": Thresholds(0.2, 0.5), "clickbait": Thresholds(0.2, 0.5)}
# readers' means, then probabilities: sensational, clickbait
HEADLINES = (
    ((1.0, 0.0), (0.9, 0.1)),  # clear, flagged
    ((0.5, 0.0), (0.1, 0.1)),  # clear, measured
    ((0.0, 0.6667), (0.3, 0.1)),  # clear, uncertain
    ((0.3333, 0.0), (0.6, 0.0)),  # slightly, flagged
    ((0.0, 0.3333), (0.6, 0.1)),  # flagged on the other axis
    ((0.0, 0.0), (0.0, 0.7)),  # plain, flagged
    ((0.0, 0.0), (0.0, 0.1)),  # plain, measured
    ((0.1667, 0.0), (0.0, 0.0)),  # below slightly, measured
)


def corpus() -> Corpus:
    """Give the headlines with their ratings."""
    examples = [
        Example(f"Headline {n}", float(s >= 0.5), float(c >= 0.5), s, c) for n, ((s, c), _) in enumerate(HEADLINES)
    ]
    return as_corpus(examples, ["test"] * len(examples))


def verdicts() -> list[Judgement]:
    """Give the verdicts."""
    return [judge(f"Headline {n}", given, THRESHOLDS) for n, (_, given) in enumerate(HEADLINES)]


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("flagged", 4 / 8),
        ("uncertain", 1 / 8),
        ("at_least_slightly_so_of_flagged", 2 / 4),
        ("clearly_so_of_flagged", 1 / 4),
        ("flagged_of_clear", 1 / 3),
        ("measured_of_clear", 1 / 3),
        ("flagged_of_plain", 1 / 3),
    ],
)
def test_shares_are_those_counted_by_hand(name: str, share: float) -> None:
    """A flag on an axis that readers call plain is no right one, whatever the other axis is."""
    found = verdict_figures(corpus(), verdicts())[name]
    assert found.value == pytest.approx(share)
    assert found.low <= found.value <= found.high


def test_what_has_no_verdict_is_told_and_set_apart() -> None:
    """The clear headline that is neither flagged nor called measured: of the two with a verdict one is flagged."""
    judged = verdicts()
    clear = [n for n, ((s, c), _) in enumerate(HEADLINES) if max(s, c) >= 0.5]
    (unsure,) = (n for n in clear if judged[n].label == "uncertain")
    judged[unsure] = replace(judged[unsure], reason="too little text")
    found = verdict_figures(corpus(), judged)
    assert found["without_verdict"].value == pytest.approx(1 / 8)
    assert found["flagged_of_clear"].value == pytest.approx(1 / 3)
    assert found["flagged_of_clear_with_verdict"].value == pytest.approx(1 / 2)


def test_headlines_that_nobody_rated_count_nowhere() -> None:
    """An outlet's label says nothing of the words."""
    half = replace(corpus(), clickbait_mean=np.where(np.arange(8) < 4, corpus().clickbait_mean, np.nan))
    found = verdict_figures(half, verdicts())
    assert found["flagged"].value == pytest.approx(2 / 4)
    assert "flagged_of_plain" not in found  # none of the four is plain
    none = replace(corpus(), sensational_mean=np.full(8, np.nan))
    assert verdict_figures(none, verdicts()) == {}


def test_quality_in_the_order_of_readers_is_1() -> None:
    """Where each is called as clearly as readers call it."""
    likes = [judge("A", (s * 0.99, c * 0.99), THRESHOLDS) for (s, c), _ in HEADLINES]
    found = verdict_figures(corpus(), likes)["quality_rank_correlation"]
    assert found.value == pytest.approx(1, abs=0.01)
    against = [judge("A", (1 - s, 0.0), THRESHOLDS) for (s, _), _ in HEADLINES]
    assert verdict_figures(corpus(), against)["quality_rank_correlation"].value < 0
