"""The data check finds what was planted in a corpus, and nothing in one that is clean."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from training.check import SURFACE, DataReport, check_data, surface_features
from training.corpora import as_corpus, read_corpora
from training.readers import Example

# Plain sentences of the same form on both sides: no word is shared, no mark, no digit, no capital but the first.
MEASURED = ("Council approves library budget", "Bank holds rates steady", "Ferry route opens in spring")
TABLOID = ("Neighbours slam noisy cockerel", "Widow weeps over parking fine", "Diner horrified by cold soup")
BAIT = ("Nobody expected this lamp trick", "These lamps get every tenant", "Your kettle has a secret")


def example(text: str, tier: str, publisher: str = "") -> Example:
    """Label one headline as the readers do."""
    axes = {"measured": (0.0, 0.0), "sensational": (1.0, np.nan), "clickbait": (np.nan, 1.0)}[tier]
    return Example(text, *axes, publisher=publisher)


def clean_rows() -> list[Example]:
    """Give nine rows without a fault: each side from three publishers."""
    sides = {"measured": MEASURED, "sensational": TABLOID, "clickbait": BAIT}
    return [
        example(text, tier, f"{tier} {number}") for tier, texts in sides.items() for number, text in enumerate(texts)
    ]


def report_on(rows: Sequence[Example]) -> DataReport:
    """Check rows of one source."""
    return check_data(as_corpus(list(rows), ["test"] * len(rows)))


def test_a_clean_corpus_has_rows_counted_and_no_duplicates() -> None:
    """Tiers and outlets are counted; no list of faults has an entry."""
    report = report_on(clean_rows())
    assert report.rows == 9
    assert report.tiers == {"measured": 3, "sensational": 3, "clickbait": 3}
    assert report.outlets["measured"] == {"measured 0": 1, "measured 1": 1, "measured 2": 1}
    assert (report.empty, report.absurd, report.conflicting) == ((), (), ())
    assert (report.exact.rows, report.exact.groups, report.near.rows, report.near.groups) == (0, 0, 0, 0)


def test_exact_duplicates_are_counted_beyond_the_first() -> None:
    """Case, quotes, blanks and a publisher's name make no new headline: three of one and two of another are 3 rows."""
    copies = [
        "COUNCIL approves  library budget",
        "Council approves library budget | BBC News",
        "Bank holds rates steady",
    ]
    report = report_on([*clean_rows(), *(example(text, "measured") for text in copies)])
    assert (report.exact.rows, report.exact.groups) == (3, 2)
    assert "3 rows repeat an earlier one" in report.problems


def test_near_duplicates_are_counted_beyond_the_first() -> None:
    """Eleven words of twelve are an edit; two headlines that share four words of ten are not."""
    first = "Harbour town council votes to reopen its old ferry route next spring"
    edited = "Harbour town council votes to reopen its old ferry route this spring"
    other = "Harbour town council hears why nobody wants buses or trams"
    report = report_on([*clean_rows(), *(example(text, "measured") for text in (first, edited, other))])
    assert (report.near.rows, report.near.groups) == (1, 1)
    assert report.exact.rows == 0
    assert "1 row is a near-duplicate of an earlier one" in report.problems


def test_one_text_with_two_labels_is_a_conflict_of_both_rows() -> None:
    """The rows are named as a person counts them, from 1."""
    report = report_on([*clean_rows(), example("bank holds rates steady", "sensational")])
    assert report.conflicting == ((2, 10),)
    assert "1 text stands there with different labels" in report.problems


def test_one_text_with_one_label_is_no_conflict() -> None:
    """Printed twice is a duplicate; it contradicts nothing."""
    assert report_on([*clean_rows(), example("Bank holds rates steady", "measured")]).conflicting == ()


def test_an_axis_labelled_both_ways_is_a_conflict() -> None:
    """Rows that speak for one axis alone can contradict each other there."""
    rows = [
        Example("Lamps lit", clickbait=1.0),
        Example("Bank shut", clickbait=0.0),
        Example("Lamps lit", clickbait=0.0),
    ]
    assert report_on(rows).conflicting == ((1, 3),)


def test_empty_rows_are_named() -> None:
    """Nothing, blanks, and what is invisible when printed."""
    report = report_on([*clean_rows(), *(example(text, "measured") for text in ("", " \t ", "\u200b"))])
    assert report.empty == (10, 11, 12)
    assert report.absurd == ()
    assert "3 rows are empty" in report.problems


def test_absurd_rows_are_named() -> None:
    """A single word is no headline, and a body of text is none either."""
    report = report_on([*clean_rows(), *(example(text, "measured") for text in ("Home", "word " * 120, "Two words"))])
    assert report.absurd == (10, 11)
    assert "2 rows are absurd: over 500 characters, or fewer than two words" in report.problems


@pytest.mark.parametrize(
    ("feature", "leak"),
    [
        ("question marks", "{}?"),
        ("exclamation marks", "{}!"),
        ("ellipses", "{}…"),
        ("typographic quotes", "“{}”"),
        ("colons", "Live: {}"),
        ("starts with a number", "21 {}"),
        ("dashes and bars", "{} – live"),
        ("share of words in capitals", "WATCH {}"),
        ("letters outside ASCII", "{} é"),
    ],
)
def test_a_planted_leak_is_found(feature: str, leak: str) -> None:
    """A mark that every positive row has and no negative one separates them perfectly: AUC 1."""
    rows = [one._replace(text=leak.format(one.text)) if one.clickbait == 1 else one for one in clean_rows()]
    report = report_on(rows)
    assert report.surface["clickbait"][feature] == 1.0
    expected = f"{feature} alone separates clickbait with ROC AUC 1.000: format gives the label away"
    assert expected in report.problems


def test_a_leak_of_the_negative_side_is_found_too() -> None:
    """AUC is counted in whichever direction separates."""
    rows = [one._replace(text=f"{one.text}?") if one.clickbait == 0 else one for one in clean_rows()]
    assert report_on(rows).surface["clickbait"]["question marks"] == 1.0


def test_half_a_leak_is_measured_as_one() -> None:
    """A mark on one positive of three and on no negative: 1/3 of pairs are won and 2/3 tied, so AUC is 2/3."""
    rows = clean_rows()
    rows[6] = rows[6]._replace(text=f"{rows[6].text}?")
    assert report_on(rows).surface["clickbait"]["question marks"] == pytest.approx(2 / 3)


def test_title_case_that_gives_the_label_away_is_found() -> None:
    """The leak of Stop Clickbait, planted."""
    rows = [one._replace(text=one.text.title()) if one.clickbait == 1 else one for one in clean_rows()]
    assert report_on(rows).surface["clickbait"]["share of words capitalised"] == 1.0


def test_features_without_any_signal_are_at_a_half() -> None:
    """No row has a digit or a mark, so nothing is separated."""
    surface = report_on(clean_rows()).surface["sensational"]
    assert [surface[name] for name in ("digits", "question marks", "colons", "quotation marks")] == [0.5] * 4


def test_surface_features_are_listed_strongest_first() -> None:
    """The first line is the one to act on."""
    aucs = list(report_on(clean_rows()).surface["clickbait"].values())
    assert len(aucs) == len(SURFACE)
    assert aucs == sorted(aucs, reverse=True)


def test_surface_features_count_what_their_names_say() -> None:
    """One made-up headline, counted by hand."""
    (counts,) = surface_features(np.array(["21 Ways: “É”... WHY? - NO!"], dtype=object))
    assert dict(zip(SURFACE, counts, strict=True)) == {
        "characters": 26,
        "words": 6,
        "share of words capitalised": 1,  # Ways: “É”... WHY? and NO!; 21 and - have no letter
        "share of words in capitals": 0.5,  # “É”..., WHY? and NO!
        "starts with a number": 1,
        "digits": 2,
        "question marks": 1,
        "exclamation marks": 1,
        "quotation marks": 2,
        "typographic quotes": 2,
        "colons": 1,
        "ellipses": 1,
        "dashes and bars": 1,
        "letters outside ASCII": 1,
    }


def test_an_outlet_with_most_of_a_side_is_named() -> None:
    """Three quarters of one tier from one publisher would be learned as that publisher's voice."""
    extra = [example(f"{text} again and again", "sensational", "sensational 0") for text in TABLOID]
    report = report_on([*clean_rows(), *extra])
    assert "sensational 0 is 67% of sensational" in report.problems
    assert not any("of measured" in problem for problem in report.problems)


def test_exactly_half_of_a_side_is_no_dominance() -> None:
    """More than half is."""
    extra = [example(f"{TABLOID[0]} again and again", "sensational", "sensational 0")]
    assert not any("is 50%" in problem for problem in report_on([*clean_rows(), *extra]).problems)


@pytest.mark.parametrize("tier", ["measured", "sensational", "clickbait"])
def test_a_missing_class_is_named(tier: str) -> None:
    """A head cannot be fitted on one side alone: a problem where no other axis can be learned, else a note."""
    report = report_on([one for one in clean_rows() if not one.publisher.startswith(tier)])
    assert (f"no {tier} headline" in report.problems) is (tier == "measured")
    noted = f"no headline is labelled {tier}, and 3 not {tier}: train takes that axis from its --base model"
    assert (noted in report.notes) is (tier != "measured")


def test_labels_that_are_the_outlets_are_said_to_be() -> None:
    """Each headline's label is that of all others of its outlet; by readers, it is not."""
    outlets = [Example(f"Headline number {n} here", float(n % 4 == 0), publisher=f"outlet {n % 4}") for n in range(80)]
    report = check_data(as_corpus(outlets, ["a"] * 80))
    assert report.origin["sensational"] == {"outlet": 1.0}
    assert any(
        problem.startswith("outlet alone separates sensational with ROC AUC 1.000") for problem in report.problems
    )
    words = [one._replace(publisher=f"outlet {n // 4 % 4}") for n, one in enumerate(outlets)]
    report = check_data(as_corpus(words, ["a"] * 80))
    assert report.origin["sensational"]["outlet"] <= 0.5
    assert not any("whose headline" in problem for problem in report.problems)


def dealt(count: int, *sides: tuple[str, Sequence[str]]) -> list[Example]:
    """Give `count` headlines of each tier, dealt to its publishers, of words that no other has."""
    return [
        example(f"Gulls{n} {tier} over{n} quay{n}", tier, publishers[n % len(publishers)])
        for tier, publishers in sides
        for n in range(count)
    ]


PAPERS = ("The Gull", "Evening Heron", "Daily Tern")


def test_labels_that_have_one_outlet_each_are_a_problem() -> None:
    """A head would learn the outlets, and no fold could hold one out: both are said."""
    report = report_on(dealt(20, ("measured", PAPERS[:1]), ("sensational", PAPERS[1:2]), ("clickbait", PAPERS[2:])))
    for tier, outlet in (("measured", "The Gull"), ("sensational", "Evening Heron"), ("clickbait", "Daily Tern")):
        assert f"all 20 {tier} headlines are of one outlet, {outlet}, whose voice will be learned" in report.problems
    assert len(report.refused) == 2


@pytest.mark.parametrize("count", [2, 3, 40])
def test_a_label_of_one_outlet_among_mixed_ones_is_a_problem(count: int) -> None:
    """However few they are, as soon as it is more than one."""
    mixed = dealt(12, ("measured", PAPERS[:2]), ("clickbait", PAPERS[:2]))
    report = report_on([*mixed, *dealt(count, ("sensational", PAPERS[2:]))])
    said = f"all {count} sensational headlines are of one outlet, Daily Tern, whose voice will be learned"
    assert said in report.problems


def test_an_outlet_of_one_label_only_is_a_problem_where_that_is_no_chance() -> None:
    """Twenty headlines of one tabloid, all sensational, beside mixed outlets; of four nobody would say so."""
    mixed = dealt(30, ("measured", PAPERS[:2]), ("sensational", PAPERS[:2]), ("clickbait", PAPERS[:2]))
    report = report_on([*mixed, *dealt(20, ("sensational", PAPERS[2:]))])
    assert report.one_sided == {"Daily Tern": ("sensational", 20)}
    said = "1 outlet with one label only: Daily Tern (20 sensational): whose headline it is gives it away"
    assert said in report.problems
    assert report_on([*mixed, *dealt(2, ("sensational", PAPERS[2:]))]).one_sided == {}


def test_a_source_without_publishers_is_no_outlet_of_one_label() -> None:
    """Nothing is known of who printed it."""
    report = report_on(dealt(20, ("measured", ("",)), ("sensational", ("",)), ("clickbait", ("",))))
    assert (report.alone, report.one_sided, report.refused) == ({}, {}, ())


SPELLINGS = ["the gull", "THE GULL", " The  Gull ", "The\u00a0Gull", "The-Gull", "The Gull.", "“The Gull”"]


@pytest.mark.parametrize("spelling", [*SPELLINGS, "Ｔｈｅ Gull", "The\u200bGull"], ids=ascii)
def test_a_publisher_in_two_spellings_is_one_and_is_named(spelling: str) -> None:
    """Case, blanks, punctuation, widths and what is invisible make no other publisher: folds and counts go by one."""
    rows = dealt(10, ("measured", ("The Gull",)), ("sensational", ("The Gull",)), ("clickbait", ("Daily Tern",)))
    renamed = [one._replace(publisher=spelling) if n % 5 == 4 and n < 20 else one for n, one in enumerate(rows)]
    corpus = as_corpus(renamed, ["test"] * 30)
    assert set(corpus.publisher) == {"The Gull", "Daily Tern"}
    report = check_data(corpus)
    assert report.spellings == (("The Gull", spelling),)
    assert any("are one publisher in 2 spellings, and count as one" in problem for problem in report.problems)


APART = [("The Gull", "The Gulls"), ("Canal", "Canal+"), ("दिल", "दल"), ("—", "…"), ("El País", "El Pais")]


@pytest.mark.parametrize(("one", "other"), APART)
def test_other_publishers_stay_apart(one: str, other: str) -> None:
    """A sign, a vowel or an accent makes another name, and so does a name of punctuation alone."""
    rows = dealt(4, ("measured", (one, other)))
    assert len(set(as_corpus(rows, ["test"] * 4).publisher)) == 2
    assert report_on(rows).spellings == ()


def rated(text: str, mean: float, raters: float) -> Example:
    """Give a headline that is rated on both axes, or marked by an encoder where nobody rated it."""
    return Example(text, float(mean >= 0.5), 0.0, mean, 0.0, raters)


def test_a_rating_and_its_encoders_mark_are_neither_a_conflict_nor_a_duplicate() -> None:
    """The mark says what a model would; two ratings that contradict each other are a conflict still."""
    rows = [rated("Bank holds rates steady", 0.9, 3), rated("Bank holds rates steady", 0.2, 0)]
    report = report_on(rows)
    assert (report.conflicting, report.exact.rows, report.near.rows) == ((), 0, 0)
    report = report_on([*rows, rated("BANK holds rates steady", 0.1, 3), rated("Bank holds rates steady", 0.8, 0)])
    assert report.conflicting == ((1, 3),)
    assert (report.exact.rows, report.near.rows) == (2, 2)


def test_an_axis_with_one_class_has_no_surface_figures() -> None:
    """Nothing can be separated from nothing."""
    rows = [one for one in clean_rows() if one.publisher.startswith("measured")]
    assert report_on(rows).surface == {"sensational": {}, "clickbait": {}}


def test_the_report_is_the_same_as_json() -> None:
    """Counts survive the way into JSON."""
    body = json.loads(json.dumps(asdict(report_on(clean_rows()))))
    assert body["tiers"] == {"measured": 3, "sensational": 3, "clickbait": 3}
    assert body["outlets"]["clickbait"] == {"clickbait 0": 1, "clickbait 1": 1, "clickbait 2": 1}


def test_the_fixtures_have_no_problem_with_their_rows(fixtures: Path) -> None:
    """Written by hand: no headline twice, none empty, none with two labels."""
    report = check_data(read_corpora([fixtures / "headlines.csv"])[0])
    assert (report.empty, report.absurd, report.conflicting, report.exact.rows) == ((), (), (), 0)
    assert min(report.tiers.values()) >= 100


def test_stop_clickbait_is_said_to_give_itself_away_by_case(corpora: Path) -> None:
    """99.4 % of its clickbait is in Title Case against 6.7 % of the rest, says the corpora's README."""
    corpus, _ = read_corpora([corpora / "stop_clickbait.csv.gz"])
    report = check_data(corpus)
    assert next(iter(report.surface["clickbait"])) == "share of words capitalised"
    assert report.surface["clickbait"]["share of words capitalised"] >= 0.95
    assert any(problem.startswith("share of words capitalised alone separates") for problem in report.problems)
    assert report.surface["clickbait"]["question marks"] < 0.51  # they were removed from both classes
