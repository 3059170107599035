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
    """As the design page defines it."""
    found = judge("h", (sensational, clickbait), THRESHOLDS)
    assert found.quality == round(100 * (1 - sensational) * (1 - clickbait))
    assert 0 <= found.quality <= 100


@given(probability, probability)
def test_a_flagged_headline_is_labelled_by_a_flag_and_an_unflagged_one_is_not(s: float, c: float) -> None:
    """Label and flags never contradict each other."""
    found = judge("h", (s, c), THRESHOLDS)
    assert (found.label in AXES) == bool(found.flags)
    assert not found.flags or found.label == found.flags[0]


def test_fields_are_those_of_the_design_page_in_order() -> None:
    """Evidence is there only where it was asked for."""
    assert list(judge("h", (0.1, 0.2), THRESHOLDS).as_dict()) == [
        *("headline", "label", "quality", "sensational", "clickbait", "flags"),
    ]
