"""Verdicts as programs read them: cells, JSON and CSV; the bodies are those of the HTTP calls."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from model.judgement import Judgement

if TYPE_CHECKING:
    from model.pages import Decoded, PageHeadline

# what a table of results adds to its rows, in order, and what kind of values each column holds
COLUMNS: dict[str, type] = {"label": str, "quality": int, "sensational": float, "clickbait": float, "reason": str}
EVIDENCE: dict[str, type] = {"evidence": str}  # as JSON
ERROR: dict[str, type] = {"error": str}


def as_cells(judgement: Judgement) -> dict[str, Any]:
    """Give the fields that a table of results adds to its rows."""
    cells: dict[str, Any] = {
        "label": judgement.label,
        "quality": judgement.quality,
        "sensational": round(judgement.sensational, 6),
        "clickbait": round(judgement.clickbait, 6),
        "reason": judgement.reason,
    }
    if judgement.evidence is not None:
        cells["evidence"] = judgement.as_dict()["evidence"]
    return cells


def score_body(version: str, results: Sequence[Judgement]) -> dict[str, Any]:
    """Give the verdicts on a batch, in order."""
    return {"model": version, "results": [result.as_dict() for result in results]}


def page_body(
    version: str, found: Sequence["PageHeadline"], results: Sequence[Judgement], opened: "Decoded | None" = None
) -> dict[str, Any]:
    """Give the verdicts on a page's headlines in their order, each with what it is to the page and where it stands.

    Of a file that was `opened`, say in which encoding it was read, and how many characters could not be.
    """
    placed = [{**result.as_dict(), **one.placed()} for one, result in zip(found, results, strict=True)]
    read = {"encoding": opened.encoding, "damage": opened.damage} if opened else {}
    return {"model": version, **read, "results": placed}


def as_json(body: dict[str, Any]) -> str:
    """Give a body as indented JSON."""
    from model.tables.writer import json_text

    return json_text(body, indent=2)


def as_csv(
    judgements: Sequence[Judgement], before: Sequence[dict[str, Any]] = (), *, for_spreadsheet: bool = False
) -> str:
    """Give a line a headline: what stands `before`, the headline, and its verdict."""
    from model.tables.writer import as_shown, csv_writer, flat

    rows = [
        {**(before[number] if before else {}), "headline": one.headline, **flat(as_cells(one))}
        for number, one in enumerate(judgements)
    ]
    if for_spreadsheet:
        rows = [{name: as_shown(value) for name, value in row.items()} for row in rows]
    out = io.StringIO()
    csv_writer(out, list(rows[0]) if rows else ["headline", *COLUMNS])(rows)
    return out.getvalue()
