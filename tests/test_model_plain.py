"""Nothing that people are shown steers a terminal, and nothing that programs read is changed by that."""

import json
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import BroadsheetError
from model.plain import escaped, message, plain, plain_cells, plain_lines

ROOT = Path(__file__).parents[1]
# What moves the cursor, hides or turns text, or cannot be written; one of each kind.
STEERING = [
    *("\0", "\a", "\b", "\v", "\f", "\r", "\x1b", "\x7f", "\x80", "\x85", "\x9b", "\x9d", "\x9f"),
    *("\u061c", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2066", "\u2067", "\u2068", "\u2069", "\u206a", "\u206f", "\ufff9", "\ufffb", "\U000e0041", "\U000e0001"),
    *("\ud800", "\udfff", "\ufffe", "\uffff"),
]
KEPT = ["\u200c", "\u200d", "\u200b", "\u00ad", "\u0600", "\ufeff", "\ufe0f", "é", "عنوان", "כותרת", "👩‍👧", "’", "…"]


@pytest.mark.parametrize("character", STEERING, ids=ascii)
def test_a_character_that_steers_becomes_a_blank(character: str) -> None:
    """One for one, so that the places of words hold."""
    assert plain(f"a{character}b") == plain_lines(f"a{character}b") == "a b"
    assert plain_cells(f"a{character}b") == ("a\rb" if character == "\r" else "a b")


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_what_writing_needs_is_kept(text: str) -> None:
    """Joiners, marks, letters of either direction."""
    assert plain(text) == plain_lines(text) == plain_cells(text) == escaped(text) == text


@given(st.text(st.characters(codec=None)))
def test_any_text_is_as_long_and_holds_no_control(text: str) -> None:
    """Whatever comes: the categories of control, line, paragraph and surrogate are gone, and bidi controls."""
    done = plain(text)
    assert len(done) == len(text)
    assert not {unicodedata.category(one) for one in done} & {"Cc", "Zl", "Zp", "Cs"}
    assert not {unicodedata.bidirectional(one) for one in done} & set("LRE RLE LRO RLO PDF LRI RLI FSI PDI".split())
    assert plain(done) == done
    assert all(old == new for old, new in zip(text, done, strict=True) if new != " ")


@given(st.recursive(st.text() | st.none() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_json_is_the_same_data(value: object) -> None:
    """In escapes that every reader of JSON knows."""
    text = escaped(json.dumps(value, ensure_ascii=False, indent=2))
    assert json.loads(text) == value
    assert plain_lines(text) == text


def test_an_error_quotes_nothing_that_steers() -> None:
    """Wherever it is shown: on a terminal, in a log, in an answer."""
    assert str(BroadsheetError("model \x1b]0;owned\x07\u202e/x")) == "model  ]0;owned  /x"


def test_a_message_is_one_line_that_ends() -> None:
    """However long what it quotes is: both ends of it are shown."""
    assert message("a\n  b\x1b\tc") == "a b c"
    shown = message(f"begin {'x' * 10**6} end")
    assert len(shown) < 2100
    assert shown.startswith("begin ")
    assert shown.endswith(" end")


def test_the_lists_agree_with_this_python() -> None:
    """Every control, separator and bidi control that this Python's Unicode knows is on the list."""
    steering = {
        chr(point)
        for point in range(sys.maxunicode + 1)
        if unicodedata.category(chr(point)) in {"Cc", "Zl", "Zp", "Cs"}
        or unicodedata.bidirectional(chr(point)) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    }
    assert {one for one in steering if plain(one) != " "} == set()
