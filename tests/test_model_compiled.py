"""The compiled scorer does what the reference does."""

import csv
import re
import sys
import threading
import unicodedata
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from html.entities import html5
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.artefact import load
from model.errors import BroadsheetError, HeadlineError
from model.judgement import SPAN_FIELDS, Span
from model.scorer import Scorer
from model.scoring import SWITCH, compiled, engine_name
from model.scoring.compiled import Compiled, classify, cutter, is_available
from model.scoring.portable import Portable
from model.terms.analyzer import TermSettings
from model.terms.cleaning import LONGEST, check_headline
from model.terms.folding import is_rare

if not is_available():
    pytest.skip("needs the compiled scorer: a C compiler where Broadsheet is installed", allow_module_level=True)

from model.scoring import _kernel
from tests.conftest import is_judged

REFERENCE = TermSettings()
# What the rules are about, each often enough to meet the others.
WORDS = "the NASA WAR I you says as Tokyo O'Neill iPhone 1999 2024, 43, (43) 1,000 BBC News bbc.com of co.uk".split()
SIGNS = ["...", "--", " - ", " | ", "''", "\u200b", "\u00ad", "\u0301", "&amp;", "&#39;", "…]", "[...]", "(...)"]
SCRIPTS = "ΣΑΣ İstanbul ǅ ß ﬁ नमस्ते مرحبا שלום 新聞 👩\u200d👩\u200d👧 𝕳".split()
SINGLE = " \t\u2003'\"‘’“”`´-–—|.…?!:;$£€%,()[]&#_*~<=09²①٣Ⅷ"
PIECES = st.sampled_from([*SINGLE, *SIGNS, *WORDS, *SCRIPTS])
HEADLINES = st.lists(PIECES | st.text(max_size=4), min_size=1, max_size=25).map("".join)


@pytest.fixture(scope="module")
def rows(fixtures: Path) -> list[str]:
    """The fixtures' headlines, and those of the pages among the contract's."""
    with (fixtures / "headlines.csv").open(encoding="utf-8", newline="") as lines:
        return [row["text"] for row in csv.DictReader(lines) if 0 < len(row["text"]) <= LONGEST]


@pytest.fixture(scope="module")
def compiled_scorer(scorer: Scorer) -> Compiled:
    """The small model, compiled."""
    return Compiled(scorer.artefact)


def assert_same_terms(headline: str, cut: TermSettings = REFERENCE) -> bool:
    """Compare with the reference; say whether the kernel cut the headline itself."""
    found = _kernel.terms(made(cut), headline)
    assert found is None or Counter(found) == Counter(cut.analyze(headline))
    return found is not None


@lru_cache
def made(cut: TermSettings) -> Any:
    """Make one cutter for each of the settings."""
    return cutter(cut)


def test_the_fixtures_are_cut_as_the_reference_cuts_them(rows: list[str]) -> None:
    """All of them, and by the kernel itself."""
    assert len([h for h in rows if assert_same_terms(h)]) == len(rows)
    assert len(rows) > 500


@settings(max_examples=400, deadline=None)
@given(HEADLINES)
def test_any_text_is_cut_as_the_reference_cuts_it(headline: str) -> None:
    """Or not at all."""
    cut = assert_same_terms(headline)
    assert not cut or is_judged(headline)


@pytest.mark.parametrize("cut", [TermSettings(1, 2, (3, 3)), TermSettings(3, 5, (1, 7)), TermSettings(0, 0, (5, 9))])
def test_other_settings_are_cut_as_the_reference_cuts_them(rows: list[str], cut: TermSettings) -> None:
    """Lengths of n-grams are no constants of the kernel."""
    assert len([h for h in rows[:60] if assert_same_terms(h, cut)]) == 60


def test_a_character_and_its_lower_case_are_what_python_says() -> None:
    """Every code point; none but halves of characters is left to the reference."""
    kinds = (str.isalnum, str.isdecimal, str.isalpha, str.isdigit, str.isspace, str.isupper)
    for page in range(sys.maxunicode // 256 + 1):
        bits, lower = np.frombuffer(classify(page), np.uint32).reshape(256, 2).T
        characters = [*map(chr, range(256 * page, 256 * page + 256))]  # a page at a time: a million take a while
        for bit, kind in zip((1, 2, 4, 8, 16, 32), kinds, strict=True):
            expected = [kind(one) or (bit == 1 and one == "_") for one in characters]
            assert (bits & bit > 0).tolist() == expected, (kind, hex(256 * page))
        lowered = zip(characters, map(chr, lower.tolist()), strict=True)
        assert [one for one, low in lowered if one.lower() != low and one not in "İΣ"] == []
        assert (bits & 16384 > 0).tolist() == [unicodedata.category(one) == "Cs" for one in characters]
        assert (bits & 8192 > 0).tolist() == [is_rare(one) for one in characters]


@pytest.mark.parametrize("pattern", ["Α{}Σ", "{}Σ", "ΑΣ{}", "ΑΣ{}Α", "Σ{}Σ", "{}Σ{}", "'{}Σ."], ids=ascii)
def test_a_final_sigma_is_what_python_says(pattern: str) -> None:
    """Behind and before each character below U+3000 and of the planes of letters, a few to a headline."""
    points = [*range(0x21, 0x3000), *range(0xA000, 0xA100), *range(0xA640, 0xAC00), *range(0x10400, 0x10500), 0x1D7CB]
    words = [pattern.format(*[character] * 2) for character in map(chr, points) if not re.search(r"[\s&]", character)]
    for start in range(0, len(words), 60):
        assert assert_same_terms(" ".join(words[start : start + 60]))


@pytest.mark.parametrize(
    "headline", ["Café\u0301 owner", "ΟΔΟΣ closes", "İzmir votes", "Tom &amp; Jerry", "Tom &amp;amp; Jerry", "İ" * 500]
)
def test_the_kernel_cuts_what_it_once_left_to_the_reference(headline: str) -> None:
    """Composition, the final sigma, a lower case of two characters, entities: a hundred times as dear outside it."""
    assert assert_same_terms(headline)


def test_half_a_character_is_left_to_the_reference() -> None:
    """Which refuses it."""
    assert not assert_same_terms("half \ud800")


def test_every_entity_of_the_list_is_read_as_html_reads_it() -> None:
    """Each name with and without its semicolon, and with more behind it; and numbers of every kind."""
    names = [f"&{name.rstrip(';')}{behind}" for name in html5 for behind in (";", "", "x;", "9z;")]
    edges = [*range(300), *range(0xD7F0, 0xE010), *range(0xFDC0, 0x10010), *range(0x1FFF0, 0x20010), 0x10FFFF, 0x110000]
    numbers = [f"&#{number};" for number in [*edges, 9999999]] + [f"&#x{number:x};" for number in edges]
    odd = "&#; &#x; &#٣; &#6٣5; &#12345678; &#x1234567; &a; &&lt;".split() + [f"&{'a' * count};" for count in (32, 33)]
    written = [*dict.fromkeys(names), *numbers, *odd]
    for start in range(0, len(written), 5):  # a few to a headline, which costs less than one by one
        assert assert_same_terms(" ".join(f"a{one}b &amp;{one[1:]}" for one in written[start : start + 5]))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from([*map(chr, range(0x300, 0x370)), *"aqǟשİΣ\ufb2c\u212b\u1f82가\u0958 "]), max_size=120))
def test_accents_are_composed_as_python_composes_them(pieces: list[str]) -> None:
    """In whatever order they come, and however many."""
    assert assert_same_terms("a" + "".join(pieces))


def test_scores_are_the_portable_ones(scorer: Scorer, compiled_scorer: Compiled, rows: list[str]) -> None:
    """In batches of any size, with headlines that the kernel leaves alone between the others."""
    headlines = [h + (" &amp; İ" if number % 5 == 0 else "") for number, h in enumerate(rows)]
    expected = Portable(scorer.artefact).decision_function(headlines)
    for size in (1, 7, 31, 32, 33, len(headlines)):
        parts = [headlines[start : start + size] for start in range(0, min(len(headlines), 20 * size), size)]
        found = np.vstack([compiled_scorer.decision_function(part) for part in parts])
        np.testing.assert_allclose(found, expected[: len(found)], rtol=0, atol=1e-12)


@settings(max_examples=200, deadline=None)
@given(HEADLINES.filter(is_judged))
def test_any_text_scores_as_it_does_in_the_portable_scorer(headline: str) -> None:
    """With a model that knows common words by heart, and one that knows none."""
    expected = PORTABLE.decision_function([headline])
    for found in (PREPARED, UNPREPARED):
        np.testing.assert_allclose(found.decision_function([headline]), expected, rtol=0, atol=1e-10)


DEFAULT = load()
COUNTS = np.zeros(3, np.uint16)


def _compiled(common: tuple[str, ...]) -> Compiled:
    return Compiled(replace(DEFAULT, common=common))


PREPARED = _compiled(("the", "says", "you", "'", "43,", "1,000", "&amp;", "İstanbul", "two words", "the"))
UNPREPARED = _compiled(())
PORTABLE = Portable(DEFAULT)


@pytest.mark.parametrize("bad", ["", " \u200b", "x" * 501, None, 3, b"bytes", "half \udc00"])
def test_a_bad_headline_is_refused_as_in_the_portable_scorer(compiled_scorer: Compiled, bad: object) -> None:
    """With the same error."""
    with pytest.raises(HeadlineError) as expected:
        check_headline(bad)
    with pytest.raises(HeadlineError) as found:
        compiled_scorer.decision_function(["A fine headline"] * 40 + [bad])  # type: ignore[list-item]
    assert str(found.value) == str(expected.value)


def test_the_longest_headlines_fit(compiled_scorer: Compiled, scorer: Scorer) -> None:
    """Five hundred characters of whatever grows most."""
    shapes = [
        "…" * 499 + "a",
        "a " * 250,
        "1 " * 250,
        "'ab'" * 125,
        "x, 9 " * 100,
        "ab?" * 166,
        "K" * 500,
        "you " * 125,
    ]
    expected = Portable(scorer.artefact).decision_function(shapes)
    np.testing.assert_allclose(compiled_scorer.decision_function(shapes), expected, rtol=0, atol=1e-10)
    assert len([shape for shape in shapes if assert_same_terms(shape)]) == len(shapes)


def test_threads_share_a_scorer(compiled_scorer: Compiled, rows: list[str]) -> None:
    """Eight at a time, batches above and below where other threads get a turn; each gets its own answers."""
    expected = compiled_scorer.decision_function(rows)
    wrong: list[int] = []

    def score(number: int) -> None:
        for start in range(number, len(rows) - 64, 17):
            size = 1 + (start * 7) % 64
            found = compiled_scorer.decision_function(rows[start : start + size])
            if not np.array_equal(found, expected[start : start + size]):
                wrong.append(start)

    threads = [threading.Thread(target=score, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_settings_beyond_the_kernels_room_are_refused() -> None:
    """A typed error, not a crash."""
    with pytest.raises(ValueError, match="at most 16 tokens"):
        cutter(TermSettings(17, 4, (2, 5)))
    for chars in ((5, 2), (0, 2), (2, 17), (2, 2**31 - 1)):
        with pytest.raises(ValueError, match="1-16 characters"):
            cutter(TermSettings(2, 4, chars))


def test_arrays_of_another_shape_are_refused(compiled_scorer: Compiled) -> None:
    """Nothing is written past an end."""
    table = compiled_scorer._table  # the boundary itself is under test
    own = compiled_scorer._cutter
    with pytest.raises(ValueError, match="two doubles and three counts a headline"):
        _kernel.score(own, table, ["A headline"], np.zeros(2), np.zeros(1, np.uint16), False)
    with pytest.raises(ValueError, match="two doubles and three counts a headline"):
        _kernel.score(own, table, ["A headline"], np.zeros(3), COUNTS, False)
    with pytest.raises(ValueError, match="two doubles and three counts a headline"):
        _kernel.explain(own, table, ["A headline"], np.zeros(3), COUNTS, Span, SPAN_FIELDS)
    with pytest.raises(ValueError, match="a class of Python's with five names"):
        _kernel.explain(own, table, ["A headline"], np.zeros(2), COUNTS, Span, ("start",))
    with pytest.raises(ValueError, match="a class of Python's with five names"):
        _kernel.explain(own, table, ["A headline"], np.zeros(2), COUNTS, int, SPAN_FIELDS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="20 bytes each"):
        _kernel.table(own, np.zeros(21, np.uint8), 0.0, 0.0, [])
    with pytest.raises(ValueError, match="incorrect name"):
        _kernel.score(table, own, ["A headline"], np.zeros(2), COUNTS, False)  # type: ignore[arg-type]


def test_the_switch_chooses_the_portable_scorer(small_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BROADSHEET_PORTABLE=1; anything but 0 and 1 is named."""
    monkeypatch.delenv(SWITCH, raising=False)
    assert Scorer.load(small_model).engine == engine_name() == "compiled"
    monkeypatch.setenv(SWITCH, "1")
    assert Scorer.load(small_model).engine == engine_name() == "portable"
    monkeypatch.setenv(SWITCH, "yes")
    with pytest.raises(BroadsheetError, match="must be 0 or 1, got 'yes'"):
        engine_name()


def test_without_the_compiled_part_the_portable_scorer_serves(
    small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where no compiler was."""
    monkeypatch.setattr(compiled, "_kernel", None)
    monkeypatch.delenv(SWITCH, raising=False)
    assert Scorer.load(small_model).engine == "portable"
