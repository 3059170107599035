"""The answers, as the HTTP calls and `--format json` both give them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from model.artefact import Artefact
from model.judgement import Judgement

if TYPE_CHECKING:
    from model.pages import PageHeadline


def score_body(version: str, results: Sequence[Judgement]) -> dict[str, Any]:
    """Give the verdicts on a batch, in order."""
    return {"model": version, "results": [result.as_dict() for result in results]}


def page_body(version: str, found: Sequence["PageHeadline"], results: Sequence[Judgement]) -> dict[str, Any]:
    """Give the verdicts on a page's headlines in reading order, each with where it stands."""
    placed = [{**result.as_dict(), "where": where_of(one)} for one, result in zip(found, results, strict=True)]
    return {"model": version, "results": placed}


def where_of(headline: "PageHeadline") -> dict[str, Any]:
    """Say where on its page a headline stands; what does not apply is null."""
    return {"section": headline.section, "line": headline.line, "selector": headline.selector}


def model_body(artefact: Artefact, scorer: str) -> dict[str, Any]:
    """Give what a caller may want to know of a model: the manifest but for its bookkeeping of files.

    `scorer` is what scores with it here: `compiled` or `portable`.
    """
    summary = {key: value for key, value in artefact.manifest.items() if key not in {"files", "sha256"}}
    return {**summary, "terms_count": len(artefact.weights), "scorer": scorer}
