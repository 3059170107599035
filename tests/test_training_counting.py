"""Counting gives what the analyzer gives, headline by headline, in C and in Python alike."""

from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_array

from model.scoring.compiled import cutter, is_available
from model.terms.analyzer import TermSettings
from model.terms.keys import key_of
from training import counting
from training.counting import Terms, count_common
from training.recipe import Recipe

SETTINGS = TermSettings()
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("counting")]  # on processes of their own, started once
LEFT = ["Café\u0301 owner wins again", "Tom &amp; Jerry fans’ fury…", "İzmir votes: ‘We wait’ …"]  # to the reference
needs_kernel = pytest.mark.skipif(not is_available(), reason="needs the compiled scorer: a C compiler at installation")


@pytest.fixture(scope="module")
def many() -> list[str]:
    """Five thousand, more than a chunk for Python's workers, with the awkward ones at both ends of a chunk."""
    made = [f"{n % 40} things the {'mayor' if n % 3 else 'pope'} did in {1900 + n % 120}!" for n in range(5094)]
    return [*LEFT, *made, *LEFT]


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here, joblib does start processes: their chunks are what is tested."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")


Ways = dict[str, tuple[Terms, csr_array]]


def count_both_ways(many: list[str], most: int, monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Count with outlets of 100 headlines, in C where it was built, and in Python."""
    outlets = np.arange(len(many)) // 100
    found = {"compiled": count_common(many, outlets, SETTINGS, 2, most)} if is_available() else {}
    monkeypatch.setattr(counting, "is_available", lambda: False)
    return {**found, "python": count_common(many, outlets, SETTINGS, 2, most)}


def test_counts_are_those_of_the_analyzer(many: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows at both ends of every chunk, repeats counted; the same terms in the same order, however they are counted."""
    ways = count_both_ways(many, 10**6, monkeypatch)
    assert len({tuple(terms) for terms, _ in ways.values()}) == 1
    for terms, counts in ways.values():
        known = set(terms)
        assert list(terms) == sorted(terms, key=key_of)
        for row in (0, 2, 3, 2549, 2550, 5096, 5099):
            expected = Counter(term for term in SETTINGS.analyze(many[row]) if term in known)
            assert expected
            assert {terms[c]: n for c, n in zip(counts[[row]].indices, counts[[row]].data, strict=True)} == expected


def test_a_term_needs_enough_outlets_and_the_most_frequent_stay(
    many: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a plain count of sets."""
    uses: dict[str, set[int]] = {}
    frequency: Counter[str] = Counter()
    for row, headline in enumerate(many):
        for term in set(SETTINGS.analyze(headline)):
            uses.setdefault(term, set()).add(row // 100)
            frequency[term] += 1
    enough = sorted((t for t in uses if len(uses[t]) >= 2), key=lambda term: (-frequency[term], key_of(term)))
    assert len(enough) > 300
    for terms, _ in count_both_ways(many, 300, monkeypatch).values():
        assert set(terms) == set(enough[:300])


@needs_kernel
@pytest.mark.parametrize("many", [["…" * 499 + "a"], ["a " * 250], ["1, " * 160], ["'ab'" * 125]])
def test_the_longest_headlines_fit(many: list[str]) -> None:
    """The bound on a headline's terms holds for whatever grows most."""
    terms, counts = count_common(many, np.zeros(1, np.int64), SETTINGS, 1, 10**6)
    assert dict(zip(terms, counts.toarray()[0], strict=True)) == Counter(SETTINGS.analyze(many[0]))


@needs_kernel
def test_a_tally_refuses_what_it_has_no_room_for() -> None:
    """More outlets than it remembers, a part beyond the last, buffers of another size."""
    from model.scoring import _kernel

    with pytest.raises(ValueError, match="1-3 outlets"):
        _kernel.tally(4, 0, 1)
    with pytest.raises(ValueError, match="a part of all terms"):
        _kernel.tally(3, 4, 4)
    with pytest.raises(ValueError, match="an outlet of 32 bits"):
        _kernel.add_headlines(_kernel.tally(1, 0, 1), cutter(SETTINGS), ["A", "B"], np.zeros(1, np.uint32), 0)


def test_the_recipe_asks_for_no_more_outlets_than_a_tally_remembers() -> None:
    """Else the compiled part could not train."""
    assert 1 <= Recipe().min_outlets <= 3
