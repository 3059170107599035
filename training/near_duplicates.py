"""Groups headlines that are edits of one another, so that no split puts two of them on both sides.

MinHash signatures over words, banded into locality-sensitive hashes (Broder 1997; Leskovec, Rajaraman & Ullman,
Mining of Massive Datasets, chapter 3); pairs that share a band are kept if their words really overlap.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

Groups = npt.NDArray[np.int64]

BANDS, ROWS = 16, 4  # a pair of Jaccard 0.7 shares a band with probability 0.99, one of 0.3 with 0.12
SIMILAR = 0.7  # share of all words of two headlines that both have
_WORD = re.compile(r"\w+")
_SEED = 20_161


def near_duplicate_groups(headlines: Sequence[str]) -> Groups:
    """Give each of n headlines the number of its group; headlines that are alone have a group of their own."""
    sets = _word_sets(headlines)
    pairs = _candidate_pairs(sets)
    alike = pairs[:, _jaccard(sets, pairs) >= SIMILAR]
    links = coo_array((np.ones(alike.shape[1]), (alike[0], alike[1])), shape=(len(headlines),) * 2)
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def _word_sets(headlines: Sequence[str]) -> csr_array:
    """Row i marks the distinct words of headline i; a headline without words is marked by itself."""
    known: dict[str, int] = {}
    columns: list[int] = []
    ends = [0]
    for number, headline in enumerate(headlines):
        # not a set: its order differs from run to run, and with it the words' numbers, hashes and groups
        words = dict.fromkeys(_WORD.findall(headline.casefold())) or [f"\0{number}"]
        columns += sorted(known.setdefault(word, len(known)) for word in words)
        ends.append(len(columns))
    return csr_array((np.ones(len(columns), np.int32), columns, ends), shape=(len(headlines), len(known)))


def _candidate_pairs(sets: csr_array) -> npt.NDArray[np.int64]:
    """Pair each headline with the next one of its bucket, band by band: enough for connected components."""
    if sets.shape[0] == 0:
        return np.empty((2, 0), np.int64)
    random = np.random.default_rng(_SEED)
    pairs = [_neighbours(_band(sets, random)) for _ in range(BANDS)]
    return np.unique(np.concatenate(pairs, axis=1), axis=1)


def _band(sets: csr_array, random: np.random.Generator) -> npt.NDArray[np.uint64]:
    """Hash ROWS MinHash values of every headline into one bucket number each."""
    bucket = np.zeros(sets.shape[0], np.uint64)
    for _ in range(ROWS):
        rank = random.permutation(sets.shape[1]).astype(np.uint64)
        smallest = np.minimum.reduceat(rank[sets.indices], sets.indptr[:-1])
        bucket = bucket * np.uint64(0x9E3779B97F4A7C15) + smallest
    return bucket


def _neighbours(bucket: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    order = np.argsort(bucket, kind="stable")
    same = bucket[order][1:] == bucket[order][:-1]
    return np.stack([order[:-1][same], order[1:][same]])


def _jaccard(sets: csr_array, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    sizes = np.diff(sets.indptr)
    shared = np.asarray(sets[pairs[0]].multiply(sets[pairs[1]]).sum(axis=1)).ravel()
    return np.asarray(shared / np.maximum(sizes[pairs[0]] + sizes[pairs[1]] - shared, 1), dtype=np.float64)
