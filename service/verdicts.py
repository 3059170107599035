"""Judges what a request holds and writes the answer; where it explains, some headlines at a time.

The evidence for 1,000 headlines of 250 letters apart is 28 MB of JSON, but 64 MB as objects and 50 more as
dictionaries: what one hundred have is written before the next are judged, from the objects themselves.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import msgspec

from model.errors import HeadlineError
from model.judgement import Judgement, Outcome

EXPLAINED = 100  # headlines at a time, whose evidence is up to 7 MB; fewer save little more

Judge: TypeAlias = Callable[[Sequence[Any]], Sequence[Outcome]]
Complete: TypeAlias = Callable[[int, dict[str, Any]], dict[str, Any]]
_ENCODER = msgspec.json.Encoder()


def written(
    version: str, headlines: Sequence[Any], judge: Judge, complete: Complete, *, explain: bool
) -> tuple[bytes, list[Judgement]]:
    """Give the JSON of the verdicts on `headlines`, in order, and the judgements among them, without evidence.

    `complete` adds to what is said of the headline at a place.
    """
    if not explain:
        outcomes = judge(headlines)
        body = _ENCODER.encode({"model": version, "results": _results(outcomes, complete)})
        return body + b"\n", _good(outcomes)
    text, part = bytearray(), bytearray()
    judged: list[Judgement] = []
    for start in range(0, len(headlines), EXPLAINED):
        outcomes = judge(headlines[start : start + EXPLAINED])
        _ENCODER.encode_into(_results(outcomes, complete, start), part)  # into the same memory each time
        text += memoryview(part)[1:-1]
        text += b","
        judged += [replace(one, evidence=None) for one in _good(outcomes)]
    head = b'{"model":' + _ENCODER.encode(version) + b',"results":['
    return b"".join((head, memoryview(text)[:-1], b"]}\n")), judged


def _results(outcomes: Sequence[Outcome], complete: Complete, start: int = 0) -> list[dict[str, Any]]:
    return [complete(place, _said(outcome)) for place, outcome in enumerate(outcomes, start)]


def _said(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, HeadlineError):
        return {"error": {"code": outcome.code, "detail": str(outcome)}}
    return outcome.as_fields()


def _good(outcomes: Sequence[Outcome]) -> list[Judgement]:
    return [one for one in outcomes if not isinstance(one, HeadlineError)]
