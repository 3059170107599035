"""What is measured, and what is said where nothing can be: files together or alone, verdicts, thresholds, weights."""

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from model.artefact import load
from model.errors import LabelError
from model.judgement import Judgement
from model.scorer import Scorer
from tests.conftest import Cli
from training.calibration import RULE_OF_READERS, calibrate
from training.corpora import Corpus, as_corpus, read_corpora
from training.cross_validation import cross_validate
from training.evaluate import Required, SetFigures, evaluate, falling_short
from training.heads import Sample
from training.metrics import Estimate
from training.readers import Example
from training.recipe import Recipe
from training.sets import learned_from, measured_sets, read_sets

NAN = float("nan")


def table(path: Path, header: str, rows: Sequence[tuple[object, ...]]) -> Path:
    """Write rows of a CSV file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *rows])
    return path


@pytest.fixture
def tiers(corpus: Corpus) -> dict[str, list[str]]:
    """Forty headlines of the fixtures of each tier."""
    return {tier: [str(t) for t in corpus.text[corpus.tier == tier][:40]] for tier in dict.fromkeys(corpus.tier)}


@pytest.fixture
def one_class(tmp_path: Path, tiers: dict[str, list[str]]) -> dict[str, Path]:
    """A file of each tier alone."""
    return {
        name: table(tmp_path / f"{name}.csv", "text,label", [(t, name) for t in some]) for name, some in tiers.items()
    }


def test_files_of_one_class_each_are_measured_together(
    cli: Cli, small_model: Path, one_class: dict[str, Path], tmp_path: Path
) -> None:
    """As one file that has the rows of both; each axis has its own."""
    measured = ("evaluate", "--model", small_model, "--format", "json")
    data = [option for path in one_class.values() for option in ("--data", path)]
    code, out, err = cli(*measured, *data)
    names = list(one_class)
    assert code == 0
    bodies = json.loads(out)["data"]
    for axis in ("sensational", "clickbait"):
        pool = [name for name in names if name in {axis, "measured"}]
        assert f"{', '.join(pool)}: measured together on {axis}" in err
        whole = tmp_path / "whole.csv"
        rows = [row for name in pool for row in one_class[name].read_text(encoding="utf-8").splitlines()[1:]]
        whole.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
        expected = json.loads(cli(*measured, "--data", whole)[1])["data"]["whole"][axis]
        assert bodies[" + ".join(pool)][axis] == expected


def test_stop_clickbaits_two_files_are_measured_together(
    cli: Cli, small_model: Path, tiers: dict[str, list[str]], tmp_path: Path
) -> None:
    """They have one class each by their nature."""
    for name, tier in (("clickbait_data", "clickbait"), ("non_clickbait_data", "measured")):
        (tmp_path / name).write_text("\n\n".join(tiers[tier]) + "\n", encoding="utf-8")
    data = ("--data", tmp_path / "clickbait_data", "--data", tmp_path / "non_clickbait_data")
    code, out, _ = cli("evaluate", "--model", small_model, *data, "--require", "clickbait.roc_auc>=0.9")
    assert code == 0
    assert "clickbait_data + non_clickbait_data, clickbait: 80 headlines, 40 clickbait" in out


@pytest.mark.parametrize("count", [1, 2])
def test_nothing_measured_is_an_error(cli: Cli, small_model: Path, one_class: dict[str, Path], count: int) -> None:
    """Which says what each file has."""
    data = ["--data", one_class["measured"]] * count
    code, out, err = cli("evaluate", "--model", small_model, *data)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("Error: nothing can be measured, expected headlines of both classes; ")
    assert "measured: not measured on sensational: all 40 headlines are not sensational" in err


@pytest.mark.parametrize(
    "rows",
    [[("", "measured"), ("x " * 400, "clickbait")], [("Bank holds rates", "clickbait")]],
    ids=["unusable", "one"],
)
def test_rows_that_cannot_be_judged_measure_nothing(
    cli: Cli, small_model: Path, tmp_path: Path, rows: list[tuple[object, ...]]
) -> None:
    """Nor does a lone one."""
    path = table(tmp_path / "a.csv", "text,label", rows)
    code, _, err = cli("evaluate", "--model", small_model, "--data", path)
    assert code == 2
    assert "Error: nothing can be measured" in err


def test_a_file_of_one_class_beside_a_whole_one_is_named_as_not_measured(
    cli: Cli, small_model: Path, one_class: dict[str, Path], fixtures: Path
) -> None:
    """The whole one is, so the command is done."""
    data = ("--data", fixtures / "headlines.csv", "--data", one_class["clickbait"])
    code, _, err = cli("evaluate", "--model", small_model, *data)
    assert code == 0
    assert err == "clickbait: not measured on clickbait: all 40 headlines are clickbait\n"


def test_two_files_of_one_name_are_two_sets(
    cli: Cli, small_model: Path, tiers: dict[str, list[str]], tmp_path: Path
) -> None:
    """The folder tells the later; neither is lost."""
    rows = [(text, tier) for tier, texts in tiers.items() for text in texts]
    paths = [table(tmp_path / part / "test.csv", "text,label", rows) for part in ("spring", "autumn")]
    corpora, _ = read_sets([*paths, paths[1]])
    assert list(corpora) == ["test", "autumn/test", "autumn/test'"]
    data = [option for path in paths for option in ("--data", path)]
    out = json.loads(cli("evaluate", "--model", small_model, "--format", "json", *data)[1])
    assert list(out["data"]) == ["test", "autumn/test"]


def test_a_file_that_the_model_learned_from_is_said_to_flatter(cli: Cli, small_model: Path, fixtures: Path) -> None:
    """By its hash, whatever its name."""
    _, sources = read_sets([fixtures / "headlines.csv"])
    (line,) = learned_from(load(small_model).manifest, sources)
    assert line == "headlines: the model learned from this very file (headlines): its figures flatter"
    assert line in cli("evaluate", "--model", small_model, "--data", fixtures / "headlines.csv")[1]
    assert learned_from({}, sources) == []


@pytest.fixture
def rated(tmp_path: Path, tiers: dict[str, list[str]]) -> Path:
    """The fixtures' headlines with ratings that are their tiers."""
    rows = [
        (text, float(tier == "sensational"), float(tier == "clickbait"), 3)
        for tier, texts in tiers.items()
        for text in texts
    ]
    return table(tmp_path / "rated.csv", "text,sensational_mean,clickbait_mean,raters", rows)


@pytest.mark.parametrize(
    ("required", "code"),
    [
        ("verdicts.flagged_of_clear>=0.5", 0),
        ("verdicts.measured_of_clear<=0.5", 0),
        ("verdicts.flagged_of_clear<=0.5", 1),
        ("verdicts.measured_of_clear>=0.5", 1),
        ("verdicts.nonsense>=0.5", 1),
        ("clickbait.brier<=0.5", 0),
        ("verdict.flagged>=0.5", 2),
        ("verdicts.flagged=0.5", 2),
    ],
)
def test_a_verdict_figure_may_be_required(cli: Cli, small_model: Path, rated: Path, required: str, code: int) -> None:
    """At least, or at most: some are better the lower they are."""
    assert cli("evaluate", "--model", small_model, "--data", rated, "--require", required)[0] == code


@pytest.mark.parametrize("is_least", [True, False])
def test_a_figure_that_is_no_number_keeps_no_bound(is_least: bool) -> None:
    """Every comparison with it is false, so that it once passed."""
    assert not Required("verdicts", "flagged", is_least, 0.5).keeps(NAN)


def test_each_headline_is_judged_once_for_all_figures(rated: Path, small_model: Path) -> None:
    """Of both axes and of the verdicts."""
    asked: list[str] = []

    class Counting(Scorer):
        def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:
            """Judge, and remember what."""
            asked.extend(headlines)
            return super().judge(headlines, explain=explain)

        def decision_function(self, headlines: Sequence[str]) -> np.ndarray:
            """Score nothing beside."""
            raise AssertionError(headlines)

    corpus = read_corpora([rated])[0]
    found = evaluate(Counting(load(small_model)), corpus)
    assert set(found.axes) == {"sensational", "clickbait"}
    assert found.verdicts
    assert asked == list(corpus.text)


def test_figures_are_those_of_the_probabilities_that_are_shown(scorer: Scorer, rated: Path) -> None:
    """And ranks, which come from log-odds, are the same."""
    corpus = read_corpora([rated])[0]
    found = evaluate(scorer, corpus)
    shown = [one.clickbait for one in scorer.judge(list(corpus.text))]
    assert found.axes["clickbait"].probability == pytest.approx(shown, abs=1e-15)


def test_the_report_has_the_verdicts_in_readers_terms(cli: Cli, small_model: Path, rated: Path, tmp_path: Path) -> None:
    """As card, manifest and terminal have them, of the sets that were measured now."""
    made = tmp_path / "report.html"
    code, out, _ = cli("evaluate", "--model", small_model, "--data", rated, "--format", "json", "--report", made)
    assert code == 0
    page = made.read_text(encoding="utf-8")
    assert page.count("Verdicts, held against readers") == 1
    verdicts = json.loads(out)["data"]["rated"]["verdicts"]
    for name, (value, low, high) in verdicts.items():
        row = f"{name.replace('_', ' ').capitalize()}</th><td>"
        assert row in page, name
        cell = page.split(row)[1].split("</td>")[0]
        assert f"<b>{value:.3f}</b>" in cell
        assert f"{low:.3f}–{high:.3f}" in cell


def test_a_report_without_ratings_has_no_table_of_verdicts(
    cli: Cli, small_model: Path, fixtures: Path, tmp_path: Path
) -> None:
    """Nothing was held against readers."""
    data = ("--data", fixtures / "headlines.csv", "--report", tmp_path / "report.html")
    assert cli("evaluate", "--model", small_model, *data)[0] == 0
    assert "held against readers" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_verdicts_alone_are_enough_to_be_measured() -> None:
    """Readers who call nothing clearly so leave no second class on either axis."""
    rows = [Example(f"Gulls {n} return to quay {n}", 0.0, 0.0, 0.1, 0.0, 3) for n in range(5)]
    sets, notes = measured_sets({"plain": as_corpus(rows, ["plain"] * 5)})
    assert [(one.name, one.axes) for one in sets] == [("plain", [])]
    assert len(notes) == 2


def scored_sample(means: list[float]) -> tuple[Corpus, Sample]:
    """Give headlines with these means of readers' ratings on both axes."""
    rows = [Example(f"Headline {n}", float(m >= 0.5), float(m >= 0.5), m, m, 3) for n, m in enumerate(means)]
    both = np.ones(len(rows), dtype=bool)
    return as_corpus(rows, ["a"] * len(rows)), Sample(
        csr_array((len(rows), 1)), np.array(means), both * 1.0, both, ~both
    )


def test_a_threshold_rule_that_nothing_keeps_is_said_in_a_line() -> None:
    """As many plain headlines as clear ones at every score: no share of .8 is ever reached, and upper is 1."""
    corpus, sample = scored_sample([1.0, 0.0] * 40)
    found = calibrate(corpus, np.tile([-1.0, -1.0, 1.0, 1.0], 20), sample, "sensational")
    assert (found.thresholds.upper, found.rule) == (1.0, RULE_OF_READERS)
    assert "no upper threshold below 1 keeps the rule" in found.note
    kept = calibrate(corpus, np.tile([1.0, -1.0], 40), sample, "sensational")
    assert (kept.thresholds.upper < 1, kept.note) == (True, "")


def test_an_upper_threshold_of_labels_is_never_above_1() -> None:
    """A measured outlet's headline of probability 1 once put it at 1.0001, which no model could be loaded with."""
    rows = [Example(f"Headline {n}", float(n % 2), 0.0) for n in range(80)]
    sample = Sample(csr_array((80, 1)), np.tile([0.0, 1.0], 40), np.ones(80), *[np.zeros(80, dtype=bool)] * 2)
    scores = np.where(np.arange(80) % 2 == 1, 900.0, -900.0)
    scores[:8:2] = 1000.0
    found = calibrate(as_corpus(rows, ["a"] * 80), scores, sample, "sensational")
    assert found.thresholds.lower <= found.thresholds.upper <= 1


@pytest.mark.parametrize("weight", ["1e-300", "5e-324", "9.9e-7", "1e-320"])
def test_a_weight_that_no_float_can_square_is_refused_at_its_row(cli: Cli, tmp_path: Path, weight: str) -> None:
    """By training and by the data check."""
    path = table(tmp_path / "a.csv", "text,label,weight", [("A b", "measured", 1), ("C d", "clickbait", weight)])
    for command in (("train", "--output", tmp_path / "out", "--data"), ("data", "check")):
        code, _, err = cli(*command, path)
        assert code == 2
        assert f"row 2: weight must be 0, or a number from 1e-06 to 1e+06, got {float(weight):g}" in err


def test_cross_validation_pools_files_of_one_class_and_says_what_it_leaves_out(
    cli: Cli, tiers: dict[str, list[str]], tmp_path: Path
) -> None:
    """Stop Clickbait's two files are one corpus; one of them alone is nothing to measure."""
    for name, tier in (("clickbait_data", "clickbait"), ("non_clickbait_data", "measured")):
        (tmp_path / name).write_text("\n\n".join(tiers[tier]) + "\n", encoding="utf-8")
    data = ("--data", tmp_path / "clickbait_data", "--data", tmp_path / "non_clickbait_data")
    code, out, _ = cli("evaluate", "--cross-validate", "--format", "json", *data)
    assert code == 0
    assert [name.split(",")[1] for name in json.loads(out)] == [
        " five folds within clickbait_data + non_clickbait_data"
    ] * 2
    code, out, err = cli("evaluate", "--cross-validate", *data[:2])
    assert (code, out) == (2, "")
    assert "nothing can be cross-validated" in err
    assert "got only positive ones (40)" in err


@pytest.mark.parametrize("kind", ["one publisher", "duplicates", "few"])
def test_cross_validation_of_what_cannot_be_split_says_so(corpus: Corpus, kind: str) -> None:
    """As training does, in one line."""
    made = {
        "one publisher": replace(corpus, publisher=np.full(len(corpus), "The Gull", dtype=object)),
        "duplicates": replace(
            corpus,
            text=np.full(len(corpus), "Old harbour council plans a ferry", dtype=object),
            publisher=np.full(len(corpus), "", dtype=object),
        ),
        "few": corpus[np.flatnonzero(corpus.tier != "clickbait")[:3]],
    }[kind]
    with pytest.raises(LabelError, match="nothing can be cross-validated"):
        cross_validate(made, Recipe())


def test_a_set_figure_is_found_by_axis_or_as_a_verdict() -> None:
    """What no axis has, and what no set has, is missed."""
    figures = SetFigures({}, {"flagged": Estimate(0.4, 0.3, 0.5)})
    assert falling_short({"a": figures}, [Required("verdicts", "flagged", True, 0.5)]) == [
        "a: verdicts.flagged is 0.4000, below 0.5"
    ]
    assert falling_short({"a": figures}, [Required("clickbait", "f1", True, 0.5)]) == [
        "clickbait.f1 was required, but no set has it"
    ]
