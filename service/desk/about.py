"""What the page about the model says, from the manifest of the one that is served; what it lacks is left out."""

from collections.abc import Mapping
from typing import Any

from model.artefact import Artefact
from model.judgement import AXES

_SETS = {
    "out of fold": "Headlines of publishers that it had not seen while learning",
    "ratings_test": "Headlines drawn at random and set aside",
    "publishers_2023": "Other publishers, later years; labelled by who printed them",
    "webis17_test": "Posts that five people each rated",
}
_CORPORA = {
    "ratings_train": "rated one by one, by a written rubric",
    "teacher": "not rated, but marked by an encoder of sentences that learned from those that are",
    "webis17_train": "posts, each rated by five people",
}
_FIGURES = {
    "headlines": "headlines",
    "positives": "of them clearly so",
    "roc_auc": "a clear one is ranked above another",
    "precision_at_base_rate_0.2": "of the flagged, clearly so, were one in five so",
    "expected_calibration_error": "mean distance of a probability from what came true",
    "mean_squared_error_to_raters": "mean squared distance from the readers' mean mark",
}
_VERDICTS = {
    "flagged": "headlines are flagged",
    "at_least_slightly_so_of_flagged": "of the flagged, readers call at least slightly so",
    "clearly_so_of_flagged": "of the flagged, readers call clearly so",
    "flagged_of_clear": "of the clear ones are flagged",
    "flagged_of_plain": "of the plain ones are flagged, wrongly",
    "quality_rank_correlation": "rank correlation of the quality with readers' own",
}


def about(artefact: Artefact) -> dict[str, Any]:
    """Give the page's values."""
    manifest = artefact.manifest
    metrics: Mapping[str, Any] = manifest.get("metrics", {})
    verdicts: Mapping[str, Any] = manifest.get("verdicts", {})
    return {
        "version": artefact.version,
        "created": str(manifest.get("created", ""))[:10],
        "corpora": [
            (one["name"], f"{one['rows']:,}", _CORPORA.get(one["name"], "")) for one in manifest.get("corpora", [])
        ],
        "terms": f"{len(artefact.weights):,}",
        "rule": manifest.get("rule", ""),
        "notes": manifest.get("notes", []),
        "thresholds": {axis: artefact.heads[axis].thresholds for axis in AXES},
        "sets": [_of_set(name, metrics[name]) for name in metrics],
        "verdicts": [(name, _lines(verdicts[name], _VERDICTS)) for name in verdicts],
    }


def _of_set(name: str, by_axis: Mapping[str, Any]) -> dict[str, Any]:
    axes = [axis for axis in AXES if axis in by_axis]
    rows = [(says, [_shown(by_axis[axis].get(figure)) for axis in axes]) for figure, says in _FIGURES.items()]
    return {"name": name, "says": _SETS.get(name, ""), "axes": axes, "rows": [row for row in rows if any(row[1])]}


def _lines(figures: Mapping[str, Any], says: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(words, _shown(figures[name])) for name, words in says.items() if figures.get(name) is not None]


def _shown(figure: Any) -> str:
    """Give a figure with its interval, as it is usual: counts whole, shares with three digits."""
    if figure is None:
        return ""
    if isinstance(figure, list):
        value, low, high = figure
        return f"{value:.3f} ({low:.3f} to {high:.3f})"
    return f"{figure:,}" if isinstance(figure, int) else f"{figure:.3f}"
