"""Cleaning folds what is typography or feed, and nothing else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import HeadlineError
from model.terms.cleaning import LONGEST, check_headline, clean, clean_aligned


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("‘Lucky’ escape for “Rex”", "'Lucky' escape for \"Rex\""),
        ("It&rsquo;s a draw &amp; a replay", "It's a draw & a replay"),
        ("Twice &amp;rsquo;escaped", "Twice 'escaped"),
        ("Rain — then sun – then rain", "Rain - then sun - then rain"),
        ("  Two\u00a0spaces \t here\n", "Two spaces here"),
        ("Cafe\u0301 opens again", "Café opens again"),
        ("A zero\u200bwidth joke", "A zerowidth joke"),
        ("Council meets to discuss the…", "Council meets to discuss the"),
        ("Council meets to discuss [...]", "Council meets to discuss"),
        ("Wait… there is more", "Wait... there is more"),
        ("Bridge opens after two years - The Harbour Record", "Bridge opens after two years"),
        ("Bridge Opens After Two Years - Southern Quay Times", "Bridge Opens After Two Years"),
        ("Bridge opens after two years | Metro Blaze", "Bridge opens after two years"),
        ("Bridge opens after two years - bridgenews.com", "Bridge opens after two years"),
        ("Minister quits - then comes back", "Minister quits - then comes back"),
        ("House Prices Fall Again - Nationwide", "House Prices Fall Again - Nationwide"),
        ("...", "..."),
    ],
)
def test_cleaning_folds_typography_and_the_leftovers_of_feeds(given_text: str, cleaned: str) -> None:
    """Each rule has its case, and each rule that could take too much has one that it must leave."""
    assert clean(given_text) == cleaned


@given(st.text(max_size=80))
def test_cleaning_with_offsets_gives_the_same_text(text: str) -> None:
    """Evidence and scoring see the same headline, and every offset lies within the original."""
    aligned = clean_aligned(text)
    assert aligned.text == clean(text)
    assert len(aligned.starts) == len(aligned.ends) == len(aligned.text)
    assert all(0 <= start < end <= len(text) for start, end in zip(aligned.starts, aligned.ends, strict=True))
    assert aligned.starts == sorted(aligned.starts)


@given(st.lists(st.integers(0x300, 0x36F).map(chr), min_size=1, max_size=80), st.sampled_from("aqǟשÅ"))
def test_accents_in_any_order_are_composed_as_unicode_composes_them(accents: list[str], letter: str) -> None:
    """Many are put in order first, which composes to the same."""
    text = letter + "".join(accents)
    assert clean(text) == unicodedata.normalize("NFC", text)


@given(st.text(st.sampled_from("ab &;#39amprsquo’“”…—- |T\u200b"), max_size=40))
def test_offsets_point_at_what_a_character_came_from(text: str) -> None:
    """A character that cleaning left alone comes from itself."""
    aligned = clean_aligned(text)
    for character, start, end in zip(aligned.text, aligned.starts, aligned.ends, strict=True):
        assert end - start > 1 or text[start] == character or not text[start].isalnum()


@pytest.mark.parametrize("headline", ["", " ", "\t\n", "\u200b", "\ufeff \u00ad"])
def test_a_headline_without_a_visible_character_is_refused(headline: str) -> None:
    """Blank in every disguise."""
    with pytest.raises(HeadlineError, match="headline must be 1-500 characters"):
        check_headline(headline)


def test_a_headline_is_refused_from_one_character_too_many() -> None:
    """The limit itself is accepted."""
    assert check_headline("a" * LONGEST)
    with pytest.raises(HeadlineError, match="got 501"):
        check_headline("a" * (LONGEST + 1))


@pytest.mark.parametrize("value", [None, 7, 1.5, True, ["a"], {"text": "a"}, b"bytes"])
def test_only_strings_are_headlines(value: object) -> None:
    """The error names the type that came."""
    with pytest.raises(HeadlineError, match=f"must be a string, got {type(value).__name__}"):
        check_headline(value)
