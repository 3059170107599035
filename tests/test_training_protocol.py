"""The protocol holds out what it says, and its figures can be worked out by hand."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.judgement import AXES
from model.scorer import Scorer
from training.corpora import Corpus
from training.cross_validation import bare_words
from training.evaluate import Required, evaluate, falling_short
from training.protocol import PairedAuc, Weighed, across_corpora, leave_publishers_out, macro_mean
from training.recipe import Recipe

Cli = Callable[..., tuple[int, str, str]]


def test_every_pair_of_outlets_is_measured_once(corpus: Corpus) -> None:
    """Four tabloids against the three measured outlets that have fifty rows or more."""
    pairs = leave_publishers_out(Weighed.of(corpus, "sensational", Recipe()), least=35)
    assert len({(pair.sensational, pair.measured) for pair in pairs}) == len(pairs)
    assert {pair.sensational for pair in pairs} == set(corpus.publisher[corpus.sensational == 1])
    assert {pair.measured for pair in pairs} == {"The Harbour Record", "Continental Register", "Meridian Dispatch"}
    assert len(pairs) == 12
    assert all(0.7 < pair.roc_auc <= 1 for pair in pairs)


def test_nothing_held_out_nor_its_near_duplicate_is_fitted_on(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a held-out headline, under another outlet's name, stays out as well."""
    twice = corpus[np.tile(np.arange(len(corpus)), 2)]
    renamed = np.where(np.arange(len(twice)) % 7 == 0, "Copying Courier", twice.publisher).astype(object)
    data = Weighed.of(replace(twice, publisher=renamed), "sensational", Recipe())
    held = data.corpus.publisher == "Metro Blaze"
    seen: list[int] = []

    def spy(sample: object, *_: object) -> None:
        seen.append(len(sample))  # type: ignore[arg-type]

    monkeypatch.setattr("training.protocol.fit_line", lambda sample, *rest: spy(sample.target, *rest))
    data.fit_without(held)
    texts = set(data.corpus.text[held])
    assert seen == [sum(text not in texts for text in data.corpus.text)]
    assert seen[0] < (~held).sum()


def test_the_macro_mean_weighs_pairs_alike_and_its_interval_holds_it() -> None:
    """By hand: (.9 + .8 + .7 + .6) / 4."""
    found = macro_mean(
        [PairedAuc("a", "x", 0.9), PairedAuc("a", "y", 0.8), PairedAuc("b", "x", 0.7), PairedAuc("b", "y", 0.6)]
    )
    assert found.value == pytest.approx(0.75)
    assert found.low == pytest.approx(0.6)
    assert found.high == pytest.approx(0.9)


def test_fitting_on_one_corpus_measures_on_the_other(corpus: Corpus) -> None:
    """Two halves that agree: far above chance; a half whose labels are turned round: as far below."""
    first = corpus[np.arange(569)]
    first = first[first.labelled("clickbait")]
    half = np.array(["a", "b"], dtype=object)[np.arange(len(first)) % 2]
    data = Weighed.of(replace(first, source=half, publisher=np.full(len(first), "", object)), "clickbait", Recipe())
    turned = replace(data.corpus, clickbait=np.where(half == "b", 1 - first.clickbait, first.clickbait))
    found = across_corpora(data, "a", "b")
    assert found.value > 0.85
    assert across_corpora(replace(data, corpus=turned), "a", "b").value == pytest.approx(1 - found.value)


def test_bare_words_have_neither_case_nor_punctuation() -> None:
    """What Stop Clickbait's classes differ in by format alone."""
    assert bare_words("You Won't BELIEVE: 17 “Facts”_!?") == "you wont believe 17 facts"


def test_a_required_figure_is_held_against_every_set(scorer: Scorer, corpus: Corpus) -> None:
    """What is reached says nothing, what is missed says by how much, what nobody has is missed."""
    found = {"fixtures": evaluate(scorer, corpus[np.arange(569)])}
    assert falling_short(found, [Required(axis, "roc_auc", True, 0.9) for axis in AXES]) == []
    (short,) = falling_short(found, [Required("sensational", "brier", True, 1.0)])
    assert short.startswith("fixtures: sensational.brier is 0.0")
    assert falling_short(found, [Required("sensational", "brier", False, 1.0)]) == []
    (long,) = falling_short(found, [Required("sensational", "roc_auc", False, 0.5)])
    assert long.endswith(", above 0.5")
    assert falling_short(found, [Required("sensational", "nonsense", True, 0.1)]) == [
        "sensational.nonsense was required, but no set has it"
    ]


def test_rows_that_weigh_nothing_are_not_measured(scorer: Scorer, corpus: Corpus) -> None:
    """Posts of a test split that also stand in the training split."""
    half = corpus[np.arange(400)]
    found = evaluate(scorer, replace(half, weight=(np.arange(400) % 2).astype(float)))
    assert len(found.axes["sensational"].probability) == half.labelled("sensational")[1::2].sum()


def test_the_command_says_no_with_exit_code_1(cli: Cli, small_model: Path, fixtures: Path) -> None:
    """`--require` is for scripts that decide on a candidate."""
    data = ("evaluate", "--model", small_model, "--data", fixtures / "headlines.csv")
    assert cli(*data, "--require", "sensational.roc_auc>=0.9")[0] == 0
    code, _, err = cli(*data, "--require", "sensational.brier>=1.0")
    assert (code, err.count("\n")) == (1, 1)
    code, _, err = cli(*data, "--require", "nonsense")
    assert (code, err.count("\n")) == (2, 1)
    assert "AXIS.FIGURE>=NUMBER" in err


def test_the_command_writes_a_report(cli: Cli, small_model: Path, fixtures: Path, tmp_path: Path) -> None:
    """One file, whole or not at all."""
    data = ("evaluate", "--model", small_model, "--data", fixtures / "headlines.csv")
    assert cli(*data, "--report", tmp_path / "report.html")[0] == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_cross_validation_prints_what_the_data_allows(cli: Cli, corpus: Corpus, tmp_path: Path) -> None:
    """Outlets of both sides that are large enough, and no corpus without publishers."""
    rows = [["text", "label", "publisher"]]
    for tier, names in (("measured", ["Gull"] * 95 + ["Tern"] * 95), ("sensational", ["Blaze"] * 95 + ["Squall"] * 40)):
        texts = corpus.text[corpus.tier == tier]
        rows += [[text, tier, name] for text, name in zip(texts, names, strict=False)]
    with (tmp_path / "in.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    code, out, _ = cli("evaluate", "--cross-validate", "--data", tmp_path / "in.csv")
    assert code == 0
    assert "sensational, leave-publishers-out, ROC AUC, mean of 2 pairs" in out
    assert "clickbait" not in out


def test_cross_validation_that_has_nothing_to_measure_is_an_error(cli: Cli, fixtures: Path) -> None:
    """The fixtures' outlets are too small to be held against each other; an empty table says nothing of that."""
    code, out, err = cli("evaluate", "--cross-validate", "--data", fixtures / "headlines.csv")
    assert (code, out) == (2, "")
    assert "must have outlets of 90 headlines or more on both sides" in err
