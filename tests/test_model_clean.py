"""Cleaning folds what is typography or feed, and nothing else."""

import sys
import unicodedata

import pytest
import regex
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
    assert list(aligned.starts) == sorted(aligned.starts)


@given(st.lists(st.integers(0x300, 0x36F).map(chr), min_size=1, max_size=80), st.sampled_from("aqǟשÅ"))
def test_accents_in_any_order_are_composed_as_unicode_composes_them(accents: list[str], letter: str) -> None:
    """Of the first twenty; those that no letter takes in go."""
    composed = unicodedata.normalize("NFC", letter + "".join(accents[:20]))
    assert clean(letter + "".join(accents)) == "".join(one for one in composed if not 0x300 <= ord(one) < 0x370)


PLAIN = "You won't believe what they found"
DISGUISED = {
    "mathematical bold": "𝐘𝐨𝐮 𝐰𝐨𝐧'𝐭 𝐛𝐞𝐥𝐢𝐞𝐯𝐞 𝐰𝐡𝐚𝐭 𝐭𝐡𝐞𝐲 𝐟𝐨𝐮𝐧𝐝",
    "mathematical sans-serif italic": "𝘠𝘰𝘶 𝘸𝘰𝘯'𝘵 𝘣𝘦𝘭𝘪𝘦𝘷𝘦 𝘸𝘩𝘢𝘵 𝘵𝘩𝘦𝘺 𝘧𝘰𝘶𝘯𝘥",
    "script": "𝒴ℴ𝓊 𝓌ℴ𝓃'𝓉 𝒷ℯ𝓁𝒾ℯ𝓋ℯ 𝓌𝒽𝒶𝓉 𝓉𝒽ℯ𝓎 𝒻ℴ𝓊𝓃𝒹",
    "fraktur": "𝔜𝔬𝔲 𝔴𝔬𝔫'𝔱 𝔟𝔢𝔩𝔦𝔢𝔳𝔢 𝔴𝔥𝔞𝔱 𝔱𝔥𝔢𝔶 𝔣𝔬𝔲𝔫𝔡",
    "double-struck": "𝕐𝕠𝕦 𝕨𝕠𝕟'𝕥 𝕓𝕖𝕝𝕚𝕖𝕧𝕖 𝕨𝕙𝕒𝕥 𝕥𝕙𝕖𝕪 𝕗𝕠𝕦𝕟𝕕",
    "monospace": "𝚈𝚘𝚞 𝚠𝚘𝚗'𝚝 𝚋𝚎𝚕𝚒𝚎𝚟𝚎 𝚠𝚑𝚊𝚝 𝚝𝚑𝚎𝚢 𝚏𝚘𝚞𝚗𝚍",
    "full-width": "Ｙｏｕ　ｗｏｎ＇ｔ　ｂｅｌｉｅｖｅ　ｗｈａｔ　ｔｈｅｙ　ｆｏｕｎｄ",
    "circled": "Ⓨⓞⓤ ⓦⓞⓝ'ⓣ ⓑⓔⓛⓘⓔⓥⓔ ⓦⓗⓐⓣ ⓣⓗⓔⓨ ⓕⓞⓤⓝⓓ",
    "Cyrillic look-alikes": "Yоu wоn't bеliеvе whаt thеу fоund",
    "Greek look-alikes": "Υou wοn't believe what they fοund",
    "stroked": "Y̶o̶u̶ w̶o̶n̶'̶t̶ b̶e̶l̶i̶e̶v̶e̶ what they found",
    "piled with accents": "Y̷̢o̸͝u̵ w̶̧on't b̴e̷l̶i̵e̶v̷e̸ w̵h̶a̷t t̶h̵e̶y f̷o̵u̶n̷d",
    "dressed in circles": "Y⃝o⃝u⃝ won't believe what they found",
    "letters apart, words two blanks apart": "Y o u  w o n ' t  b e l i e v e  w h a t  t h e y  f o u n d",
    "letters apart by points": "Y.o.u w.o.n.'.t b.e.l.i.e.v.e w.h.a.t t.h.e.y f.o.u.n.d",
    "entities": "You won&#8203;&#39;t bel&#105;eve wh&shy;at they found",
    "entities of a disguise": "&#119832;ou won't beli&#1077;ve what they found",
}
LOWER = {"small capitals": ("ʏᴏᴜ ᴡᴏɴ'ᴛ ʙᴇʟɪᴇᴠᴇ ᴡʜᴀᴛ ᴛʜᴇʏ ꜰᴏᴜɴᴅ", PLAIN.lower())}
UPPER = {"letters on black": ("🅨🅞🅤 🆆🅾🅽'🆃", "YOU WON'T")}


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [*((text, PLAIN) for text in DISGUISED.values()), *LOWER.values(), *UPPER.values()],
    ids=[*DISGUISED, *LOWER, *UPPER],
)
def test_a_disguise_is_taken_off(given_text: str, cleaned: str) -> None:
    """The headline below it is judged, and every character knows where it came from."""
    assert clean(given_text) == cleaned
    aligned = clean_aligned(given_text)
    assert aligned.text == cleaned
    assert all(0 <= start < end <= len(given_text) for start, end in zip(aligned.starts, aligned.ends, strict=True))


def test_what_is_invisible_is_what_unicode_says() -> None:
    """Its property, from a library's copy of Unicode's tables, and control characters that are no white space."""
    everything = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    ignorable = set(regex.findall(r"\p{Default_Ignorable_Code_Point}", "".join(everything)))
    controls = {one for one in everything[:128] if not one.isprintable() and not one.isspace()}
    assert len(ignorable) > 4000
    assert {one for one in everything if _is_blank(one) and not one.isspace()} == ignorable | controls


def _is_blank(text: str) -> bool:
    try:
        check_headline(text)
    except HeadlineError:
        return True
    return False


@pytest.mark.parametrize(
    "character", ["\ufe0f", "\u180e", "\u034f", "\u061c", *map(chr, range(0x2066, 0x206A)), "\U000e0041"]
)
def test_an_invisible_character_within_a_word_changes_nothing(character: str) -> None:
    """Wherever it stands, and alone it is no headline."""
    assert clean(character.join(PLAIN)) == PLAIN
    with pytest.raises(HeadlineError, match="got only white space"):
        check_headline(f" {character}{character}\t")


QUAKE = "Magnitude 6.1 earthquake strikes off coast of Chile"


@pytest.mark.parametrize(
    "marked",
    [
        *(
            f"{mark}: {QUAKE}"
            for mark in ("BREAKING", "Breaking News", "JUST IN", "URGENT", "WATCH LIVE", "Video", "LIVE", "UPDATE 2")
        ),
        *(f"[{mark}] {QUAKE}" for mark in ("UPDATED", "Update", "LEAD", "VIDEO")),
        *(f"({mark}) {QUAKE}" for mark in ("LEAD", "2nd LD", "URGENT", "Roundup")),
        *(f"{QUAKE} ({mark})" for mark in ("VIDEO", "photos", "UPDATED")),
        *(
            f"{QUAKE} {mark}"
            for mark in ("- live", "| Live updates", "– as it happened", "— video", "[PHOTOS] [VIDEO]")
        ),
        *(f"{mark}-{QUAKE}" for mark in ("UPDATE 1", "CORRECTED", "RPT", "WRAPUP 3")),
        f"#BREAKING: {QUAKE}",
        f"BREAKING: WATCH LIVE: {QUAKE}",
        f"BREAKING – {QUAKE} - The Harbour Record",
        f"[UPDATED]{QUAKE}",
        f"&#91;UPDATED&#93; {QUAKE}",
        f"ＢＲＥＡＫＩＮＧ： {QUAKE}",
        f"B R E A K I N G: {QUAKE}",
    ],
)
def test_marks_of_the_wire_are_no_words_of_the_headline(marked: str) -> None:
    """An earthquake is as plain with them as without."""
    assert clean(marked) == clean_aligned(marked).text == QUAKE


@pytest.mark.parametrize(
    "headline",
    [
        "Breaking bad: a chemist looks back",
        "Live-action film opens",
        "Update your phone now",
        "Watch out: ice on roads",
        "EXCLUSIVE: Mayor to resign",
        "Explained: how tides work",
        "Band plays (live) at harbour",
        "Lead pipes: council replaces the last",
        "Video killed the radio star",
        "Breaking",
        "LIVE:",
        "WATCH-DOG criticises broadcaster",
        "LIVE-IN NANNY JAILED FOR TEN YEARS",
        "LEAD-FREE petrol returns",
        "Breaking! A bad habit",
        "(VIDEO)",
    ],
)
def test_what_only_looks_like_a_mark_stays(headline: str) -> None:
    """And a headline that is nothing but one."""
    assert clean(headline) == headline


@pytest.mark.parametrize("headline", ["-- a", " -- a", "--\ta", "a --", "a -- ", "\u200b-- a"])
def test_white_space_at_the_ends_changes_nothing_beside_a_dash(headline: str) -> None:
    """A headline's start and end are as good as white space."""
    assert clean(headline) == headline.replace("--", "-").replace("\t", " ").strip("\u200b ")


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
