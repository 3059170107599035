"""From headlines to decision functions, probabilities, judgements and their evidence, with NumPy alone."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.artefact import DEFAULT, Artefact, load
from model.clean import clean
from model.compiled import Compiled, is_available
from model.errors import BroadsheetError
from model.judgement import Evidence, Judgement, judge
from model.keys import keys_of
from model.portable import Portable
from model.terms import tokens_of

SWITCH = "BROADSHEET_PORTABLE"

Doubles = npt.NDArray[np.float64]


class Scorer:
    """Scores with one artefact; threads may share it.

    `portable` chooses NumPy alone; without it, the compiled part scores where it was built and is not switched off.
    """

    def __init__(self, artefact: Artefact, *, portable: bool | None = None) -> None:
        self.artefact = artefact
        compiled = engine_name() == Compiled.name if portable is None else not portable
        self._engine: Compiled | Portable = Compiled(artefact) if compiled else Portable(artefact)

    @classmethod
    def load(cls, folder: Path = DEFAULT) -> "Scorer":
        """Read a model folder; raise `ArtefactError` when it is missing or damaged."""
        return cls(load(folder))

    @property
    def engine(self) -> str:
        """What computes: `compiled` or `portable`."""
        return self._engine.name

    @property
    def version(self) -> str:
        """The artefact's version, derived from its content."""
        return self.artefact.version

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        return self._engine.decision_function(headlines)

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        return self._engine.predict_proba(headlines)

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:
        """Judge each headline, in order; with `explain`, say which words spoke for which axis."""
        evidence: Sequence[Evidence | None]
        if explain:
            probabilities, evidence = self._engine.explain(headlines)
        else:
            probabilities, evidence = self.predict_proba(headlines), [None] * len(headlines)
        thresholds = {axis: head.thresholds for axis, head in self.artefact.heads.items()}
        given = zip(headlines, probabilities.tolist(), evidence, strict=True)
        return [judge(headline, each, thresholds, why) for headline, each, why in given]

    def explain(self, headline: str) -> Evidence:
        """Split a headline's decision functions over its words.

        A term's weight is shared equally among its occurrences, and each occurrence's among the words it stands on.
        """
        return self._engine.explain([headline])[1][0]

    def known_tokens(self, headline: str) -> tuple[int, int]:
        """Give how many of a headline's tokens are terms of the model, and how many it has."""
        tokens = [token for word in clean(headline).split() for token in tokens_of(word)]
        keys = keys_of(tokens)
        return int((self.artefact.find(keys)["key"] == keys).sum()), len(tokens)


def engine_name() -> str:
    """Say what scores in this process, `compiled` or `portable`.

    Raises `BroadsheetError` where BROADSHEET_PORTABLE, which switches the compiled part off, is neither 0 nor 1.
    """
    portable = os.environ.get(SWITCH, "0")
    if portable not in {"", "0", "1"}:
        raise BroadsheetError(f"{SWITCH} must be 0 or 1, got {portable!r}")
    return Compiled.name if is_available() and portable != "1" else Portable.name
