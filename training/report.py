"""The evaluation report: one page, without network or scripts: how a model does, on what, and where it fails."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.artefact import Artefact
from model.judgement import AXES, Axis, Thresholds
from training.ablation import Ablation
from training.metrics import Estimate
from training.plots.curves import precision_recall, reliability, risk_coverage, roc
from training.plots.picture import Picture
from training.plots.publishers import MOST, publishers
from training.plots.terms import terms
from training.scored import ScoredSet
from training.slices import SMALLEST, Mistake, Slice, slices_of, worst_mistakes
from training.verdicts import MEANING

__all__ = ["ScoredSet", "save_pictures", "write_report"]

_NAMES = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "recall_at_1pct_false_alarms": "Recall at 1 % false alarms",
    "recall_at_5pct_false_alarms": "Recall at 5 % false alarms",
    "brier": "Brier score",
}
_LESS_IS_BETTER = frozenset({"brier", "expected_calibration_error", "mean_squared_error"})


@dataclass(frozen=True, slots=True)
class SetView:
    """A measured set as the page shows it."""

    scored: ScoredSet
    anchor: str
    rows: Sequence[tuple[str, bool, Estimate, Estimate | None]]  # name, whether less is better, model, control
    pictures: Sequence[Picture]
    publishers: Picture | None
    slices: Mapping[str, Sequence[Slice]]
    alarms: Sequence[Mistake]
    missed: Sequence[Mistake]


@dataclass(frozen=True, slots=True)
class AxisView:
    """A head as the page shows it, with the sets that it was measured on."""

    axis: Axis
    thresholds: Thresholds
    terms: Sequence[Picture]
    ablation: Ablation | None  # of the model's training, where its manifest has it
    sets: Sequence[SetView]


def write_report(path: Path, artefact: Artefact, record: Mapping[str, Any], sets: Sequence[ScoredSet]) -> None:
    """Write the report of a model, measured on `sets`, as one HTML file; the same input gives the same bytes.

    `record` is what the manifest says besides the heads: name, created, seed, rule, corpora, each of which a model that
    was made by hand may lack; where it has an ablation, that is shown. No headline is quoted.
    """
    unknown: dict[str, Any] = dict.fromkeys(("name", "created", "seed", "rule"), "unknown")
    record = {**unknown, "corpora": [], "base": None, "notes": [], **record}
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = pages.get_template("report.html.j2").render(
        version=artefact.version,
        record=record,
        axes=_axis_views(artefact, sets, record),
        meaning=MEANING,
        verdicts=_verdict_rows(record.get("verdicts", {})),
        ablation_rule=record.get("ablation", {}).get("rule"),
        smallest=SMALLEST,
        most=MOST,
        number_of_terms=len(artefact.weights),
    )
    path.write_text(page, encoding="utf-8")


def save_pictures(folder: Path, artefact: Artefact, sets: Sequence[ScoredSet]) -> list[Path]:
    """Write the report's pictures into `folder` as SVG files of their own, light; give their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for picture in _all_pictures(_axis_views(artefact, sets, {})):
        paths.append(folder / f"{picture.name}.svg")
        paths[-1].write_text(picture.svg, encoding="utf-8")
    return paths


def readable_metric(name: str) -> str:
    """Name a metric as prose does."""
    return _NAMES.get(name, name.replace("_", " ").capitalize())


def _all_pictures(views: Sequence[AxisView]) -> Iterator[Picture]:
    for view in views:
        yield from view.terms
        for measured in view.sets:
            yield from measured.pictures
            if measured.publishers:
                yield measured.publishers


def _axis_views(artefact: Artefact, sets: Sequence[ScoredSet], record: Mapping[str, Any]) -> list[AxisView]:
    ablations = record.get("ablation", {}).get("axes", {})
    return [_axis_view(artefact, axis, [s for s in sets if s.axis == axis], ablations.get(axis)) for axis in AXES]


def _axis_view(
    artefact: Artefact, axis: Axis, sets: Sequence[ScoredSet], ablation: Mapping[str, Any] | None
) -> AxisView:
    thresholds = artefact.heads[axis].thresholds
    found = [terms(artefact, axis, sign, f"{axis}-terms-{way}") for sign, way in ((1, "towards"), (-1, "away"))]
    return AxisView(
        axis=axis,
        thresholds=thresholds,
        terms=[picture for picture in found if picture],
        ablation=Ablation.from_dict(ablation) if ablation else None,
        sets=[_set_view(scored, thresholds) for scored in sets],
    )


def _set_view(scored: ScoredSet, thresholds: Thresholds) -> SetView:
    anchor = f"{scored.axis}-{_slug(scored.name)}"
    alarms, missed = worst_mistakes(scored, thresholds.upper)
    return SetView(
        scored=scored,
        anchor=anchor,
        rows=_rows(scored),
        pictures=_curves(scored, thresholds.upper, anchor),
        publishers=publishers(scored, thresholds, f"{anchor}-publishers"),
        slices=slices_of(scored, thresholds.upper),
        alarms=alarms,
        missed=missed,
    )


def _rows(scored: ScoredSet) -> list[tuple[str, bool, Estimate, Estimate | None]]:
    return [
        (readable_metric(name), name in _LESS_IS_BETTER, estimate, scored.control.get(name))
        for name, estimate in scored.figures.items()
    ]


def _verdict_rows(by_set: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, list[tuple[str, Estimate]]]:
    return {
        name: [(readable_metric(figure), Estimate(*found)) for figure, found in figures.items() if _is_interval(found)]
        for name, figures in by_set.items()
    }


def _is_interval(found: object) -> bool:
    return isinstance(found, Sequence) and len(found) == 3  # a manifest made by hand may have a bare number


def _curves(scored: ScoredSet, upper: float, anchor: str) -> list[Picture]:
    pictures = [reliability(scored, f"{anchor}-reliability")] if len(scored) else []
    pictures += [risk_coverage(scored, upper, f"{anchor}-risk")] if len(scored) else []
    if scored.has_both_classes:
        pictures += [roc(scored, upper, f"{anchor}-roc"), precision_recall(scored, upper, f"{anchor}-precision-recall")]
    return pictures


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
