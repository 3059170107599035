"""Makes words that have the polynomial, and so the key, of another word: a third of a second each."""

from itertools import count

import numpy as np
import numpy.typing as npt

from model.terms.keys import Keys, polynomials_of, powers

PIECES, LETTERS, CANDIDATES = 8, 5, 2**17
Part = tuple[npt.NDArray[np.uint64], Keys]  # letters of many texts, and what they add to the polynomial


def colliding(word: str, length: int) -> str:
    """Make a word of `length` (at least 40) lower-case letters that has the polynomial of another one.

    Wagner's tree: of eight pieces of five letters, pairs are kept whose sums agree in 16, in 32, and in all 64 bits.
    D. Wagner, A Generalized Birthday Problem, CRYPTO 2002.
    """
    tries = (_search(word, length, np.random.default_rng(seed)) for seed in count())  # one in fifty finds none
    return next(filter(None, tries))


def _search(word: str, length: int, random: np.random.Generator) -> str:
    size = PIECES * LETTERS
    head, power = "a" * (length - size), powers(np.arange(size)[::-1])
    with np.errstate(over="ignore"):  # of scalars; arrays wrap silently
        target = polynomials_of([word])[0] - polynomials_of([head])[0] * powers(np.array([size]))[0]
        parts = []
        for start in range(0, size, LETTERS):
            texts = random.integers(ord("a"), ord("z") + 1, (CANDIDATES, LETTERS), dtype=np.uint64)
            parts.append((texts, (texts * power[start : start + LETTERS]).sum(axis=1, dtype=np.uint64)))
        for bits in (16, 32, 64):
            pairs = list(zip(parts[::2], parts[1::2], strict=True))
            wanted = [np.uint64(0)] * (len(pairs) - 1) + [target]
            parts = [_joined(*pair, total, np.uint64(64 - bits)) for pair, total in zip(pairs, wanted, strict=True)]
    return head + "".join(map(chr, parts[0][0][0].tolist())) if len(parts[0][0]) else ""


def _joined(one: Part, other: Part, target: np.uint64, shift: np.uint64) -> Part:
    wanted, had = (target - one[1]) << shift, other[1] << shift
    order = np.argsort(had)
    first = had[order].searchsorted(wanted)
    found = np.flatnonzero(had[order].take(first, mode="clip") == wanted)
    partner = order[first[found]]
    return np.hstack([one[0][found], other[0][partner]]), one[1][found] + other[1][partner]
