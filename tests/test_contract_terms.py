"""Every implementation of the analyzer cuts the headlines of fixtures/contract/terms.json as docs/terms.md says.

A vector's `cleaned` and `terms` were computed (benchmarks/terms_vectors.py); its `has` and `lacks`, what the rule that
it is named after gives, were derived by hand from the specification.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from model.scoring.compiled import cutter, is_available
from model.terms import style
from model.terms.analyzer import BLOCKS, REVISION, TermSettings, block_of
from model.terms.cleaning import TIGHT_MARKS, WIRE_MARKS, check_headline, clean, clean_aligned
from model.terms.folding import LOOKALIKES

if is_available():
    from model.scoring import _kernel

    CUTTER = cutter(TermSettings())

ROOT = Path(__file__).parents[1]
SPECIFICATION = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8")
CONTRACT = json.loads((ROOT / "fixtures" / "contract" / "terms.json").read_text(encoding="utf-8"))
VECTORS: list[dict[str, Any]] = CONTRACT["vectors"]

Implementation = Callable[[str], Mapping[str, int]]  # a headline as given -> how often it has each of its terms


def reference(headline: str) -> Mapping[str, int]:
    """Count the terms of the analyzer that all others are held against."""
    return Counter(TermSettings().analyze(headline))


def compiled(headline: str) -> Mapping[str, int]:
    """Count the terms of the kernel, or of the reference where the kernel leaves a headline to it."""
    terms = _kernel.terms(CUTTER, headline)
    return reference(headline) if terms is None else Counter(terms)


IMPLEMENTATIONS: list[tuple[str, Implementation]] = [("reference", reference)]
if is_available():
    IMPLEMENTATIONS.append(("compiled", compiled))
each_implementation = pytest.mark.parametrize(
    "count", [implementation for _, implementation in IMPLEMENTATIONS], ids=[name for name, _ in IMPLEMENTATIONS]
)

# Every mark of docs/terms.md but `#letters a word`, whose values have no bound.
CLASSES = "you i we he they this wh says extreme link exclusive"
PUNCTUATION = "question exclamation ellipsis colon semicolon percent money"
VALUES: Mapping[str, Iterable[object]] = {
    "<links {}>": range(5),
    "<colon at {}>": range(5),
    "<dash {}>": (1, 2, 3),
    "<bracket {}>": (1, 2, 3),
    "<comma {}>": (1, 2, 3),
    "<end {}>": "?!:.",
    "<quote {}>": (1, 2, 4, "first"),
    "<shout {}>": (1, 2),
    "<words {}>": range(0, 25, 2),
    "#names {}": range(1, 9),
    "#names of ten {}": range(0, 11, 2),
    "#words about {}": range(0, 25, 4),
    "#style words of eight {}": range(9),
    "#topic words {}": range(13),
    "#long words {}": range(7),
    "#characters {}": range(0, 141, 10),
    "<{}>": [*CLASSES.split(), *PUNCTUATION.split(), "age", "number", "number first"],
}
MARKS = {mark.format(value) for mark, values in VALUES.items() for value in values}


@each_implementation
def test_every_vector_has_its_terms_and_no_others(count: Implementation) -> None:
    """Whole terms, each as often. A failure names the vector and gives `term: (expected, given)`."""
    wrong = {vector["name"]: differences(vector["terms"], count(vector["headline"])) for vector in VECTORS}
    assert {name: terms for name, terms in wrong.items() if terms} == {}


@each_implementation
def test_every_vector_shows_its_rule(count: Implementation) -> None:
    """What was derived by hand: terms that it has, this often, and terms that it lacks."""
    for vector in VECTORS:
        by_hand, given = derived(vector), count(vector["headline"])
        assert {term: given.get(term, 0) for term in by_hand} == by_hand, vector["name"]


def test_every_vector_is_cleaned_as_it_says() -> None:
    """With and without offsets."""
    for vector in VECTORS:
        cleaned = (clean(vector["headline"]), clean_aligned(vector["headline"]).text)
        assert cleaned == (vector["cleaned"], vector["cleaned"]), vector["name"]


def test_the_vectors_are_of_this_revision_and_of_the_usual_settings() -> None:
    """Whoever raises the revision renews the vectors."""
    assert CONTRACT["revision"] == REVISION
    assert CONTRACT["settings"] == TermSettings().as_dict()


def test_the_vectors_are_headlines_under_names_of_their_own() -> None:
    """None is refused, all are written alike, and enough were derived by hand."""
    assert all(check_headline(vector["headline"]) for vector in VECTORS)
    assert all(list(vector["terms"]) == sorted(vector["terms"]) for vector in VECTORS)
    assert len({vector["name"] for vector in VECTORS}) == len(VECTORS) >= 400
    assert sum(bool(derived(vector)) for vector in VECTORS) >= 120


def test_the_vectors_show_every_mark_and_every_block() -> None:
    """No mark without a vector, and no mark that the list above does not know."""
    shown = {term for vector in VECTORS for term in vector["terms"]}
    assert {term for term in shown if term[0] in "<#" and not term.startswith("#letters a word ")} == MARKS
    assert {"#letters a word 2.5", "#letters a word 3"} <= shown
    assert {BLOCKS[block_of(term)] for term in shown} == set(BLOCKS)


def test_the_specification_has_the_revision_and_the_lists_of_words() -> None:
    """They stand there too, so that it is complete; the code's are the ones that count."""
    assert SPECIFICATION.startswith(f"# Terms, revision {REVISION}\n")
    assert listed("Words of style:\n\n```", "```") == style.STYLE_WORDS
    assert listed("Acronyms:\n\n```", "```") == style.ACRONYMS
    assert listed("style in lower case or one of `", "`") == style.SHORT
    marks = SPECIFICATION.split("Marks of the wire:\n\n```")[1].split("```")[0]
    assert {mark.strip() for mark in marks.replace("\n", " ").split(",")} == WIRE_MARKS
    assert set(SPECIFICATION.split("the second list is:\n\n```\n")[1].split("\n```")[0].split(", ")) == TIGHT_MARKS
    drawn = SPECIFICATION.split("each `A`-`Z`:\n\n```\n")[1].split("\n```")[0].split("\n\n")
    black = {chr(first + n): chr(65 + n) for first in (0x1F150, 0x1F170) for n in range(26)}
    pairs = [line.split("\n") for line in drawn]
    assert {one: letter for line in pairs for one, letter in zip(*line, strict=True)} | black == LOOKALIKES
    assert {word: name for name in CLASSES.split() for word in listed(f"| `{name}` |", "|")} == style.CLASS_OF


def listed(before: str, after: str) -> set[str]:
    """Give the words of the specification between two strings."""
    return set(SPECIFICATION.split(before)[1].split(after)[0].split())


def derived(vector: Mapping[str, Any]) -> dict[str, int]:
    """Give the counts that were derived by hand; 0 for a term that the vector lacks."""
    return {**vector.get("has", {}), **dict.fromkeys(vector.get("lacks", ()), 0)}


def differences(expected: Mapping[str, int], given: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Give `term: (expected, given)` where the two differ."""
    counts = {term: (expected.get(term, 0), given.get(term, 0)) for term in {*expected, *given}}
    return {term: pair for term, pair in counts.items() if pair[0] != pair[1]}


@pytest.mark.skipif(not is_available(), reason="needs the compiled scorer: a C compiler where Broadsheet is installed")
def test_the_kernel_leaves_no_headline_to_the_reference() -> None:
    """Whatever is accepted is cut in C, so that no kind of text is much dearer than another."""
    assert [v["headline"] for v in VECTORS if _kernel.terms(CUTTER, v["headline"]) is None] == []
