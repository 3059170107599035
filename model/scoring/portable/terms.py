"""A model's terms for the portable scorer: found by key, with idf and coefficients folded into three numbers each."""

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.judgement import AXES
from model.terms.keys import Keys

Doubles = npt.NDArray[np.float64]
Places = npt.NDArray[np.signedinteger]

# Of keys at once from which buckets beat a binary search over all keys: 28 keys take 2 us with it against 30 us, 20,000
# take 4 ms against 1. Windows of a bucket's width, compared at once, took 2 to 4 times as long as these steps.
_MANY = 500
_STEPS = 32  # in a bucket, before the rest of the keys are looked for by halves


class FoldedTerms:
    """The terms as columns 0 to `width - 2`; the last column is no term's and weighs nothing.

    `values` (width, 3) holds idf * coefficient of each axis, then idf**2: a term that stands once in a headline adds
    them to its block's numerators and squared norm.
    """

    def __init__(self, artefact: Artefact) -> None:
        weights = artefact.weights
        self._keys = np.append(weights["key"], np.uint64(2**64 - 1))
        self._shift = np.uint64(64 - max(1, len(weights).bit_length()))
        self._buckets = _buckets(self._keys[:-1] >> self._shift, 2 ** (64 - int(self._shift)))
        self.width = len(self._keys)
        self.values = np.zeros((self.width, len(AXES) + 1))
        for column, other in enumerate([*AXES, "idf"]):
            np.multiply(weights["idf"], weights[other], out=self.values[:-1, column], dtype=np.float64)

    def find(self, keys: Keys) -> tuple[Places, Places]:
        """Give the places of those of n keys that are terms', in any order, and the columns of the terms."""
        if len(keys) < _MANY:
            columns = self._keys.searchsorted(keys)
            places = (self._keys.take(columns) == keys).nonzero()[0]
            return places, columns.take(places)
        return self._find_many(keys)

    def _find_many(self, keys: Keys) -> tuple[Places, Places]:
        """Begin at the first key of each bucket, and step on while it is less than the one looked for."""
        columns, places, left = self._buckets[keys >> self._shift], np.arange(len(keys)), _STEPS
        found_places, found_columns = [places[:0]], [columns[:0]]
        while len(places):
            if not left:  # somebody chose the keys: a bucket of a model that was trained has two
                columns = np.minimum(self._keys.searchsorted(keys), self.width - 1)
            left -= 1
            reached = self._keys.take(columns)
            found = reached == keys
            found_places.append(places[found])
            found_columns.append(columns[found])
            further = (reached < keys).nonzero()[0]
            places, keys, columns = places.take(further), keys.take(further), columns.take(further) + 1
        return np.concatenate(found_places), np.concatenate(found_columns)


def _buckets(numbers: Keys, count: int) -> npt.NDArray[np.int32]:
    """Give the place of the first key of each bucket, from the keys' buckets in ascending order."""
    sizes = np.bincount(numbers.view(np.int64), minlength=count)
    buckets = np.zeros(count, np.int32)
    np.cumsum(sizes[:-1], out=buckets[1:])
    return buckets
