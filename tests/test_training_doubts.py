"""What a careful colleague would say of labels before and after a fit: none, few, both at once, no better than lots."""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from broadsheet.shown.figures import print_figures
from model.artefact import load
from model.errors import LabelError
from model.plain import many
from tests.conftest import Cli
from training.card import as_markdown
from training.check import check_data
from training.corpora import Corpus, as_corpus, read_corpora
from training.evaluate import SetFigures
from training.folds import split_axes
from training.leaks import leaks_of
from training.near_duplicates import near_duplicate_groups
from training.readers import Example
from training.recipe import Recipe

PLACES = "harbour council library museum ferry bakery clinic school theatre railway market bridge".split()
DEEDS = "opens plans funds delays reviews repairs extends rejects".split()


def headline(number: int) -> str:
    """Give one of many headlines that share no more than half of their words."""
    place, deed, other = PLACES[number % 12], DEEDS[number // 12 % 8], PLACES[(number // 96 + number + 5) % 12]
    return f"Old {place} {deed} {number * 7919 % 1000} {other}s{number}"


def write(path: Path, rows: Iterable[tuple[object, ...]], *columns: str) -> Path:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", *columns), *rows])
    return path


def of_bait(labels: Sequence[object], text: Callable[[int], str] = headline) -> list[tuple[object, ...]]:
    """Give a headline a label."""
    return [(text(number), label) for number, label in enumerate(labels)]


def doubts(corpus: Corpus) -> list[str]:
    """Give what is said of the clickbait axis before a fit."""
    groups = near_duplicate_groups(list(corpus.text))
    return split_axes(corpus, groups, ["clickbait"], Recipe())["clickbait"].lines


UNLABELLED = {
    "clickbait": ("", " ", "\t"),
    "label": ("",),
    "clickbait_mean": ("",),
}


@pytest.mark.parametrize("column", UNLABELLED)
def test_a_row_whose_label_cell_is_empty_is_without_a_label_and_not_measured(
    cli: Cli, tmp_path: Path, column: str
) -> None:
    """The data check counts and names such rows, whichever column the labels stand in; they conflict with nothing."""
    words = ("measured", "clickbait") if column == "label" else ("0", "1")
    empty = UNLABELLED[column]
    rows = of_bait([*words * 3, *empty])
    rows.append((rows[1][0], ""))  # the same text with a label is no contradiction
    report = check_data(read_corpora([write(tmp_path / "in.csv", rows, column)])[0])
    count = len(empty) + 1
    assert report.tiers == {"measured": 3, "clickbait": 3}
    assert report.unlabelled == tuple(range(7, 7 + count))
    assert f"{count} rows are without a label" in report.problems
    assert report.conflicting == ()
    out = cli("data", "check", tmp_path / "in.csv")[1]
    assert f"3 measured, 3 clickbait, {count} without a label" in out
    assert f"without a label: rows {', '.join(map(str, report.unlabelled))}" in out


@pytest.mark.slow
def test_train_says_how_many_rows_are_without_a_label_and_which_axis_is_the_bases(
    cli: Cli, small_model: Path, tmp_path: Path
) -> None:
    """One plain line each, in stderr, stdout, manifest, card and report; none sounds like an error."""
    source = write(tmp_path / "in.csv", of_bait(["0", "1", ""] * 40), "clickbait")
    output = tmp_path / "out"
    code, out, err = cli("train", "--data", source, "--base", small_model, "--output", output)
    taken = f"no sensational labels: that axis is taken from model small, version {load(small_model).version}"
    said = [taken, "40 rows without a label: they teach neither axis"]
    assert code == 0
    assert err.splitlines()[:2] == said
    assert load(output).manifest["notes"][:2] == said
    card, report = ((output / name).read_text(encoding="utf-8") for name in ("card.md", "report.html"))
    for line in said:
        assert line in card  # as people read it raw, too
        assert line in report
        assert line in " ".join(out.split())
    assert "must have" not in out + err + card + report


@pytest.mark.parametrize("labels", [("clickbait", ("0", "1")), ("label", ("measured", "clickbait"))], ids=str)
def test_strict_does_not_fail_because_one_axis_has_no_labels(
    cli: Cli, tmp_path: Path, labels: tuple[str, tuple[str, str]]
) -> None:
    """One axis is enough, says the README; a note says what gives the other one."""
    column, words = labels
    rows = of_bait(words * 40)
    code, out, _ = cli("data", "check", write(tmp_path / "in.csv", rows, column), "--strict")
    assert (code, "no problem found" in out) == (0, True)
    assert "train takes that axis from its --base model" in out
    assert "must have labelled headlines" not in out
    assert "alone on sensational" not in out


def test_what_an_axis_lacks_is_not_appended_to_an_unrelated_error(cli: Cli, tmp_path: Path) -> None:
    """Two publishers have a label each: that the other axis is the base's has nothing to do with it."""
    rows = [(headline(n), n % 2, ("The Gull", "Plover")[n % 2]) for n in range(80)]
    source = write(tmp_path / "in.csv", rows, "clickbait", "publisher")
    code, _, err = cli("train", "--data", source, "--output", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert "must have clickbait headlines of at least two outlets" in err
    assert "sensational" not in err


CONTRADICTING = {
    "each headline once with each label": of_bait([0] * 60) + of_bait([1] * 60),
    "in another case": of_bait([0] * 60) + of_bait([1] * 60, lambda n: headline(n).upper()),
    "each three times, twice so": of_bait([1] * 60) + of_bait([1] * 60) + of_bait([0] * 60),
}


@pytest.mark.parametrize("kind", CONTRADICTING)
def test_headlines_that_all_contradict_themselves_teach_nothing_and_are_refused(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Before a fit, in check and train alike, with how many headlines and rows they are."""
    rows = CONTRADICTING[kind]
    source = write(tmp_path / "in.csv", rows, "clickbait")
    said = f"every headline contradicts itself: 60 headlines with both labels each, in {len(rows)} rows"
    monkeypatch.setattr("training.fit.vectorize", None)  # what would begin a fit
    code, _, err = cli("train", "--data", source, "--output", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert said in err
    assert not (tmp_path / "out").exists()
    assert any(said in problem for problem in check_data(read_corpora([source])[0]).problems)


def test_how_many_headlines_have_both_labels_is_said_where_others_have_one() -> None:
    """Contradictions beside an honest rest are counted; an encoder's mark beside a rating is none."""
    rows = [Example(headline(n), clickbait=float(n % 2)) for n in range(80)]
    marks = [Example(headline(n), clickbait=float(n % 2 == 0), raters=0) for n in range(80)]
    assert doubts(as_corpus([*rows, *marks], ["own"] * 160)) == []
    both = [Example(headline(n).upper(), clickbait=float(n % 2 == 0)) for n in range(7)]
    assert doubts(as_corpus([*rows, *both], ["own"] * 87)) == ["clickbait: 7 headlines have both labels"]
    assert doubts(as_corpus([*rows, both[0]], ["own"] * 81)) == ["clickbait: 1 headline has both labels"]


def test_raters_votes_a_row_each_may_contradict_each_other() -> None:
    """Every headline has both labels, and half of them more often: that can be learned from."""
    votes = [Example(headline(n), clickbait=float(vote < 1 + n % 2)) for n in range(80) for vote in range(3)]
    assert doubts(as_corpus(votes, ["own"] * 240)) == ["clickbait: 80 headlines have both labels"]
    with pytest.raises(LabelError, match="every headline contradicts itself"):
        doubts(as_corpus([*votes[:3], *votes[6:9]], ["own"] * 6))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([1.0] * 3 + [0.0] * 200, "only 3 different headlines are clickbait, of 203"),
        ([1.0] * 200 + [0.0] * 2, "only 2 different headlines are not clickbait, of 202"),
        ([1.0, 0.0] * 2, "only 2 different headlines are clickbait and only 2 different headlines are not clickbait"),
        ([1.0] * 30 + [0.0] * 30, ""),
    ],
)
def test_a_class_of_very_few_headlines_is_named(labels: list[float], said: str) -> None:
    """Of either side; thirty are enough to be said nothing of."""
    corpus = as_corpus([Example(headline(n), clickbait=one) for n, one in enumerate(labels)], ["own"] * len(labels))
    found = [line for line in doubts(corpus) if "only" in line]
    assert [line[: len(f"clickbait: {said}")] for line in found] == ([f"clickbait: {said}"] if said else [])


def test_copies_do_not_make_a_class_larger() -> None:
    """Three headlines, printed forty times each, are three."""
    texts = [headline(n % 3) for n in range(120)] + [headline(n) for n in range(3, 90)]
    rows = [Example(text, clickbait=float(n < 120)) for n, text in enumerate(texts)]
    assert any("only 3 different headlines are clickbait" in line for line in doubts(as_corpus(rows, ["own"] * 207)))


@pytest.mark.slow
def test_a_head_that_may_be_no_better_than_chance_is_said_to_be(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """Labels that were drawn by lot, and that nothing in the words tells: its ROC AUC's interval holds .5."""
    labels = np.random.default_rng(0).integers(0, 2, 240)
    source = write(tmp_path / "in.csv", of_bait([int(one) for one in labels]), "clickbait")
    code, out, err = cli("train", "--data", source, "--base", small_model, "--output", tmp_path / "out")
    manifest = load(tmp_path / "out").manifest
    value, low, high = manifest["metrics"]["out of fold"]["clickbait"]["roc_auc"]
    assert (code, low <= 0.5 <= high) == (0, True)
    said = f"clickbait: out of fold, ROC AUC is {value:.3f} [{low:.3f}, {high:.3f}], which may be chance"
    assert said in err
    assert said in " ".join(out.split())
    assert any(line.startswith(said) for line in manifest["notes"])
    assert "which may be chance" in (tmp_path / "out" / "card.md").read_text(encoding="utf-8")


def test_a_head_that_learned_something_is_not_doubted(small_model: Path) -> None:
    """The fixtures' model has both classes in numbers, and tells them apart."""
    assert not [line for line in load(small_model).manifest["notes"] if "chance" in line or "only" in line]


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 outlets"), (1, "1 outlet"), (2, "2 outlets"), (1200, "1,200 outlets")]
)
def test_one_of_something_is_not_many(count: int, said: str) -> None:
    """Whatever is counted."""
    assert many(count, "outlet") == said


def test_the_data_check_counts_one_as_one(cli: Cli, tmp_path: Path) -> None:
    """One outlet, one headline, one row, one text; and no table without a row."""
    rows = [("Lamps are lit again", 1), ("Lamps are lit again", 0), ("", 1), ("Home", 0)]
    out = cli("data", "check", write(tmp_path / "in.csv", rows, "clickbait"))[1]
    assert not re.search(r"\b1 \w+s\b", out.replace("1 is", ""))
    for said in ("1 outlet ", "1 row of 1 headline;", "1 text stands there", "1 row is empty", "1 row is absurd"):
        assert said in out
    assert "alone on sensational" not in out


def test_evaluate_begins_at_once_and_parts_its_tables_by_one_blank_line(
    cli: Cli, small_model: Path, fixtures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No line is blank before the first; where there is nothing to print, nothing is."""
    code, out, _ = cli("evaluate", "--model", small_model, "--data", fixtures / "headlines.csv")
    assert code == 0
    assert out.splitlines()[0].strip()
    assert "\n\n\n" not in out
    print_figures("v", {"empty": SetFigures({}, {})})
    assert not capsys.readouterr().out


def test_evaluates_help_points_to_where_cross_validation_is_explained(cli: Cli) -> None:
    """It stands above the options."""
    text = " ".join(cli("evaluate", "--help")[1].split())
    assert text.index("With --cross-validate, heads") < text.index("Measure the recipe instead of a model: see above.")


@pytest.mark.parametrize(
    "line",
    ["clickbait: 2 folds instead of 5: there are no more", "no sensational labels: that axis", "none: sensational"],
)
def test_a_plain_line_stands_in_the_card_as_it_is(line: str) -> None:
    """Without a backslash before each colon: people read Markdown raw as well."""
    assert as_markdown(line) == line


@pytest.mark.parametrize(("count", "said"), [(1, "1 of 1 headline stands in --data"), (2, "2 of 2 headlines stand")])
def test_one_leak_is_said_as_one(count: int, said: str) -> None:
    """Of a set of one headline, too."""
    corpus = as_corpus([Example(headline(n), clickbait=0.0) for n in range(count)], ["own"] * count)
    note = leaks_of({"test": corpus}, corpus)["test"].note("test", kept=False)
    assert note.startswith(f"test: {said}")
    assert ("it is left out" in note) is (count == 1)
