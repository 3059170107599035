"""Verdicts as programs read them: cells, JSON and CSV."""

import io
import json
from collections.abc import Sequence
from typing import Any

from model.judgement import Judgement

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


def as_json(body: dict[str, Any]) -> str:
    """Give a body as indented JSON."""
    return json.dumps(body, ensure_ascii=False, indent=2)


def as_csv(judgements: Sequence[Judgement], before: Sequence[dict[str, Any]] = ()) -> str:
    """Give a line a headline: what stands `before`, the headline, and its verdict."""
    from model.tables_written import csv_writer

    rows = [
        {**(before[number] if before else {}), "headline": one.headline, **_json_cells(as_cells(one))}
        for number, one in enumerate(judgements)
    ]
    out = io.StringIO()
    csv_writer(out, list(rows[0]) if rows else ["headline", *COLUMNS]).writerows(rows)
    return out.getvalue()


def _json_cells(cells: dict[str, Any]) -> dict[str, Any]:
    return {k: json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for k, v in cells.items()}
