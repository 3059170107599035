"""Edits of one headline stand in one group, and different headlines do not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.corpora import read_corpora
from training.near_duplicates import near_duplicate_groups

FIRST = "Harbour bridge reopens after two years of repairs, says council"


def test_an_edit_of_a_headline_is_in_its_group() -> None:
    """One word added, case and punctuation changed."""
    edited = "HARBOUR bridge reopens after two long years of repairs - says council!"
    groups = near_duplicate_groups([FIRST, "Rain expected across the south on Friday", edited])
    assert groups[0] == groups[2] != groups[1]


def test_groups_join_through_a_middle_edit() -> None:
    """A chain of edits is one story, though its ends differ."""
    words = FIRST.split()
    middle, far = [*words, "on", "Monday"], [*words[1:], "on", "Monday", "morning"]
    groups = near_duplicate_groups([FIRST, " ".join(middle), " ".join(far)])
    assert len(set(groups)) == 1


def test_headlines_that_share_half_their_words_are_apart() -> None:
    """Same subject, another story."""
    groups = near_duplicate_groups([FIRST, "Harbour bridge closes for two months of inspection, says minister"])
    assert groups[0] != groups[1]


@given(st.lists(st.text(max_size=30), max_size=20))
def test_equal_headlines_are_always_together(headlines: list[str]) -> None:
    """Whatever the text, also without a single word."""
    groups = near_duplicate_groups(headlines + headlines)
    worded = [n for n, text in enumerate(headlines) if any(c.isalnum() for c in text)]
    assert all(groups[n] == groups[n + len(headlines)] for n in worded)
    assert len(groups) == 2 * len(headlines)


def test_the_fixtures_hold_no_near_duplicates(fixtures: Path) -> None:
    """They were written to be different."""
    corpus, _ = read_corpora([fixtures / "headlines.csv"])
    assert len(set(near_duplicate_groups(list(corpus.text)))) == len(corpus)


@pytest.mark.slow
def test_groups_do_not_depend_on_pythons_hash_seed() -> None:
    """The same data gives the same groups in another process, else the same seed would give another model."""
    program = """
import random
from training.near_duplicates import near_duplicate_groups
draw = random.Random(4)
words = [f"word{n}" for n in range(60)]
print(list(near_duplicate_groups([" ".join(draw.sample(words[k % 50: k % 50 + 10], 8)) for k in range(2000)])))
"""
    groups = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(groups) == 1
    assert "[" in groups.pop()
