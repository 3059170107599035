"""What the desk says of a headline: its verdict by a preset, the phrases that did it, and the verdict without each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from model.errors import HeadlineError
from model.judgement import AXES, Axis, Judgement, Outcome, judge
from model.scorer import Scorer
from service.desk.presets import Preset
from service.desk.reasons import Phrase, left_over, marks_of, phrases_of

WHAT_IFS = 5
PART = 100  # headlines at a time, whose evidence is up to 7 MB; of what is read from it little is kept
_SEAM = re.compile(r"\s{2,}")


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The verdict on a headline without one of its phrases: the model's own, of what is left."""

    phrase: Phrase
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Reading:
    """A verdict with its reasons."""

    judgement: Judgement  # without its evidence, of which what follows is made
    phrases: tuple[Phrase, ...]
    left_over: dict[Axis, float]
    marks: tuple[tuple[int, int, str], ...]  # as `marks_of` gives them
    what_ifs: tuple[WhatIf, ...] = ()

    @property
    def pieces(self) -> list[tuple[str, str]]:
        """The headline in pieces, in order, each with its mark, or none."""
        text, at = self.judgement.headline, 0
        found: list[tuple[str, str]] = []
        for start, end, mark in self.marks:
            found += [(text[at:start], ""), (text[start:end], mark)]
            at = end
        return [*found, (text[at:], "")]

    @property
    def share_quoted(self) -> float:
        """How much of what pushes stands inside quotation marks, 0 to 1: somebody else's words."""
        pushing = [phrase for phrase in self.phrases if phrase.weight > 0]
        return sum(one.weight for one in pushing if one.quoted) / (sum(one.weight for one in pushing) or 1.0)


def readings(scorer: Scorer, headlines: Sequence[str], preset: Preset) -> list[Reading | HeadlineError]:
    """Read headlines, in order; one that cannot be judged is answered by its error."""
    found: list[Reading | HeadlineError] = []
    for start in range(0, len(headlines), PART):
        found += [_reading(one, preset) for one in scorer.judge_each(headlines[start : start + PART], explain=True)]
    return found


def with_what_ifs(scorer: Scorer, reading: Reading, preset: Preset) -> Reading:
    """Add the verdict without each of the strongest phrases; there is none where there is no verdict at all."""
    if reading.judgement.reason:
        return reading
    text = reading.judgement.headline
    pushing = [one for one in reading.phrases if one.weight > 0][:WHAT_IFS]
    rescored = scorer.judge_each([without(text, phrase) for phrase in pushing])
    what_ifs = tuple(
        WhatIf(phrase, by_preset(one, preset))
        for phrase, one in zip(pushing, rescored, strict=True)
        if isinstance(one, Judgement)
    )
    return replace(reading, what_ifs=what_ifs)


def without(headline: str, phrase: Phrase) -> str:
    """Give a headline without a phrase and without the gap that it leaves."""
    return _SEAM.sub(" ", f"{headline[: phrase.start]} {headline[phrase.end :]}").strip()


def by_preset(judgement: Judgement, preset: Preset) -> Judgement:
    """Give the verdict that a preset's thresholds make of the same probabilities."""
    given = [getattr(judgement, axis) for axis in AXES]
    return judge(judgement.headline, given, preset.thresholds, judgement.evidence, judgement.reason)


def _reading(outcome: Outcome, preset: Preset) -> Reading | HeadlineError:
    if isinstance(outcome, HeadlineError):
        return outcome
    if outcome.evidence is None:
        raise ValueError("expected a judgement with its evidence")
    phrases = phrases_of(outcome.headline, outcome.evidence)
    over = {axis: left_over(outcome.evidence, phrases, axis) for axis in AXES}
    judged = by_preset(replace(outcome, evidence=None), preset)
    return Reading(judged, phrases, over, marks_of(outcome.evidence))
