"""The analyzer cuts what its module says, and each term stands where it says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.terms.analyzer import BLOCKS, TermSettings, block_of
from model.terms.cleaning import clean

SETTINGS = TermSettings()


def terms_of(headline: str, block: str) -> list[str]:
    """Give one block's terms of a headline."""
    return [term for term in SETTINGS.analyze(headline) if BLOCKS[block_of(term)] == block]


def test_words_are_ngrams_of_tokens() -> None:
    """Derived by hand from the rules: apostrophes go, a number is its length."""
    assert terms_of("Zoo's 12 otters are back", "words") == [
        *("zoos", "00", "otters", "are", "back"),
        *("zoos 00", "00 otters", "otters are", "are back"),
    ]


def test_the_skeleton_keeps_words_of_style_and_one_star_for_each_run_of_others() -> None:
    """By hand: n-grams of two to four of `| * 00 * are back |`."""
    assert terms_of("The zoo's keepers", "skeleton") == [
        "=| the",
        "=the *",
        "=* |",
        "=| the *",
        "=the * |",
        "=| the * |",
    ]
    assert {"=| *", "=* 00", "=00 * are back", "=* are back |"} <= set(terms_of("Zoo's 12 otters are back", "skeleton"))


def test_a_year_is_a_year_and_a_large_number_is_large() -> None:
    """Numbers say how many digits they have, not which."""
    assert terms_of("7 2024 1,500 3.5", "words")[:4] == ["0", "0000", "000", "00"]


def test_character_ngrams_stay_within_a_word() -> None:
    """By hand: all runs of two to five characters of `_ab_` and `_c_`."""
    assert terms_of("Ab c", "chars") == ["~_a", "~ab", "~b_", "~_ab", "~ab_", "~_ab_", "~_c", "~c_", "~_c_"]


@pytest.mark.parametrize(
    ("headline", "mark"),
    [
        ("Family stranded in the WRONG town", "<shout 1>"),
        ("It is NOT the end, it is NEVER the end", "<shout 2>"),
        ("Why did it happen?", "<question>"),
        ("Why did it happen?", "<end ?>"),
        ("What a day!", "<exclamation>"),
        ("They looked up… and ran", "<ellipsis>"),
        ("Flood: what we know", "<colon at 0>"),
        ("Minister 'furious' over leak", "<quote 1>"),
        ("'We were lucky' says survivor", "<quote first>"),
        ("Widow, 71, wins appeal", "<age>"),
        ("9 ways to cook rice", "<number first>"),
        ("You need to see this", "<you>"),
        ("Fare rises by £3", "<money>"),
        ("Rain falls as winds rise while trains stop", "<links 2>"),
    ],
)
def test_a_headline_carries_the_mark_of_its_style(headline: str, mark: str) -> None:
    """Each mark has a headline that a person would give it to."""
    assert mark in terms_of(headline, "style")


@pytest.mark.parametrize(
    "headline", ["NHS and NATO meet", "MINISTER RESIGNS AFTER VOTE", "The BBC interviews UK PM", "A 5G plan"]
)
def test_acronyms_and_whole_headlines_in_capitals_are_not_shouting(headline: str) -> None:
    """Capitals that are a name or the paper's house style say nothing."""
    assert not [term for term in terms_of(headline, "style") if term.startswith("<shout")]


def test_title_case_does_not_count_as_names() -> None:
    """The case of the feed must not tell the class; a sentence-case headline says how many names it holds."""
    assert not [t for t in terms_of("Ten Ways To Make Better Coffee At Home", "form") if t.startswith("#names")]
    assert "#names 2" in terms_of("Storm hits the coast near Porto and Lisbon", "form")


@given(st.text(max_size=120))
def test_any_text_is_cut_into_terms_that_stand_on_its_words(text: str) -> None:
    """Terms have no white space of their own at the edges, belong to a block, and point at real words."""
    cleaned = clean(text)
    words = len(cleaned.split())
    for term, first, stop in SETTINGS.located(cleaned):
        assert term == term.strip()
        assert "\n" not in term
        assert block_of(term) in range(len(BLOCKS))
        assert (first, stop) == (0, 0) or 0 <= first < stop <= words


@given(st.text(max_size=60).filter(lambda text: "--" not in text))  # a dash only between white space
def test_white_space_around_a_headline_changes_no_term(text: str) -> None:
    """Invariance that a reader would expect."""
    assert SETTINGS.analyze(f" {text}\n ") == SETTINGS.analyze(text)


def test_settings_of_another_revision_are_refused() -> None:
    """An artefact cut by another analyzer would score nonsense."""
    values = SETTINGS.as_dict()
    assert TermSettings.from_dict(values) == SETTINGS
    with pytest.raises(ValueError, match="revision"):
        TermSettings.from_dict({**values, "revision": values["revision"] + 1})
