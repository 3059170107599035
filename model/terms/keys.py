"""Terms as 64-bit keys, so that they are looked up as numbers, by NumPy and by C alike.

A key is the polynomial of a term's code points, `h = h * MULTIPLIER + c` modulo 2**64 from 0, with its bits mixed. Two
of m terms share a key with a chance of about m**2 / 2**65: 2e-9 for the default model's. Saving a model refuses such a
pair; a term that is none of the model's is taken for one with a chance of m / 2**64 a look-up.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

MULTIPLIER = 0x9E3779B97F4A7C15
_MIXER = 0xBF58476D1CE4E5B9
_MASK = 2**64 - 1
_FIRST_SHIFT, _MIXING, _LAST_SHIFT = np.uint64(29), np.uint64(_MIXER), np.uint64(32)


def key_of(term: str) -> int:
    """Give a term's key."""
    value = 0
    for character in term:
        value = (value * MULTIPLIER + ord(character)) & _MASK
    value = ((value ^ value >> 29) * _MIXER) & _MASK
    return value ^ value >> 32


def keys_of(terms: Sequence[str]) -> Keys:
    """Give the keys of n terms, shape (n,)."""
    return mixed(polynomials_of(terms))


def polynomials_of(terms: Sequence[str]) -> Keys:
    """Give the polynomials of n terms, shape (n,): `a + b` has `a`'s times `powers(len(b))`, plus `b`'s."""
    points = np.frombuffer("".join(terms).encode("utf-32-le"), np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    ends = lengths.cumsum()
    points *= powers(ends.repeat(lengths) - np.arange(1, len(points) + 1))
    values = np.zeros(len(terms), np.uint64)
    if len(points):  # an empty term's polynomial is 0, and reduceat knows no empty run
        filled = lengths > 0
        values[filled] = np.add.reduceat(points, (ends - lengths)[filled])
    return values


def powers(exponents: npt.NDArray[np.int64]) -> Keys:
    """Give `MULTIPLIER` to the power of each of some small exponents, modulo 2**64."""
    return _powers(int(exponents.max(initial=0)).bit_length()).take(exponents)


@lru_cache
def _powers(bits: int) -> Keys:
    return np.cumprod(np.array([1] + [MULTIPLIER] * (2**bits - 1), np.uint64), dtype=np.uint64)


def rows_of(ordered: Keys, keys: Keys) -> npt.NDArray[np.intp]:
    """Give the row of each key among ordered ones; where it is not among them, the row of some other."""
    return np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)


def mixed(polynomials: Keys) -> Keys:
    """Mix the bits of polynomials, so that terms alike but for their last character are far apart."""
    values = polynomials ^ (polynomials >> _FIRST_SHIFT)
    values *= _MIXING
    values ^= values >> _LAST_SHIFT
    return values
