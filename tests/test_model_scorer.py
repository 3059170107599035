"""The scorer agrees with scikit-learn, and its evidence adds up."""

import csv
import gzip
from functools import cache
from itertools import pairwise
from pathlib import Path

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.errors import HeadlineError
from model.judgement import AXES
from model.scorer import Scorer
from model.scoring.portable import expit
from training.candidate import PIPELINES

visible = st.text(min_size=1, max_size=90).filter(lambda text: any(c.isalnum() for c in text))


load_pipelines = cache(joblib.load)  # once for all headlines


def difference(scorer: Scorer, folder: Path, headlines: list[str]) -> float:
    """Give the largest difference of any probability from that of the saved scikit-learn pipelines."""
    pipelines = load_pipelines(folder / PIPELINES)
    terms = [scorer.artefact.settings.analyze(headline) for headline in headlines]
    theirs = np.column_stack([pipelines[axis].predict_proba(terms)[:, 1] for axis in AXES])
    return float(np.abs(theirs - scorer.predict_proba(headlines)).max())


def test_scorer_and_scikit_learn_agree_on_the_fixtures(scorer: Scorer, small_model: Path, headlines: list[str]) -> None:
    """Two programs, one model."""
    assert difference(scorer, small_model, headlines) < 1e-6


def test_scorer_and_scikit_learn_agree_on_a_sample_of_the_corpora(
    scorer: Scorer, small_model: Path, corpora: Path
) -> None:
    """Real headlines, with all that real feeds do to them; `make agree` compares every one."""
    for path in sorted(corpora.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
            found = [row["text"] for number, row in enumerate(csv.DictReader(rows)) if number % 29 == 0]
        assert len(found) > 30
        assert difference(scorer, small_model, [text for text in found if len(text) <= 500]) < 1e-6


@given(headline=visible)
@settings(max_examples=60, deadline=None)
def test_scorer_and_scikit_learn_agree_on_any_text(scorer: Scorer, small_model: Path, headline: str) -> None:
    """Text that no newspaper would print."""
    assert difference(scorer, small_model, [headline]) < 1e-6


@given(headline=visible)
@settings(max_examples=100, deadline=None)
def test_bias_spans_and_rest_are_the_decision_function(scorer: Scorer, headline: str) -> None:
    """An explanation that does not add up explains something else."""
    evidence = scorer.explain(headline)
    (decision,) = scorer.decision_function([headline])
    for axis, value in zip(AXES, decision, strict=True):
        total = evidence.bias[axis] + sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
        assert total == pytest.approx(value, abs=1e-9)


@given(headline=visible)
@settings(max_examples=100, deadline=None)
def test_spans_are_words_of_the_headline_as_given(scorer: Scorer, headline: str) -> None:
    """Offsets count characters of what the caller sent, and spans do not overlap."""
    spans = sorted(scorer.explain(headline).spans, key=lambda span: span.start)
    assert all(headline[span.start : span.end] == span.text for span in spans)
    assert all(one.end <= two.start for one, two in pairwise(spans))


def test_spans_survive_entities_and_typography(scorer: Scorer) -> None:
    """The span of a word that was written with entities covers them."""
    spans = {span.text for span in scorer.explain("Mum&rsquo;s “horror” as &pound;40 pool collapses").spans}
    assert {"Mum&rsquo;s", "“horror”", "&pound;40"} <= spans


def test_spans_come_strongest_first(scorer: Scorer) -> None:
    """By the larger of the two weights, whatever their sign."""
    spans = scorer.explain("Furious mum, 34, SLAMS council as bins overflow for the third week running").spans
    strength = [max(abs(span.sensational), abs(span.clickbait)) for span in spans]
    assert strength == sorted(strength, reverse=True)
    assert len(spans) > 5


def test_a_batch_gives_what_each_headline_gives_alone(scorer: Scorer, headlines: list[str]) -> None:
    """No headline sees another's."""
    together = scorer.decision_function(headlines[:50])
    alone = np.vstack([scorer.decision_function([headline]) for headline in headlines[:50]])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


def test_no_headlines_give_no_rows(scorer: Scorer) -> None:
    """The shape holds for an empty batch."""
    assert scorer.predict_proba([]).shape == (0, 2)
    assert scorer.judge([]) == []


def test_a_headline_of_unknown_terms_gets_the_bias(scorer: Scorer) -> None:
    """Nothing known is no division by zero; every mark that it carries is part of the rest."""
    assert np.isfinite(scorer.decision_function(["ⵣⵣⵣⵣ ꙮꙮꙮ ⵣⵣⵣ"])).all()


def test_a_bad_headline_in_a_batch_is_refused(scorer: Scorer) -> None:
    """Python callers get the typed error."""
    with pytest.raises(HeadlineError):
        scorer.predict_proba(["fine", " "])


@pytest.mark.parametrize("suffix", [" ", "\n", "\u200b", " - The Harbour Record", " | Metro Blaze"])
def test_what_cleaning_drops_changes_no_verdict(scorer: Scorer, headlines: list[str], suffix: str) -> None:
    """Invariance on real shapes of headlines."""
    plain = [headline for headline in headlines if headline == headline.strip() and not headline.istitle()][:60]
    bare = [h for h in plain if sum(w[0].isupper() for w in h.split()) < 0.4 * len(h.split())]
    changed = scorer.predict_proba([headline + suffix for headline in bare])
    np.testing.assert_allclose(changed, scorer.predict_proba(bare), rtol=0, atol=1e-12)
    assert len(bare) > 20


def test_logistic_function_is_exact_and_never_overflows() -> None:
    """Known values, and both far ends."""
    values = expit(np.array([0.0, np.log(3.0), -np.log(3.0), 1000.0, -1000.0]))
    np.testing.assert_allclose(values, [0.5, 0.75, 0.25, 1.0, 0.0], atol=1e-15)
