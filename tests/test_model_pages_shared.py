"""Small pages that stand beside the project, one of each fault that was found on pages of real sites."""

from pathlib import Path

import pytest

from model.pages import open_page, read_html

BRIDGE = "Council delays repairs of the old river bridge"
LATER = "Council delays repairs of the bridge"
BOTH = [BRIDGE, "Ferry fares to rise next spring after vote"]
EXPECTED = {
    1: BOTH,
    2: BOTH,
    3: BOTH,
    5: [f"Minister number {n} defends the new budget plan" for n in range(1, 6)],
    7: BOTH,
    8: BOTH,
    9: [BRIDGE],
    10: [f"Scientists count the birds of valley number {n}" for n in range(1, 5)],
    11: [BRIDGE],
    12: [BRIDGE],
    14: [
        "Support for Ukraine aid slips in US",
        "Support for the death penalty falls to 50-year low in the US",
        "Get ready: phones to sound emergency alerts on Sunday",
        "Read more books, minister tells schools",
        "Show more respect to referees, FA tells players",
        "JavaScript creator warns of browser monopoly",
        "Your browser is spying on you, researchers say",
        "This story is not over, says Zelensky",
        "Back to top: Liverpool regain lead with win at Fulham",
        "Follow the money: how fraud spread on Facebook",
        "Sign in the sky: rare halo seen over Oslo",
        "Log out of Facebook for a week and you will feel better",
        "Control headline that is certainly found",
    ],
    15: ["Babies who eat peanuts early may avoid allergy"],
    16: ["Editorial: the problem of the platform is not its many versions"],
    17: ["Fortuna: Coach asks for patience with young striker", "Budget: Minister defends the plan again"],
    18: ["President plans landing place while ballroom stalls"],
    19: ["Mayor’s plan & budget fail"],
    20: [LATER],
    21: [LATER],
    22: [LATER],
    23: [LATER],
    24: [LATER],
    25: [BRIDGE],
    26: [BRIDGE],
    27: [BRIDGE],
    28: ["What is the river treaty and who signed it?"],
    29: [BRIDGE],
    30: [BRIDGE],
    31: [BRIDGE],
    32: [BRIDGE],
    33: ["New tank debuts in the east"],
    34: ["首相が新しい予算案を国会に提出、野党は反発を強める", "新幹線の運転再開、午後には平常ダイヤに戻る見通し"],
    35: [BRIDGE],
    36: ["World's strangest lakes", "13 gorgeous gardens", "Gaza war crimes?"],
    37: ["England lose the second match by ten wickets", "England set to name Stokes in one-day squad"],
    38: ["Tech job interviews are out of control"],
    39: ["Strange crime in a Spanish holiday house"],
    40: [BRIDGE],
    41: ["Café owner wins appeal over river licence"],
    42: ["Cafe owner wins appeal over river licence"],
}
LISTED = frozenset({5, 10, 14, 17, 33, 34, 36, 37, 38, 39, 40})  # pages of several stories, none of them its own
METADATA = frozenset(range(19, 25))  # nothing is printed


@pytest.fixture(scope="module")
def cases(corpora: Path) -> dict[int, Path]:
    """The pages by their number."""
    return {int(path.name[:2]): path for path in sorted((corpora.parent / "cases" / "pages").glob("*.html"))}


def test_every_page_has_what_is_expected_of_it(cases: dict[int, Path]) -> None:
    """A page that is added there gets its list here."""
    assert set(cases) == set(EXPECTED)


@pytest.mark.parametrize("number", EXPECTED)
def test_a_page_gives_exactly_what_a_reader_would_list(number: int, cases: dict[int, Path]) -> None:
    """The headlines, what each is to the page, and where its text came from."""
    found = read_html(open_page(cases[number].read_bytes()).text)
    assert [one.text for one in found] == EXPECTED[number]
    others = "listed" if number in LISTED else "related"
    first = "listed" if number in LISTED else "own"
    assert [one.role for one in found] == [first, *[others] * (len(found) - 1)]
    assert {one.source for one in found} == {"metadata" if number in METADATA else "printed"}


@pytest.mark.parametrize(("number", "encoding", "damage"), [(41, "windows-1252", 0), (42, "utf-8", 1)])
def test_the_encoding_and_a_bad_byte_are_said(number: int, encoding: str, damage: int, cases: dict[int, Path]) -> None:
    """Latin-1 is what browsers take it for; a byte that is none of its encoding costs one character."""
    opened = open_page(cases[number].read_bytes())
    assert (opened.encoding, opened.damage) == (encoding, damage)
