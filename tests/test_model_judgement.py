"""The verdict follows from probabilities and thresholds, in one way only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.judgement import AXES, Axis, Thresholds, judge

THRESHOLDS: dict[Axis, Thresholds] = {"sensational": Thresholds(0.3, 0.6), "clickbait": Thresholds(0.2, 0.7)}
probability = st.floats(0, 1)


@pytest.mark.parametrize(
    ("sensational", "clickbait", "label", "flags"),
    [
        (0.29, 0.19, "measured", ()),
        (0.3, 0.0, "uncertain", ()),
        (0.0, 0.2, "uncertain", ()),
        (0.59, 0.69, "uncertain", ()),
        (0.6, 0.0, "sensational", ("sensational",)),
        (0.0, 0.7, "clickbait", ("clickbait",)),
        (0.7, 0.95, "clickbait", ("clickbait", "sensational")),
        (0.95, 0.75, "sensational", ("sensational", "clickbait")),
    ],
)
def test_label_and_flags_follow_the_thresholds(
    sensational: float, clickbait: float, label: str, flags: tuple[str, ...]
) -> None:
    """At a threshold counts as reaching it; the label is the axis furthest above its upper."""
    found = judge("h", (sensational, clickbait), THRESHOLDS)
    assert (found.label, found.flags) == (label, flags)


@given(probability, probability)
def test_quality_is_a_whole_number_from_0_to_100(sensational: float, clickbait: float) -> None:
    """By the formula of docs/http.md."""
    found = judge("h", (sensational, clickbait), THRESHOLDS)
    assert found.quality == round(100 * (1 - 0.8 * sensational**0.6) * (1 - 0.8 * clickbait**0.6))
    assert 0 <= found.quality <= 100


def test_quality_is_100_for_plain_words_and_falls_with_either_axis() -> None:
    """What is certainly both keeps 4 of 100: readers' marks seldom reach the end of both scales."""
    assert judge("h", (0.0, 0.0), THRESHOLDS).quality == 100
    assert judge("h", (1.0, 0.0), THRESHOLDS).quality == judge("h", (0.0, 1.0), THRESHOLDS).quality == 20
    assert judge("h", (1.0, 1.0), THRESHOLDS).quality == 4
    steps = [judge("h", (n / 10, 0.1), THRESHOLDS).quality for n in range(11)]
    assert steps == sorted(set(steps), reverse=True)


@given(probability, probability)
def test_a_flagged_headline_is_labelled_by_a_flag_and_an_unflagged_one_is_not(s: float, c: float) -> None:
    """Label and flags never contradict each other."""
    found = judge("h", (s, c), THRESHOLDS)
    assert (found.label in AXES) == bool(found.flags)
    assert not found.flags or found.label == found.flags[0]


def test_fields_are_those_of_the_design_page_in_order() -> None:
    """Evidence is there only where it was asked for."""
    assert list(judge("h", (0.1, 0.2), THRESHOLDS).as_dict()) == [
        *("headline", "label", "quality", "sensational", "clickbait", "flags", "reason"),
    ]
