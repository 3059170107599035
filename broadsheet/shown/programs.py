"""Verdicts as programs read them: cells, JSON and CSV; the bodies are those of the HTTP calls."""

import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from model.judgement import Judgement

if TYPE_CHECKING:
    from model.pages import PageHeadline

COLUMNS = ("label", "quality", "sensational", "clickbait")


def as_cells(judgement: Judgement) -> dict[str, Any]:
    """Give the fields that a table of results adds to its rows."""
    cells: dict[str, Any] = {
        "label": judgement.label,
        "quality": judgement.quality,
        "sensational": round(judgement.sensational, 6),
        "clickbait": round(judgement.clickbait, 6),
    }
    if judgement.evidence is not None:
        cells["evidence"] = judgement.as_dict()["evidence"]
    return cells


def score_body(version: str, results: Sequence[Judgement]) -> dict[str, Any]:
    """Give the verdicts on a batch, in order."""
    return {"model": version, "results": [result.as_dict() for result in results]}


def page_body(version: str, found: Sequence["PageHeadline"], results: Sequence[Judgement]) -> dict[str, Any]:
    """Give the verdicts on a page's headlines in reading order, each with where it stands."""
    placed = [{**result.as_dict(), "where": one.where()} for one, result in zip(found, results, strict=True)]
    return {"model": version, "results": placed}


def as_json(body: dict[str, Any]) -> str:
    """Give a body as indented JSON."""
    return json.dumps(body, ensure_ascii=False, indent=2)


def as_csv(judgements: Sequence[Judgement], before: Sequence[dict[str, Any]] = ()) -> str:
    """Give a line a headline: what stands `before`, the headline, and its verdict."""
    from model.tables.writer import csv_writer

    rows = [
        {**(before[number] if before else {}), "headline": one.headline, **_json_cells(as_cells(one))}
        for number, one in enumerate(judgements)
    ]
    out = io.StringIO()
    csv_writer(out, list(rows[0]) if rows else ["headline", *COLUMNS]).writerows(rows)
    return out.getvalue()


def _json_cells(cells: dict[str, Any]) -> dict[str, Any]:
    return {k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for k, v in cells.items()}
