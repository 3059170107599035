"""Readers' ratings decide: what a head is fitted on, calibrated by, and measured against."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from model.errors import LabelError
from model.scorer import Scorer
from model.scoring.portable import expit
from tests.conftest import Cli
from training.ablation import thinned
from training.calibration import LEFT_BELOW, MIX, RIGHT, calibrate, mixed
from training.corpora import Corpus, as_corpus, read_corpora
from training.cross_validation import _auc_of
from training.evaluate import evaluate
from training.fit import prepare
from training.folds import folds_of
from training.heads import Columns, Line, Sample, fit_line
from training.labels import CLEARLY, SLIGHTLY
from training.plots.curves import risk_coverage
from training.readers import Example
from training.recipe import HeadRecipe, Penalty, Recipe
from training.scored import ScoredSet

NAN = float("nan")
ALL = np.ones(2, dtype=bool)


def examples(*ratings: tuple[float, float]) -> Corpus:
    """Give headlines with these means."""
    made = [
        Example(f"Headline {n}", 0.0 if s != s else float(s >= CLEARLY), float(c >= CLEARLY), s, c)  # noqa: PLR0124
        for n, (s, c) in enumerate(ratings)
    ]
    return as_corpus(made, ["test"] * len(made))


def sample_of(target: list[float], rated: list[bool], aside: list[bool]) -> Sample:
    """Give rows of which each has one of two terms, in turn."""
    x = csr_array(np.eye(2)[np.arange(len(target)) % 2])
    return Sample(x, np.array(target), np.ones(len(target)), np.array(rated), np.array(aside))


def test_marks_are_softened_and_posts_stand_aside() -> None:
    """Who rated both axes decides; the mean of one axis alone is of something else, and stays as it is."""
    corpus = examples((0.0, 1.0), (1.0, 0.5), (NAN, 0.4))
    found = Sample.of(corpus, csr_array(np.eye(3)), "clickbait", Recipe(rating_floor=0.1, rating_span=0.8))
    assert found.target.tolist() == pytest.approx([0.9, 0.5, 0.4])
    assert found.rated.tolist() == [True, True, False]
    assert found.aside.tolist() == [False, False, True]


def test_where_nobody_rated_both_axes_ratings_of_one_decide() -> None:
    """As people's of Webis-17 did before there were others."""
    corpus = examples((NAN, 1.0), (NAN, 0.4))
    found = Sample.of(corpus, csr_array(np.eye(2)), "clickbait", Recipe())
    assert found.rated.all()
    assert not found.aside.any()
    assert found.target.tolist() == [1.0, 0.4]


def test_ratings_weigh_as_they_are_given_and_labels_by_outlet() -> None:
    """A rating is the headline's own."""
    corpus = replace(examples((0.0, 0.0), (1.0, 1.0), (0.5, 0.0)), weight=np.array([1.0, 0.5, 2.0]))
    assert Sample.of(corpus, csr_array(np.eye(3)), "clickbait", Recipe()).weight.tolist() == [1.0, 0.5, 2.0]


def test_a_share_of_the_line_of_what_stands_aside_is_added() -> None:
    """Both are linear, so the sum is one line; without a share, readers' alone."""
    sample = sample_of([0.9, 0.1] * 4 + [0.1, 0.9] * 4, [True] * 8 + [False] * 8, [False] * 8 + [True] * 8)
    recipes = [Recipe(heads={"clickbait": HeadRecipe(Penalty(1.0), aside_share=share)}) for share in (0.0, 0.5)]
    main, both = (fit_line(sample, Columns(ALL, ALL), "clickbait", recipe) for recipe in recipes)
    aside = fit_line(
        replace(sample.among(sample.aside), rated=sample.aside, aside=sample.rated),
        Columns(ALL, ALL),
        "clickbait",
        Recipe(heads={"clickbait": HeadRecipe(Penalty(1.0), ratings=recipes[0].heads["clickbait"].aside)}),
    )
    assert main.coef[0] > main.coef[1]
    assert both.coef == pytest.approx(main.coef + 0.5 * aside.coef, abs=1e-6)
    assert both.intercept == pytest.approx(main.intercept + 0.5 * aside.intercept, abs=1e-6)


def test_what_is_left_out_of_a_fit_changes_nothing_of_it() -> None:
    """Rows of no weight are rows that are not there."""
    sample = sample_of([0.9, 0.1, 0.8, 0.3, 0.1, 0.9], [True] * 6, [False] * 6)
    few = np.array([True] * 4 + [False] * 2)

    def fitted(one: Sample) -> Line:
        return fit_line(one, Columns(ALL, ALL), "sensational", Recipe())

    whole, part = fitted(sample.among(few)), fitted(sample[np.flatnonzero(few)])
    assert whole.coef == pytest.approx(part.coef, abs=1e-3)


def test_classes_are_weighed_to_their_shares_of_all_headlines() -> None:
    """Whatever shares they have among those that were rated."""
    mean = np.array([0.0] * 10 + [0.34] * 30 + [0.5, 1.0] * 30)
    weight = mixed(mean, np.ones(100), "clickbait")
    clear, touched = MIX["clickbait"]
    assert weight.sum() == pytest.approx(100)
    assert weight[mean >= CLEARLY].sum() == pytest.approx(100 * clear)
    assert weight[mean >= SLIGHTLY].sum() == pytest.approx(100 * touched)


def test_thresholds_keep_the_rule_of_readers() -> None:
    """Counted again on the headlines that they were set on, at the mix; the probability is that of "clearly"."""
    random = np.random.default_rng(3)
    scores = random.normal(0, 2, 30_000)
    marks = random.binomial(3, expit(scores - 1.5)) / 3
    corpus = examples(*zip(marks.tolist(), marks.tolist(), strict=True))
    both = np.ones(len(marks), dtype=bool)
    sample = Sample(csr_array((len(marks), 1)), marks, np.ones(len(marks)), both, ~both)
    found = calibrate(corpus, scores, sample, "sensational")
    probability, weight = expit(found.sigmoid.log_odds(scores)), mixed(marks, np.ones(len(marks)), "sensational")
    flagged, low = probability >= found.thresholds.upper, probability < found.thresholds.lower
    touched, clear = marks >= SLIGHTLY, marks >= CLEARLY
    assert weight[flagged & touched].sum() / weight[flagged].sum() == pytest.approx(RIGHT, abs=0.01)
    assert weight[low & clear].sum() / weight[clear].sum() <= LEFT_BELOW + 0.001
    assert np.average(probability, weights=weight) == pytest.approx(MIX["sensational"][0], abs=0.005)
    assert "readers call" in found.rule


def test_an_encoders_marks_neither_calibrate_nor_are_measured() -> None:
    """They say what a model would; `raters` 0 tells them."""
    corpus = examples(*[(0.0, 0.0), (1.0, 1.0)] * 40)
    marked = replace(corpus, raters=np.array([1.0] * 40 + [0.0] * 40))
    scores, both = np.tile([-1.0, 1.0], 40), np.ones(80, dtype=bool)
    sample = Sample(csr_array((80, 1)), marked.sensational_mean, np.ones(80), both, ~both)
    assert calibrate(marked, scores, sample, "sensational").rows.tolist() == list(range(40))
    assert not thinned(marked, "sensational", 0)[40:].any()


def test_cross_validation_measures_readers_on_publishers_held_out(cli: Cli, fixtures: Path, tmp_path: Path) -> None:
    """Of the fixtures, rated by their own labels; and what is recent by itself."""
    corpus, _ = read_corpora([fixtures / "headlines.csv"])
    rows = ["text,sensational_mean,clickbait_mean,publisher,date"]
    for text, tier, publisher in zip(corpus.text, corpus.tier, corpus.publisher, strict=True):
        marks = ",".join(str(float(tier == axis)) for axis in ("sensational", "clickbait"))
        quoted = '"' + text.replace('"', '""') + '"'
        rows.append(f"{quoted},{marks},{publisher},2025-01-01")
    path = tmp_path / "rated.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    code, out, _ = cli("evaluate", "--cross-validate", "--data", path)
    assert code == 0
    for axis in ("sensational", "clickbait"):
        assert f"{axis} by readers, publishers held out, ROC AUC, clearly" in out
        assert f"{axis} by readers, publishers held out since 2025, ROC AUC, at least slightly" in out


def test_the_risk_of_the_surer_half_is_said() -> None:
    """The two farthest from the threshold are right, the two at it wrong."""
    truth, probability = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.99, 0.01, 0.4, 0.6])
    blank = np.full(4, "", dtype=object)
    scored = ScoredSet(
        "a set", "sensational", truth, probability, blank, blank, blank, np.ones(4, int), truth == 2, {}, {}
    )
    found = risk_coverage(scored, 0.5, "risk")
    assert "Wrong of the surer half: 0.0%; of all: 50.0%." in found.svg


@pytest.mark.parametrize("what", ["raters", "weight"])
def test_clear_headlines_that_nobody_rated_or_that_weigh_nothing_are_no_class(what: str) -> None:
    """The error comes before any work."""
    corpus = examples(*[(0.0, 0.0), (1.0, 1.0)] * 20)
    nothing = replace(corpus, **{what: np.tile([1.0, 0.0], 20)})
    with pytest.raises(LabelError, match="must have labelled headlines of both classes, got only negative ones"):
        prepare(nothing, Recipe())


def test_one_publisher_cannot_be_held_out() -> None:
    """More are asked for."""
    corpus = examples(*[(0.0, 0.0), (1.0, 1.0)] * 20)
    one = replace(corpus, publisher=np.full(40, "The Harbour Record", dtype=object))
    with pytest.raises(LabelError, match="must have headlines of at least two outlets, or of none that"):
        folds_of(one, np.arange(40), "sensational", Recipe())


def test_an_encoders_marks_are_no_readers() -> None:
    """Verdicts are not held against what a model would say."""
    corpus = replace(examples((0.0, 0.0), (1.0, 1.0)), raters=np.zeros(2))
    assert evaluate(Scorer.load(), corpus).verdicts == {}


def test_a_draw_without_one_of_the_classes_is_left_out_of_an_interval() -> None:
    """One clear headline of forty is in two draws of three."""
    found = _auc_of(np.arange(40) == 0, -np.arange(40.0))
    assert (found.value, found.low, found.high) == pytest.approx((1.0, 1.0, 1.0))
