"""What computes: the compiled kernel, or NumPy alone, behind one function."""

import os
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.errors import BroadsheetError
from model.judgement import Evidence
from model.scoring.compiled import Compiled, is_available
from model.scoring.portable import Portable

SWITCH = "BROADSHEET_PORTABLE"

Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.uint16]


class Engine(Protocol):
    """Computes with one artefact; threads may share it. Arrays have shape `(n, 2)`, columns as `AXES`.

    Every method raises `HeadlineError` for a headline that cannot be judged.
    """

    name: str

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds."""

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probabilities."""

    def assess(self, headlines: Sequence[str]) -> tuple[Doubles, Counts]:
        """Give the calibrated probabilities, and of each headline's words three counts, shape `(n, 3)`.

        Words are tokens of letters: those that the model knows (all, if it has no terms of one word), all of them, and
        function words of other languages.
        """

    def explain(self, headlines: Sequence[str]) -> tuple[Doubles, Counts, list[Evidence]]:
        """Give the same, and the evidence for each headline."""


def engine_of(artefact: Artefact, *, portable: bool | None = None) -> Engine:
    """Give what computes with an artefact: NumPy alone if `portable`, what was compiled if not, by default the best.

    Raises `BroadsheetError` as `engine_name` does.
    """
    compiled = engine_name() == Compiled.name if portable is None else not portable
    return Compiled(artefact) if compiled else Portable(artefact)


def engine_name() -> str:
    """Say what scores in this process, `compiled` or `portable`.

    Raises `BroadsheetError` where BROADSHEET_PORTABLE, which switches the compiled part off, is neither 0 nor 1.
    """
    portable = os.environ.get(SWITCH, "0")
    if portable not in {"", "0", "1"}:
        raise BroadsheetError(f"{SWITCH} must be 0 or 1, got {portable!r}")
    return Compiled.name if is_available() and portable != "1" else Portable.name
