"""Which axes a candidate learns, and the model that gives the axis that its data has no two classes of.

The other axis is taken with the terms and idf that it was fitted with: it scores as it does in that model, to the bit,
so that its calibration and thresholds hold.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from model.artefact import Artefact, Head
from model.errors import LabelError
from model.judgement import AXES, Axis
from model.terms.keys import keys_of
from training.corpora import Corpus
from training.fit import as_regression
from training.folds import lack, missing_class


@dataclass(frozen=True, slots=True)
class Base:
    """A model that gives one axis."""

    axis: Axis
    artefact: Artefact

    def column(self, name: str, terms: Sequence[str]) -> Any:
        """Give the axis' coefficients, or the idf, of the model's own terms in an order."""
        return self.artefact.find(keys_of(list(terms)))[name]

    @property
    def head(self) -> Head:
        """The axis' intercept and thresholds."""
        return self.artefact.heads[self.axis]

    def regression(self, terms: Sequence[str]) -> LogisticRegression:
        """Give the axis as scikit-learn has it."""
        return as_regression(np.asarray(self.column(self.axis, terms), dtype=np.float64), self.head.intercept)

    @property
    def record(self) -> dict[str, Any]:
        """Say where the axis comes from: of a model that had it from another, from that one."""
        manifest = self.artefact.manifest
        before = manifest.get("base", {})
        if before.get("axis") == self.axis:
            return dict(before)
        return {
            "axis": self.axis,
            "name": str(manifest.get("name", "unknown")),
            "version": self.artefact.version,
            "corpora": [{"name": one["name"], "rows": one["rows"]} for one in manifest.get("corpora", [])],
        }

    @property
    def rule(self) -> str:
        """Say how the axis' thresholds were chosen."""
        manifest = self.artefact.manifest
        return f"{origin(self.record)} Its rule: {manifest.get('rule', 'unknown')}"

    @property
    def calibration(self) -> dict[Axis, Any]:
        """Give what the manifest keeps of the axis' calibration, if the model says so."""
        found = self.artefact.manifest.get("calibration", {})
        return {self.axis: found[self.axis]} if self.axis in found else {}


@dataclass(frozen=True, slots=True)
class Plan:
    """The axes that are learned, and what gives the other one, if there is one."""

    axes: Sequence[Axis]
    base: Base | None
    note: str = ""


def plan(corpus: Corpus, load_base: Callable[[], Artefact] | None) -> Plan:
    """Decide which axes n usable headlines teach; raise `LabelError` where that is none."""
    missing = {axis: why for axis in AXES if (why := missing_class(corpus, axis))}
    if not missing:
        return Plan(AXES, None)
    if len(missing) == len(AXES) or load_base is None:
        raise LabelError("; ".join(missing.values()))
    (axis,) = missing
    base = Base(axis, load_base())
    taken = f"that axis is taken from model {base.record['name']}, version {base.record['version']}"
    return Plan([one for one in AXES if one != axis], base, f"{lack(corpus, axis)}: {taken}")


def origin(record: Mapping[str, Any]) -> str:
    """Say in words where an axis comes from that was not learned."""
    return f"{record['axis']} is that of model {record['name']}, version {record['version']}, as it is there."
