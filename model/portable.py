"""The scorer that needs NumPy alone."""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.clean import check_headline
from model.judgement import AXES
from model.keys import keys_of
from model.terms import BLOCKS, block_of

Doubles = npt.NDArray[np.float64]


class Portable:
    """Scores with one artefact."""

    name = "portable"

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._intercept = np.array([artefact.heads[axis].intercept for axis in AXES])

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        counters = [Counter(self._artefact.settings.analyze(check_headline(headline))) for headline in headlines]
        rows = np.repeat(np.arange(len(headlines)), list(map(len, counters)))
        terms = list(chain.from_iterable(counters))
        counts = np.array(list(chain.from_iterable(counter.values() for counter in counters)), np.float64)
        keys = keys_of(terms)
        found = self._artefact.find(keys)
        known = found["key"] == keys
        rows, found = rows[known], found[known]
        weights = (1 + np.log(counts[known])) * found["idf"]
        blocks = rows * len(BLOCKS) + np.array([block_of(term) for term in terms], np.int64)[known]
        weights /= np.sqrt(np.bincount(blocks, weights * weights, len(headlines) * len(BLOCKS)))[blocks]
        sums = [np.bincount(rows, weights * found[axis], len(headlines)) for axis in AXES]
        scores: Doubles = np.column_stack(sums) + self._intercept
        return scores
