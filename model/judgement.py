"""The verdict on one headline: its fields, and the one place where probabilities meet thresholds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

from model.errors import HeadlineError

Axis: TypeAlias = Literal["sensational", "clickbait"]
Reason: TypeAlias = Literal["too little text", "other language"]
Label: TypeAlias = Literal["measured", "uncertain", "sensational", "clickbait"]

AXES: tuple[Axis, Axis] = ("sensational", "clickbait")
# Quality is `100 * (1 - .8 * sensational ** .6) * (1 - .8 * clickbait ** .6)`: by least squares on 30,000 out-of-fold
# probabilities, nearest to readers' own `100 * (1 - their mean of one axis) * (1 - of the other)`. A headline that is
# clearly so with probability .2 is slightly so with .7, which the plain product of probabilities would not show.
_WORTH, _POWER = 0.8, 0.6
LABELS: tuple[Label, ...] = ("measured", "uncertain", "sensational", "clickbait")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where an axis turns from measured to uncertain (`lower`) and to flagged (`upper`), as probabilities."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the headline as given, and what it adds to each axis' decision function (log-odds)."""

    start: int
    end: int
    text: str
    sensational: float
    clickbait: float


SPAN_FIELDS = tuple(field.name for field in fields(Span))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: per axis, bias + the spans' weights + rest = the decision function, exactly.

    `rest` holds what belongs to no word: marks of the headline as a whole, such as its length.
    """

    bias: Mapping[Axis, float]
    spans: tuple[Span, ...]
    rest: Mapping[Axis, float]

    def as_dict(self) -> dict[str, Any]:
        """Give the fields as JSON takes them."""
        spans = [
            {
                "start": span.start,
                "end": span.end,
                "text": span.text,
                "sensational": span.sensational,
                "clickbait": span.clickbait,
            }
            for span in self.spans
        ]
        return {"bias": dict(self.bias), "spans": spans, "rest": dict(self.rest)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One headline's verdict, with the same fields wherever Broadsheet answers."""

    headline: str
    label: Label
    quality: int
    sensational: float
    clickbait: float
    flags: tuple[Axis, ...]
    reason: Reason | None = None  # why there is no verdict: of a headline too little is known to the model
    evidence: Evidence | None = None

    def as_fields(self) -> dict[str, Any]:
        """Give the fields by name, `evidence` only where it was asked for, and as it is."""
        values: dict[str, Any] = {  # by hand: asdict copies deeply, which a thousand headlines would notice
            "headline": self.headline,
            "label": self.label,
            "quality": self.quality,
            "sensational": self.sensational,
            "clickbait": self.clickbait,
            "flags": list(self.flags),
            "reason": self.reason,
        }
        if self.evidence is not None:
            values["evidence"] = self.evidence
        return values

    def as_dict(self) -> dict[str, Any]:
        """Give the fields as JSON takes them."""
        evidence = {} if self.evidence is None else {"evidence": self.evidence.as_dict()}
        return {**self.as_fields(), **evidence}


Outcome: TypeAlias = Judgement | HeadlineError  # what one of many headlines comes to


def judge(
    headline: str,
    probabilities: Sequence[float],
    thresholds: Mapping[Axis, Thresholds],
    evidence: Evidence | None = None,
    reason: Reason | None = None,
) -> Judgement:
    """Turn the calibrated probabilities of one headline, in the order of `AXES`, into its verdict.

    With a reason why there can be none it is `uncertain`, whatever the probabilities.
    """
    given = dict(zip(AXES, map(float, probabilities), strict=True))
    excess = {axis: given[axis] - thresholds[axis].upper for axis in AXES}
    reached = () if reason else (a for a in AXES if _reaches(given[a], thresholds[a].upper))
    flags = tuple(sorted(reached, key=lambda a: -excess[a]))
    doubtful = bool(reason) or any(_reaches(given[axis], thresholds[axis].lower) for axis in AXES)
    label: Label = flags[0] if flags else "uncertain" if doubtful else "measured"
    quality = round(100 * math.prod(1 - _WORTH * given[axis] ** _POWER for axis in AXES))
    return Judgement(headline, label, quality, given["sensational"], given["clickbait"], flags, reason, evidence)


def _reaches(probability: float, threshold: float) -> bool:
    return probability >= threshold
