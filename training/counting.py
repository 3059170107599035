"""Counts the terms of many headlines: in C on all cores where the compiled scorer was built, else in Python."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from joblib import Parallel, cpu_count, delayed
from scipy.sparse import csr_array, vstack
from sklearn.feature_extraction.text import CountVectorizer

from model.artefact import RECORD
from model.scoring.compiled import cutter, is_available
from model.terms.analyzer import TermSettings
from model.terms.keys import Keys, keys_of, rows_of

if is_available():
    from model.scoring import _kernel

Rows = npt.NDArray[np.int64]
Terms = npt.NDArray[np.object_]

PARTS = 4  # of all terms, that are tallied one after the other on each core: 100 MB at a time for 240,000 headlines
CHUNK = 10_000  # headlines


def count_common(
    headlines: Sequence[str], outlets: Rows, settings: TermSettings, least: int, most: int
) -> tuple[Terms, csr_array]:
    """Count the terms that at least `least` outlets use, and of these the `most` in most headlines.

    `outlets` numbers who printed each of n headlines. Gives the terms, and their counts, shape (n, terms), in one and
    the same order with and without the compiled part: by key.
    """
    if is_available():
        return _Compiled(list(headlines), outlets, settings).count(least, most)
    return keep_common(*_count_in_python(headlines, settings), outlets, least, most)


def count_known(headlines: Sequence[str], keys: Keys, settings: TermSettings) -> csr_array:
    """Count the terms of k keys, sorted, in n headlines: shape (n, k)."""
    if is_available():
        return _Compiled(list(headlines), np.zeros(len(headlines), np.int64), settings).count_known(keys)
    terms, counts = _count_in_python(headlines, settings)
    found = keys_of(list(terms))
    places = rows_of(keys, found)
    known = np.flatnonzero(keys[places] == found)
    table = csr_array((np.ones(len(known)), (known, places[known])), shape=(len(terms), len(keys)))
    return csr_array(counts @ table)


def keep_common(terms: Terms, counts: csr_array, outlets: Rows, least: int, most: int) -> tuple[Terms, csr_array]:
    """Keep the columns of enough outlets, and of these the most frequent, in the order of their keys."""
    keys = keys_of(list(terms))
    used_by = _outlets_of(counts, outlets)
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    enough = np.flatnonzero(used_by >= least)
    kept = enough[_most_frequent(keys[enough], frequency[enough], most)]
    return terms[kept], csr_array(counts[:, kept])


def _most_frequent(keys: Keys, frequency: npt.NDArray[Any], most: int) -> Rows:
    """Pick the `most` frequent, among equals those of lower keys, in the order of their keys."""
    chosen = np.lexsort((keys, -frequency.astype(np.int64)))[:most]
    return np.asarray(chosen[np.argsort(keys[chosen])])


class _Compiled:
    """Headlines, cut by the kernel; what it leaves alone is cut by the reference."""

    def __init__(self, headlines: list[str], outlets: Rows, settings: TermSettings) -> None:
        self._headlines, self._settings = headlines, settings
        self._outlets = np.ascontiguousarray(outlets, np.uint32)
        self._cutter = cutter(settings)
        starts = range(0, len(headlines), CHUNK)
        self._bounds = [(start, min(start + CHUNK, len(headlines))) for start in starts]

    def count(self, least: int, most: int) -> tuple[Terms, csr_array]:
        """Find the common terms, name them, and count them."""
        parts = _on_all_cores(lambda part: self._tally(least, part), range(PARTS))
        keys = np.concatenate([found for found, _ in parts])
        frequency = np.concatenate([found for _, found in parts])
        kept = _most_frequent(keys, frequency, most)
        table = self._table(keys[kept])
        return self._names(table, keys[kept]), self._counts(table, keys[kept], int(frequency[kept].sum()))

    def count_known(self, keys: Keys) -> csr_array:
        """Count the terms of these keys, a chunk a core at a time."""
        table = self._table(keys)
        chunks = _on_all_cores(lambda bounds: self._chunk(table, keys, *bounds), self._bounds)
        parts = [
            csr_array((counts, rows, np.append(0, ends)), shape=(len(ends), len(keys)), dtype=np.float64)
            for ends, rows, counts in chunks
        ]
        counted = csr_array(vstack(parts))
        counted.sort_indices()
        return counted

    def _tally(self, least: int, part: int) -> tuple[Keys, npt.NDArray[np.uint32]]:
        tally = _kernel.tally(least, part, PARTS)
        for start, stop in self._bounds:
            outlets = self._outlets[start:stop]
            for row in _kernel.add_headlines(tally, self._cutter, self._headlines[start:stop], outlets, start):
                _kernel.add_keys(tally, self._keys(start + row), start + row, int(outlets[row]))
        keys, frequency = _kernel.common(tally)
        return np.frombuffer(keys, np.uint64), np.frombuffer(frequency, np.uint32)

    def _keys(self, row: int) -> Keys:
        return keys_of(self._settings.analyze(self._headlines[row]))

    def _table(self, keys: Keys) -> "_kernel.Table":
        records = np.zeros(len(keys), RECORD)
        records["key"] = keys
        return _kernel.table(self._cutter, records.view(np.uint8), 0.0, 0.0, [])

    def _names(self, table: "_kernel.Table", keys: Keys) -> Terms:
        names: list[str | None] = [None] * len(keys)
        _kernel.name(self._cutter, table, self._headlines, names)
        terms = np.array(names, dtype=object)
        if (terms == None).any():  # noqa: E711  # element by element
            self._name_what_the_kernel_leaves(terms, keys)
        return terms

    def _name_what_the_kernel_leaves(self, terms: Terms, keys: Keys) -> None:
        for headline in self._headlines:
            if _kernel.terms(self._cutter, headline) is None:
                found = self._settings.analyze(headline)
                rows = rows_of(keys, keys_of(found))
                same = keys[rows] == keys_of(found)
                terms[rows[same]] = np.array(found, dtype=object)[same]

    def _counts(self, table: "_kernel.Table", keys: Keys, entries: int) -> csr_array:
        """Fill arrays of the size that the tally foretold, a chunk a core at a time."""
        ends = np.zeros(len(self._headlines) + 1, np.int64)
        rows, counts = np.empty(entries, np.int32), np.empty(entries)
        chunks = _on_all_cores(lambda bounds: self._chunk(table, keys, *bounds), self._bounds)
        for (start, stop), (stops, found, times) in zip(self._bounds, chunks, strict=True):
            ends[start + 1 : stop + 1] = ends[start] + stops
            rows[ends[start] : ends[stop]] = found
            counts[ends[start] : ends[stop]] = times
        counted = csr_array((counts, rows, ends), shape=(len(self._headlines), len(keys)))
        counted.sort_indices()
        return counted

    def _chunk(
        self, table: "_kernel.Table", keys: Keys, start: int, stop: int
    ) -> tuple[Rows, npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        headlines = self._headlines[start:stop]
        room = sum(map(self._most_terms, headlines))
        ends, rows, counts = np.zeros(len(headlines), np.int64), np.empty(room, np.int32), np.empty(room, np.float32)
        left = _kernel.count(self._cutter, table, headlines, ends, rows, counts)
        sizes = np.diff(np.maximum.accumulate(ends), prepend=0)
        used = int(sizes.sum())
        rows, counts = rows[:used], counts[:used]
        for row in left:  # few: an entity, an accent that stands alone
            own, times = np.unique(self._keys(start + row), return_counts=True)
            places = rows_of(keys, own)
            known = keys[places] == own
            at = int(sizes[:row].sum())
            rows = np.insert(rows, at, places[known].astype(np.int32))
            counts = np.insert(counts, at, times[known])
            sizes[row] = int(known.sum())
        return np.cumsum(sizes), rows, counts

    def _most_terms(self, headline: str) -> int:
        """Bound a headline's terms: a word of one letter has two edges, and an entity is fewer than it was.

        An ellipsis is three characters, as what a compatibility character stands for may be; a lower case may be two.
        """
        grows = not headline.isascii() and ("İ" in headline or not unicodedata.is_normalized("NFKC", headline))
        characters = 3 * len(headline) + 2 if grows else len(headline) + 2
        shortest, longest = self._settings.chars
        ngrams = 2 * (longest - shortest + 1) + self._settings.words + self._settings.skeleton
        return characters * (ngrams + 1) + 100


def _on_all_cores(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Work in threads: the kernel lets others run meanwhile."""
    return list(Parallel(n_jobs=-1, prefer="threads", return_as="generator")(delayed(work)(item) for item in items))


def _count_in_python(headlines: Sequence[str], settings: TermSettings) -> tuple[Terms, csr_array]:
    """Count every term, over all cores: the terms, sorted, and counts of shape (n, terms)."""
    jobs = cpu_count() if len(headlines) > 5000 else 1
    bounds = np.linspace(0, len(headlines), jobs + 1).astype(int)
    chunks = [list(headlines[start:stop]) for start, stop in pairwise(bounds)]
    parts = Parallel(n_jobs=jobs)(delayed(_count_chunk)(chunk, settings) for chunk in chunks)
    terms, places = np.unique(np.concatenate([names for names, _ in parts]), return_inverse=True)
    starts = np.cumsum([0, *(len(names) for names, _ in parts)])
    remapped = [
        csr_array((part.data, places[start + part.indices], part.indptr), shape=(part.shape[0], len(terms)))
        for start, (_, part) in zip(starts, parts, strict=False)
    ]
    return terms, csr_array(vstack(remapped))


def _count_chunk(headlines: Sequence[str], settings: TermSettings) -> tuple[Terms, csr_array]:
    counter = CountVectorizer(analyzer=list, dtype=np.float64)
    counts = csr_array(counter.fit_transform(map(settings.analyze, headlines)))
    return np.asarray(counter.get_feature_names_out(), dtype=object), counts


def _outlets_of(counts: csr_array, outlets: Rows) -> Rows:
    """Give how many outlets use each term."""
    number = int(outlets.max()) + 1
    belongs = csr_array((np.ones(len(outlets)), (outlets, np.arange(len(outlets)))), shape=(number, len(outlets)))
    return np.asarray(np.bincount((belongs @ (counts > 0)).tocsr().indices, minlength=counts.shape[1]))
