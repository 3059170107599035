"""Evidence is what the terms say, in both scorers, and it points at the headline as given."""

import csv
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.artefact import Artefact, load
from model.errors import HeadlineError
from model.judgement import AXES, Axis, Evidence, Span
from model.scorer import Scorer
from model.scoring.compiled import is_available
from model.terms.analyzer import BLOCKS, block_of
from model.terms.cleaning import check_headline, clean_aligned
from model.terms.keys import keys_of
from tests.conftest import is_judged

Doubles = npt.NDArray[np.float64]

DEFAULT = load()
SCORERS = {"portable": Scorer(DEFAULT, portable=True)}
if is_available():
    SCORERS["compiled"] = Scorer(DEFAULT, portable=False)
each_scorer = pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)

WORDS = "the NASA WAR I you says as Tokyo O'Neill iPhone 1999 2024, 43, (43) 1,000 BBC News bbc.com of co.uk K".split()
ENTITIES = (
    "&amp; &#39; &nbsp; &nbspx; &notable; &#x130; &#931; &#65٣; &hellip; &amp;amp; &amp;rsquo; &zwj; &none; &#;".split()
)
SCRIPTS = (
    "ΣΑΣ ΑΣ'Σ İstanbul İ ǅ ß ﬁ नमस्ते 新聞 👩\u200d👧 𝕳 e\u0301 q\u0344\u0323 \ufb2c\u0301 \u212b\u0323 ʰ \u0345".split()
)
SIGNS = ["...", "--", " -- ", " - ", " | ", "''", "\u200b", "\u00ad", "\u0301", "…]", "[...]", "(...)", "a, 9 "]
SINGLE = "    \t\u2003'\"‘’“”`´-–—|.…?!:;$£€%,()[]&#_09²①٣Ⅷ"
PIECES = st.sampled_from([*SINGLE, *SIGNS, *WORDS, *ENTITIES, *SCRIPTS])


ODD = st.lists(PIECES | st.text(max_size=4), min_size=1, max_size=25).map("".join)
HEADLINES = (ODD | st.text(min_size=1, max_size=90)).filter(is_judged)


def reference(artefact: Artefact, headline: str) -> Evidence:
    """Explain a headline one occurrence of a term after the other, as docs/terms.md weighs them."""
    cleaned = clean_aligned(headline)
    bounds = list(_bounds(cleaned.text))
    on_words, rest = np.zeros((len(bounds), len(AXES))), np.zeros(len(AXES))
    occurrences = list(artefact.settings.located(cleaned.text))
    for term, each in zip(occurrences, _each(artefact, [one.term for one in occurrences]), strict=True):
        if term.first == term.stop:
            rest += each
        on_words[term.first : term.stop] += each / max(term.stop - term.first, 1)
    spans = [
        Span(start := cleaned.starts[first], end := cleaned.ends[stop - 1], headline[start:end], *map(float, weights))
        for (first, stop), weights in zip(bounds, on_words, strict=True)
        if np.any(weights)
    ]
    spans.sort(key=lambda span: -max(abs(span.sensational), abs(span.clickbait)))
    bias: dict[Axis, float] = {axis: artefact.heads[axis].intercept for axis in AXES}
    return Evidence(bias, tuple(spans), dict(zip(AXES, map(float, rest), strict=True)))


def _each(artefact: Artefact, terms: Sequence[str]) -> Doubles:
    """Give what each occurrence of a term adds to the decision functions, shape (occurrences, 2)."""
    keys, first, inverse, counts = np.unique(keys_of(terms), return_index=True, return_inverse=True, return_counts=True)
    found = artefact.find(keys)
    blocks = np.array([block_of(terms[row]) for row in first], dtype=np.int64)
    weights = np.where(found["key"] == keys, (1 + np.log(counts)) * found["idf"], 0.0)
    norms = np.sqrt(np.bincount(blocks, weights * weights, len(BLOCKS)))[blocks]
    weights /= np.where(norms > 0, norms, 1) * counts
    each: Doubles = np.column_stack([weights * found[axis] for axis in AXES])[inverse]
    return each


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    end = 0
    for word in text.split():
        start = text.index(word, end)
        end = start + len(word)
        yield start, end


def places_of(evidence: Evidence) -> dict[tuple[int, int, str], Doubles]:
    """Give the weights of each span, by where it stands."""
    return {(one.start, one.end, one.text): np.array([one.sensational, one.clickbait]) for one in evidence.spans}


def assert_same(found: Evidence, expected: Evidence) -> None:
    """Compare spans, whatever the order of equally strong ones, and what is left."""
    spans, others = places_of(found), places_of(expected)
    assert spans.keys() == others.keys()
    for place, weights in spans.items():
        np.testing.assert_allclose(weights, others[place], rtol=0, atol=1e-9)
    assert found.bias == expected.bias
    assert found.rest == pytest.approx(expected.rest, abs=1e-9)


@each_scorer
@settings(max_examples=300, deadline=None)
@given(headline=HEADLINES)
@example(headline="İ" * 500)
@example(headline="ΑΣ" * 250)
@example(headline="…" * 499 + "a")
@example(headline="a\u0344" * 250)
@example(headline="\ufb2c\u0344" * 250)
@example(headline="&zwj;")
@example(headline="- - - -")
@example(headline="a - - - - 'b c' - it")
def test_evidence_is_what_the_terms_say(scorer: Scorer, headline: str) -> None:
    """As the reference shares the weights, on any text, hard characters among it."""
    assert_same(scorer.explain(headline), reference(DEFAULT, headline))


@each_scorer
@settings(max_examples=200, deadline=None)
@given(headline=HEADLINES)
def test_bias_spans_and_rest_are_the_decision_function(scorer: Scorer, headline: str) -> None:
    """To 1e-9, whatever is in the headline."""
    evidence = scorer.explain(headline)
    (decision,) = scorer.decision_function([headline])
    for axis, value in zip(AXES, decision, strict=True):
        total = evidence.bias[axis] + sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
        assert total == pytest.approx(value, abs=1e-9)


@each_scorer
@settings(max_examples=150, deadline=None)
@given(headline=HEADLINES)
def test_spans_point_at_the_headline_as_given_strongest_first(scorer: Scorer, headline: str) -> None:
    """Each is what stands there; only words that one entity made of white space may share what they came from."""
    spans = scorer.explain(headline).spans
    assert all(headline[span.start : span.end] == span.text for span in spans)
    strength = [max(abs(span.sensational), abs(span.clickbait)) for span in spans]
    assert strength == sorted(strength, reverse=True)
    if "&" not in headline:
        ordered = sorted(spans, key=lambda span: span.start)
        assert all(one.end <= other.start for one, other in pairwise(ordered))


@each_scorer
@pytest.mark.parametrize(
    ("headline", "words"),
    [
        ("👩\u200d👧 You won't believe it 💥 here", {"You", "won't", "here"}),
        ("Cafe\u0301 owner is FURIOUS", {"Cafe\u0301", "owner"}),
        ("Mum&rsquo;s &amp;lsquo;horror&amp;rsquo; as &pound;40 pool", {"Mum&rsquo;s", "&amp;lsquo;horror&amp;rsquo;"}),
        ("İstanbul votes as ΟΔΟΣ closes", {"İstanbul", "ΟΔΟΣ"}),
        ("Wait… there\u2003is --\u00admore", {"Wait…", "there", "is", "--\u00admore"}),
    ],
)
def test_spans_are_whole_words_behind_whatever_cleaning_folds(scorer: Scorer, headline: str, words: set[str]) -> None:
    """Emoji, accents that stand alone, entities escaped twice, two letters for one, invisible characters."""
    assert words <= {span.text for span in scorer.explain(headline).spans}


@each_scorer
def test_a_batch_gives_what_each_headline_gives_alone(scorer: Scorer, fixtures: Path) -> None:
    """In batches of any size, and the probabilities are those of the verdict without evidence."""
    with (fixtures / "headlines.csv").open(encoding="utf-8", newline="") as rows:
        headlines = [row["text"] + " &amp; İ"[: 9 * (number % 3)] for number, row in enumerate(csv.DictReader(rows))]
    headlines = [headline for headline in headlines if len(headline) <= 500][:70]
    alone = [scorer.explain(headline) for headline in headlines]
    for size in (1, 31, 32, 33, len(headlines)):
        judged = scorer.judge(headlines[:size], explain=True)
        for one, expected in zip(judged, alone, strict=False):
            assert one.evidence is not None
            assert_same(one.evidence, expected)
        probabilities = [[getattr(one, axis) for axis in AXES] for one in judged]
        np.testing.assert_allclose(probabilities, scorer.predict_proba(headlines[:size]), rtol=0, atol=1e-12)


@each_scorer
def test_no_headlines_have_no_evidence(scorer: Scorer) -> None:
    """The empty batch, and what is cleaned to nothing."""
    assert scorer.judge([], explain=True) == []
    assert scorer.explain("&#8203;").spans == ()


@each_scorer
@pytest.mark.parametrize("bad", ["", " \u200b", "x" * 501, None, "half \udc00"])
def test_a_bad_headline_is_refused_with_evidence_as_without(scorer: Scorer, bad: str) -> None:
    """With the same error."""
    with pytest.raises(HeadlineError) as expected:
        check_headline(bad)
    with pytest.raises(HeadlineError) as found:
        scorer.judge(["A fine headline", bad] * 20, explain=True)
    assert str(found.value) == str(expected.value)


@each_scorer
def test_spans_are_like_any_others(scorer: Scorer) -> None:
    """However they were made: frozen, equal to one of the same fields, and shown with them."""
    span = scorer.explain("Fury as bus stops").spans[0]
    assert span == Span(span.start, span.end, span.text, span.sensational, span.clickbait)
    assert f"text={span.text!r}" in repr(span)
    with pytest.raises(AttributeError):
        span.text = "other"  # type: ignore[misc]
