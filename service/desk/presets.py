"""A newsroom's settings: how much is marked, each with what its model's manifest says of its precision.

`standard` is the model's own thresholds. `strict` marks what they leave uncertain as well; of the manifest's shares,
the clear ones caught are `1 - measured_of_clear`, out of `flagged * clearly_so_of_flagged / flagged_of_clear` of all.
`lenient` marks an axis from the threshold of best F1 on, whose precision a manifest does not hold, but bounds: a higher
threshold catches no more than a lower one, and of two rules with the same F1 that which catches more is less precise.
A preset without figures is not offered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.artefact import Artefact
from model.judgement import AXES, Axis, Thresholds

STANDARD = "standard"
_SET = "ratings_test"  # held out, drawn at random, rated one by one


@dataclass(frozen=True, slots=True)
class Preset:
    """A name, its thresholds, and what they do in plain words, with the figures that say so."""

    name: str
    thresholds: Mapping[Axis, Thresholds]
    says: str
    precision: float | None  # of what is marked, that readers call clearly so; the least of the axes', for `lenient`


def presets_of(artefact: Artefact) -> tuple[Preset, ...]:
    """Give what a model's figures allow, strictest first; `standard` is always there."""
    own = {axis: head.thresholds for axis, head in artefact.heads.items()}
    manifest = artefact.manifest
    verdicts = {name: _value(figure) for name, figure in manifest.get("verdicts", {}).get(_SET, {}).items()}
    found = (_strict(own, verdicts), _standard(own, verdicts), _lenient(own, manifest))
    return tuple(preset for preset in found if preset)


def _standard(own: Mapping[Axis, Thresholds], verdicts: Mapping[str, float]) -> Preset:
    try:
        clearly, slightly = verdicts["clearly_so_of_flagged"], verdicts["at_least_slightly_so_of_flagged"]
        caught = verdicts["flagged_of_clear"]
    except KeyError:
        return Preset(STANDARD, own, "The model's own thresholds; its manifest has no held-out precision.", None)
    says = (
        f"Of 100 marked, readers call {_percent(clearly)} clearly so and {_percent(slightly)} at least slightly; "
        f"of 100 clear ones, {_percent(caught)} are marked."
    )
    return Preset(STANDARD, own, says, clearly)


def _strict(own: Mapping[Axis, Thresholds], verdicts: Mapping[str, float]) -> Preset | None:
    try:
        clear = verdicts["flagged"] * verdicts["clearly_so_of_flagged"] / verdicts["flagged_of_clear"]
        caught = 1 - verdicts["measured_of_clear"]
        precision = caught * clear / (verdicts["flagged"] + verdicts["uncertain"])
    except (KeyError, ZeroDivisionError):
        return None
    says = (
        f"Marks what is uncertain, too. Of 100 marked, readers call {_percent(precision)} clearly so; "
        f"of 100 clear ones, {_percent(caught)} are marked."
    )
    return Preset("strict", {axis: Thresholds(own[axis].lower, own[axis].lower) for axis in AXES}, says, precision)


def _lenient(own: Mapping[Axis, Thresholds], manifest: Mapping[str, Any]) -> Preset | None:
    thresholds, least = dict[Axis, Thresholds](), dict[Axis, float]()
    for axis in AXES:
        best = manifest.get("calibration", {}).get(axis, {}).get("best_f1_threshold")
        figures = {
            name: _value(figure) for name, figure in manifest.get("metrics", {}).get(_SET, {}).get(axis, {}).items()
        }
        bound = _least_precision(figures, f"f1_at_{best}")
        if best is None or bound is None or best <= own[axis].upper:
            return None
        thresholds[axis], least[axis] = Thresholds(own[axis].lower, best), bound
    says = "Marks only what stands out. " + " ".join(
        f"Of 100 marked {axis}, readers call at least {_percent(least[axis])} clearly so." for axis in AXES
    )
    return Preset("lenient", thresholds, says, min(least.values()))


def _least_precision(figures: Mapping[str, float], best: str) -> float | None:
    """Bound the precision at the threshold of best F1 by the recall at the model's own, lower one.

    With E errors of n headlines, TP = F1 * E / (2 * (1 - F1)); precision = F1 * recall / (2 * recall - F1).
    """
    try:
        errors = (1 - figures["accuracy"]) * figures["headlines"]
        recall = figures["f1"] * errors / (2 * (1 - figures["f1"])) / figures["positives"]
        return figures[best] * recall / (2 * recall - figures[best])
    except (KeyError, ZeroDivisionError):
        return None


def _value(figure: Any) -> float:
    return float(figure[0] if isinstance(figure, list) else figure or 0)


def _percent(share: float) -> int:
    return round(100 * share)
