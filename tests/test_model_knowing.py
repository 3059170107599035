"""A headline of which a model knows too little has no verdict, in every face of the program."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.knowing import lines
from model.artefact import load
from model.judgement import AXES, Judgement
from model.knowing import ENOUGH, logit, may_be_foreign, unknown_rows, weight_of
from model.scorer import Scorer
from model.scoring.portable import expit
from tests.conftest import Cli

DISGUISED = ["𝐅𝐢𝐫𝐞", "Ｆｉｒｅ", "🅵🅸🆁🅴", "Fіrе", "Ⓕⓘⓡⓔ"]
WORDLESS = [
    "😀",
    "🎉🎉🎉",
    "—",
    "1234",
    "#NAME?",
    "NULL",
    "???",
    "...",
    "&#8203;",
    "3.14",
    "$5",
    "N/A",
    "[UPDATED]",
    "‼️",
    "№ 5",
]
LOUD = "You won't BELIEVE what this dog did next"


@pytest.fixture(scope="module", params=["compiled", "portable"])
def judges(request: pytest.FixtureRequest) -> Scorer:
    """The default model with either scorer."""
    return Scorer(load(), portable=request.param == "portable")


@pytest.mark.parametrize("headline", [*WORDLESS, *DISGUISED])
def test_what_holds_hardly_a_word_has_no_verdict(judges: Scorer, headline: str) -> None:
    """An emoji, a dash, a number, a spreadsheet's error: nothing that the model could know says anything."""
    (found,) = judges.judge([headline])
    assert (found.label, found.flags, found.reason) == ("uncertain", (), "too little text")


def test_what_holds_no_known_word_has_the_base_rate(judges: Scorer) -> None:
    """And evidence that says so: no word speaks, and nothing is left over."""
    (found,) = judges.judge(["😀"], explain=True)
    assert found.evidence
    for axis in AXES:
        head = judges.artefact.heads[axis]
        assert getattr(found, axis) == pytest.approx(head.base_rate, abs=1e-12)
        assert found.evidence.bias[axis] == pytest.approx(logit(head.base_rate), abs=1e-12)
    assert (found.evidence.spans, set(found.evidence.rest.values())) == ((), {0.0})


@pytest.mark.parametrize("headline", [line for line in lines("short_titles.txt") if len(line.split()) < ENOUGH])
def test_a_title_of_few_words_is_never_flagged(judges: Scorer, headline: str) -> None:
    """Twenty each of one, two and three words; before, 18, 12 and 5 of them were flagged."""
    (found,) = judges.judge([headline])
    assert (found.label, found.reason) == ("uncertain", "too little text")


HARDLY_TOLD = {  # no word of them says so, but for such as stand in names
    "So war der Sommer in Hamburg",
    "Maltempo in Liguria, chiuse le scuole",
    "El Congreso aprueba la ley de vivienda",
}


@pytest.mark.parametrize("headline", [line for line in lines("other_languages.txt") if line not in HARDLY_TOLD])
def test_another_language_has_no_verdict(judges: Scorer, headline: str) -> None:
    """Latin script or not."""
    (found,) = judges.judge([headline])
    assert (found.label, found.reason) == ("uncertain", "other language")
    assert [getattr(found, axis) for axis in AXES] == pytest.approx([judges.artefact.heads[a].base_rate for a in AXES])


def test_english_headlines_keep_their_verdicts(judges: Scorer, fixtures: Path) -> None:
    """Of ours, which are of ordinary length, all but two in a hundred; names from anywhere are no other language."""
    rows = (fixtures / "headlines.csv").read_text(encoding="utf-8").splitlines()[1:]
    judged = judges.judge([row.rsplit(",", 1)[0] for row in rows])
    assert sum(one.reason is not None for one in judged) <= len(judged) / 50
    named = [
        "Van der Poel wins Paris-Roubaix for the third time",
        "Siddaramaiah slams Kumaraswamy over MUDA site scam in Mysuru",
        "Node.js 22.5.1 fixes regression in package installs",
        "Jallikattu: Palamedu bull tamers prepare for Pongal contest",
        "Barmy army invades Barmouth for raft race",
        "Mum's fury as school bans Prime from lunchboxes #blah #foooo #zxcv #qqqq",
        "Mangosuthu Buthelezi laid to rest in South African town",
        "Las Vegas council approves plan for new tram line",
        "De Blasio and Los Angeles mayor meet to discuss housing",
        "Nagorno-Karabakh talks resume in Brussels after ceasefire holds",
        "Café owner in São Paulo wins award for São João cake recipe",
    ]
    assert [one.reason for one in judges.judge(named)] == [None] * len(named)


def test_both_scorers_count_the_same_words() -> None:
    """Known ones, all, and other languages' function words."""
    headlines = [*lines("other_languages.txt"), *lines("short_titles.txt"), LOUD, "Y O U won’t ﬁnd it", "", *WORDLESS]
    given = [headline for headline in headlines if headline]
    counts = [Scorer(load(), portable=portable).known_words(given) for portable in (False, True)]
    assert counts[0].tolist() == counts[1].tolist()
    assert counts[0][given.index(LOUD)].tolist() == [8, 8, 0]


def test_evidence_adds_up_to_what_is_shown(judges: Scorer) -> None:
    """Also where it was drawn: part of the way for two known words of four."""
    headlines = ["Shocking!", "Bus crash", LOUD, "Le gouvernement annonce une réforme", "Flood warning issued"]
    for one in judges.judge(headlines, explain=True):
        assert one.evidence
        for axis in AXES:
            added = one.evidence.bias[axis] + one.evidence.rest[axis]
            added += sum(getattr(span, axis) for span in one.evidence.spans)
            assert expit(np.array(added)) == pytest.approx(getattr(one, axis), abs=1e-9)


def test_with_and_without_evidence_the_verdict_is_the_same(judges: Scorer) -> None:
    """Whatever was drawn."""
    headlines = [*WORDLESS, LOUD, *lines("short_titles.txt")]
    assert [_plain(one) for one in judges.judge(headlines, explain=True)] == judges.judge(headlines)


def _plain(one: Judgement) -> Judgement:
    return replace(one, evidence=None)


@pytest.mark.parametrize(
    ("words", "usual", "unknown"),
    [
        ([3, 3, 0], 1.0, True),
        ([4, 4, 0], 1.0, False),
        ([4, 6, 0], 1.0, False),
        ([4, 7, 0], 1.0, True),
        ([6, 8, 1], 1.0, False),
        ([6, 8, 2], 1.0, True),
        ([2, 9, 0], 0.5, False),
        ([1, 9, 0], 0.5, True),
        ([0, 0, 0], 0.0, False),
        ([0, 9, 9], 0.0, False),
    ],
)
def test_the_limits_follow_what_a_model_usually_knows(words: Sequence[int], usual: float, unknown: bool) -> None:
    """Four known words, and three fifths of all; half as much of a model that knows half of its words."""
    assert bool(len(unknown_rows(np.array([words], np.uint16), usual))) is unknown


def test_a_model_of_few_words_takes_no_headline_for_another_language() -> None:
    """To one that knows half of a headline's words, its own language looks like another."""
    assert may_be_foreign(1, 9, 0, 0.9)
    assert not may_be_foreign(1, 9, 0, 0.5)


def test_probabilities_are_drawn_by_the_share_of_enough_words(judges: Scorer) -> None:
    """Two words of four: half of the way from the base rate to what the words alone say."""
    for headline, weight in (("Shocking!", 0.25), ("Bus crash", 0.5), ("Stop doing this", 0.75)):
        (found,), raw = judges.judge([headline]), judges.predict_proba([headline])[0]
        for axis, alone in zip(AXES, raw, strict=True):
            base = judges.artefact.heads[axis].base_rate
            assert getattr(found, axis) == pytest.approx(base + weight * (alone - base), abs=1e-12)
    assert (weight_of("too little text", 1, 1.0), weight_of("other language", 3, 1.0)) == (0.25, 0.0)


def test_every_face_says_why(cli: Cli, tmp_path: Path) -> None:
    """A table, JSON, CSV, a file and a page."""
    assert "(too little text)" in cli("score", "Fire")[1]
    assert json.loads(cli("score", "--format", "json", "Fire")[1])["results"][0]["reason"] == "too little text"
    assert cli("score", "--format", "csv", "Fire")[1].splitlines()[1].endswith(",too little text")
    source, made = tmp_path / "in.txt", tmp_path / "out.csv"
    source.write_text("Fire\nLe gouvernement annonce une réforme des retraites\n" + LOUD + "\n", encoding="utf-8")
    assert cli("score", "--input", source, "--output", made)[0] == 0
    told = [line.rsplit(",", 1)[1] for line in made.read_text(encoding="utf-8").splitlines()]
    assert told == ["reason", "too little text", "other language", ""]
    page = tmp_path / "page.html"
    page.write_text(
        "<!doctype html><html><body><h1>Le gouvernement annonce une réforme des retraites</h1></body></html>"
    )
    assert "(other language)" in " ".join(cli("page", page)[1].split())
