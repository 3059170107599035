"""Terms as 64-bit keys, so that they are looked up as numbers, by NumPy and by C alike.

A key is the polynomial of a term's code points, `h = h * MULTIPLIER + c` modulo 2**64 from 0, with its bits mixed. Two
of m terms share a key with a chance of about m**2 / 2**65: 2e-9 for the default model's. Saving a model refuses such a
pair; a term that is none of the model's is taken for one with a chance of m / 2**64 a look-up.
"""

from collections.abc import Sequence

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
    """Give the polynomials of n terms, shape (n,): `a + b` has `a * powers(len(b)) + b`."""
    points = np.frombuffer("".join(terms).encode("utf-32-le"), np.uint32).astype(np.uint64)
    lengths = np.fromiter(map(len, terms), np.int64, len(terms))
    starts = np.cumsum(lengths) - lengths
    values = np.zeros(len(terms), np.uint64)
    for place in range(int(lengths.max(initial=0))):
        longer = np.flatnonzero(lengths > place)
        values[longer] = values[longer] * np.uint64(MULTIPLIER) + points[starts[longer] + place]
    return values


def powers(longest: int) -> Keys:
    """Give `MULTIPLIER` to the power of 0 to `longest`, modulo 2**64."""
    return np.cumprod(np.array([1] + [MULTIPLIER] * longest, np.uint64), dtype=np.uint64)


def mixed(polynomials: Keys) -> Keys:
    """Mix the bits of polynomials, so that terms alike but for their last character are far apart."""
    values = polynomials ^ (polynomials >> _FIRST_SHIFT)
    values *= _MIXING
    values ^= values >> _LAST_SHIFT
    return values
