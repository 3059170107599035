"""A user's own data: one axis is enough, what cannot be split is said by name, what leaks is not measured."""

import csv
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest

from model.artefact import load
from model.errors import ArtefactError, LabelError
from model.judgement import AXES, Axis
from model.scorer import Scorer
from tests.conftest import Cli
from training.candidate import PIPELINES, Material, train
from training.check import check_data
from training.corpora import Corpus, as_corpus, read_corpora
from training.folds import split_axes
from training.leaks import leaks_of
from training.near_duplicates import near_duplicate_groups
from training.readers import Example
from training.recipe import Recipe

NAN = math.nan
PLACES = "harbour council library museum ferry bakery clinic school theatre railway market bridge".split()
DEEDS = "opens plans funds delays reviews repairs extends rejects".split()
AXIS_OF: dict[str, tuple[float, float]] = {"measured": (0, 0), "sensational": (1, NAN), "clickbait": (NAN, 1)}
Rows = list[tuple[str, str, str]]  # text, label, publisher


def plain(number: int) -> str:
    """Give one of 1,152 headlines that share no more than half of their words."""
    place, deed, other = PLACES[number % 12], DEEDS[number // 12 % 8], PLACES[(number // 96 + number + 5) % 12]
    return f"Old {place} {deed} {number * 7919 % 1000} {other}s{number}"


def rows_of(label: str, count: int, publishers: Sequence[str] = ("",), begin: int = 0) -> Rows:
    """Give headlines of one label, dealt to publishers."""
    return [(f"{plain(begin + n)} {label[:3]}", label, publishers[n % len(publishers)]) for n in range(count)]


PAPERS = ["The Gull", "Evening Heron", "Daily Tern", "Plover"]
MEASURED = rows_of("measured", 40, PAPERS)
LOUD = rows_of("sensational", 40, PAPERS, 100)
BAIT = rows_of("clickbait", 40, PAPERS, 200)


def by(publisher: str, rows: Rows) -> Rows:
    """Give the rows to one publisher."""
    return [(text, label, publisher) for text, label, _ in rows]


def write(path: Path, rows: Rows) -> Path:
    """Write labelled rows as a user has them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label", "publisher"), *rows])
    return path


ONE_TEXT = "Old harbour council plans a new ferry"
UNSPLITTABLE: dict[str, tuple[Rows, str]] = {
    "one publisher": (
        by("The Gull", [*MEASURED, *LOUD, *BAIT]),
        "column publisher has one, 'The Gull', for all 80, and folds hold whole outlets out",
    ),
    "one publisher in three spellings": (
        [
            (t, label, ("The Gull", "the  gull", "THE-GULL.")[n % 3])
            for n, (t, label, _) in enumerate([*MEASURED, *LOUD])
        ],
        "column publisher has one, 'The Gull', for all 80",
    ),
    "each label of one publisher": (
        [*by("The Gull", MEASURED), *by("Plover", LOUD), *by("Daily Tern", BAIT)],
        "in column publisher, all 40 are of 'Plover'",
    ),
    "a label of one publisher": (
        [*MEASURED, *by("Plover", LOUD), *BAIT],
        "must have sensational headlines of at least two outlets: in column publisher, all 40 are of 'Plover'",
    ),
    "a class of one": ([*MEASURED, LOUD[0], *BAIT], "must have 2 sensational headlines or more, got 1"),
    "contradictory duplicates": (
        [(ONE_TEXT, ("measured", "sensational", "clickbait")[n % 3], "") for n in range(120)],
        "must have 2 different headlines or more, got 80 near-duplicates of one",
    ),
    "contradictory duplicates of several publishers": (
        [(ONE_TEXT.upper(), ("measured", "sensational")[n % 2], PAPERS[n // 2 % 4]) for n in range(120)],
        "must have 2 different headlines or more, got 120 near-duplicates of one",
    ),
    "a class that is one headline": (
        [*MEASURED, *((ONE_TEXT, "sensational", PAPERS[n % 4]) for n in range(30))],
        "must have 2 different sensational headlines or more, got 30 near-duplicates of one",
    ),
    "no second class on either axis": (MEASURED, "got only negative ones (40)"),
    "a class of two headlines that both outlets print": (
        [*MEASURED, *((LOUD[n % 2][0], "sensational", PAPERS[n // 2 % 2]) for n in range(20))],
        "more outlets of each class are needed",
    ),
}


@pytest.mark.parametrize("kind", UNSPLITTABLE)
def test_what_cannot_be_split_is_said_by_name_before_a_fit_in_check_and_train_alike(
    kind: str, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which column or class, how many there are, and are needed: one line, and nothing is fitted or left behind."""
    rows, said = UNSPLITTABLE[kind]
    source = write(tmp_path / "in.csv", rows)
    monkeypatch.setattr("training.fit.vectorize", None)  # what would begin a fit
    code, _, err = cli("train", "--data", source, "--output", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("Error: ")
    assert said in err
    assert not (tmp_path / "out").exists()
    report = check_data(read_corpora([source])[0])
    assert any(said in problem for problem in report.problems)
    assert cli("data", "check", source, "--strict")[0] == 1


@pytest.mark.parametrize(
    ("rows", "count", "reason"),
    [
        ([*MEASURED, *LOUD[:3]], 3, "there are no more sensational headlines"),
        ([*MEASURED[:2], *LOUD], 2, "there are no more not sensational headlines"),
        ([*MEASURED, *LOUD], 4, "there are no more outlets (column publisher)"),
        ([*by("", MEASURED), *by("", LOUD[:4])], 4, "there are no more sensational headlines"),
    ],
    ids=["positive headlines", "negative headlines", "outlets", "headlines without a publisher"],
)
def test_folds_shrink_to_what_the_data_allows_and_a_line_says_so(
    rows: Rows, count: int, reason: str, tmp_path: Path
) -> None:
    """Never fewer than two; the line is the data check's as well."""
    corpus = read_corpora([write(tmp_path / "in.csv", rows)])[0]
    groups = near_duplicate_groups(list(corpus.text))
    found = split_axes(corpus, groups, ["sensational"], Recipe())["sensational"]
    assert len(found.folds) == count
    assert found.note == f"sensational: {count} folds instead of 5: {reason}"
    assert found.note in check_data(corpus).notes
    for fitted, _ in found.folds:
        assert set(corpus.sensational[fitted]) == {0.0, 1.0}


def test_folds_are_as_many_as_were_asked_for_where_the_data_allows(tmp_path: Path) -> None:
    """Four outlets make four folds, three if three were asked for; no line is needed then."""
    corpus = read_corpora([write(tmp_path / "in.csv", [*MEASURED, *LOUD])])[0]
    found = split_axes(corpus, np.arange(len(corpus)), ["sensational"], Recipe(folds=3))["sensational"]
    assert (len(found.folds), found.note) == (3, "")


Trained = Callable[..., Path]


@pytest.fixture
def trained_on(tmp_path: Path, small_model: Path) -> Trained:
    """Train on files with the small model as the base."""

    def made(*paths: Path, tests: dict[str, Corpus] | None = None, keep_leaks: bool = False) -> Path:
        material = Material(*read_corpora(paths), tests or {}, lambda: load(small_model), keep_leaks)
        train(material, tmp_path / "made", Recipe(), "own", lambda _: None)
        return tmp_path / "made"

    return made


def stop_clickbait(folder: Path, bait: Sequence[str], other: Sequence[str]) -> list[Path]:
    """Write two files as Chakraborty et al. have them."""
    paths = [folder / "clickbait_data", folder / "non_clickbait_data"]
    for path, texts in zip(paths, (bait, other), strict=True):
        path.write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    return paths


def one_axis_files(kind: str, folder: Path, corpus: Corpus) -> tuple[list[Path], Axis]:
    """Write the fixtures' headlines so that they say something of one axis alone."""
    texts = {tier: [str(t) for t in corpus.text[corpus.tier == tier]] for tier in AXIS_OF}
    if kind == "Stop Clickbait's two files":
        return stop_clickbait(folder, texts["clickbait"], texts["measured"]), "clickbait"
    axis: Axis = "sensational" if "sensational" in kind else "clickbait"
    labels = ("1", "0") if "column" in kind else (axis, "measured")
    path = folder / "in.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = [(t, labels[0]) for t in texts[axis]] + [(t, labels[1]) for t in texts["measured"]]
        csv.writer(file).writerows([("text", axis if "column" in kind else "label"), *rows])
    return [path], axis


@pytest.mark.parametrize(
    "kind",
    [
        "a column clickbait of 0 and 1",
        "a column sensational of 0 and 1",
        "tiers measured and clickbait",
        "tiers measured and sensational",
        "Stop Clickbait's two files",
    ],
)
def test_one_axis_is_enough_and_the_base_gives_the_other_to_the_bit(
    kind: str, trained_on: Trained, small_model: Path, corpus: Corpus, tmp_path: Path
) -> None:
    """Its probabilities, thresholds and calibration are the base's; manifest, card and report say so."""
    paths, axis = one_axis_files(kind, tmp_path, corpus)
    folder = trained_on(*paths)
    own, base = Scorer.load(folder), Scorer.load(small_model)
    other, column = next(one for one in AXES if one != axis), AXES.index(axis)
    texts = [*map(str, corpus.text[:200]), "Nothing of this is known: Zyzzyva qoph", "OUTRAGE at 9!"]
    given, before = own.predict_proba(texts), base.predict_proba(texts)
    assert (given[:, 1 - column] == before[:, 1 - column]).all()
    assert own.artefact.heads[other] == base.artefact.heads[other]
    assert own.artefact.heads[axis] != base.artefact.heads[axis]
    truth = corpus.tier[:200] == axis
    is_plain = corpus.tier[:200] == "measured"
    assert given[:200, column][truth].mean() > 2 * given[:200, column][is_plain].mean()
    manifest = own.artefact.manifest
    assert (manifest["base"]["axis"], manifest["base"]["version"]) == (other, base.version)
    assert manifest["calibration"][other] == base.artefact.manifest["calibration"][other]
    assert set(manifest["metrics"]["out of fold"]) == {axis}
    for name in ("card.md", "report.html"):
        text = (folder / name).read_text(encoding="utf-8")
        assert base.version in text, name
        assert "not learned from" in text, name


def test_scikit_learns_pipelines_of_one_learned_axis_give_both_axes_probabilities(
    trained_on: Trained, corpus: Corpus, tmp_path: Path
) -> None:
    """The base's terms and idf are those of the pipelines as well."""
    folder = trained_on(*one_axis_files("a column clickbait", tmp_path, corpus)[0])
    scorer, pipelines = Scorer.load(folder), joblib.load(folder / PIPELINES)
    texts = list(map(str, corpus.text[::9]))
    terms = [scorer.artefact.settings.analyze(text) for text in texts]
    for column, axis in enumerate(AXES):
        assert pipelines[axis].predict_proba(terms)[:, 1] == pytest.approx(
            scorer.predict_proba(texts)[:, column], abs=1e-12
        )


def test_the_base_is_the_model_in_use_and_every_face_says_so(
    cli: Cli, small_model: Path, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --base it is the store's current version; a base of a base is named by its origin."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(tmp_path / "store"))
    assert cli("models", "promote", small_model)[0] == 0
    paths, _ = one_axis_files("a column clickbait", tmp_path, corpus)
    version = load(small_model).version
    said = f"sensational is that of model small, version {version}"
    code, out, err = cli("train", "--data", paths[0], "--output", tmp_path / "first")
    assert code == 0
    assert f"that axis is taken from model small, version {version}" in err
    assert said in out
    assert said in cli("models", "show", "--model", tmp_path / "first")[1]
    code, _, err = cli("train", "--data", paths[0], "--base", tmp_path / "first", "--output", tmp_path / "second")
    assert (code, load(tmp_path / "second").manifest["base"]["version"]) == (0, version)


def test_a_base_that_is_not_needed_is_said_not_to_be_used(cli: Cli, small_model: Path, tmp_path: Path) -> None:
    """And one that is no model is an error, needed or not."""
    source = write(tmp_path / "in.csv", [*MEASURED, *LOUD, *BAIT])
    assert cli("train", "--data", source, "--output", tmp_path / "out", "--base", tmp_path)[0] == 2
    code, _, err = cli("train", "--data", source, "--output", tmp_path / "out", "--base", small_model)
    assert code == 0
    assert "--base was not used: the data has both classes of both axes" in err


def test_a_base_whose_terms_are_of_another_revision_is_refused(
    trained_on: Trained, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its weights would stand for other terms."""
    paths, _ = one_axis_files("a column clickbait", tmp_path, corpus)
    monkeypatch.setattr("model.terms.analyzer.REVISION", 99)
    with pytest.raises(ArtefactError, match="terms have revision"):
        trained_on(*paths)


def test_the_data_check_says_which_axis_train_would_take_from_its_base(tmp_path: Path) -> None:
    """It is no fault of the data."""
    report = check_data(read_corpora([write(tmp_path / "in.csv", [*MEASURED, *BAIT])])[0])
    assert any(note.endswith("not sensational: train takes that axis from its --base model") for note in report.notes)
    assert report.refused == ()


def corpus_of(*texts: str, label: str = "measured") -> Corpus:
    """Give labelled headlines of one source."""
    return as_corpus([Example(text, *AXIS_OF[label]) for text in texts], ["own"] * len(texts))


@pytest.mark.parametrize(
    ("text", "same", "near"),
    [
        ("Mayor’s budget passes after a long night of talks", True, False),
        ("MAYOR'S BUDGET  passes after a long night of talks", True, False),
        ("Mayor's budget passes after a long night of talks | BBC News", True, False),
        ("Mayor's budget passes after another long night of talks", False, True),
        ("Mayor's budget passes after a long night of talks, says clerk", False, True),
        ("Ferry returns after a long night of storms", False, False),
    ],
)
def test_a_headline_of_the_test_set_that_stands_in_the_data_is_found(text: str, same: bool, near: bool) -> None:
    """Whatever its case, quotes and blanks, or a word or two changed; and it is told where."""
    data = corpus_of("Bank holds rates", "Mayor's budget passes after a long night of talks")
    found = leaks_of({"test": corpus_of("Another line of no account at all", text)}, data)["test"]
    assert (found.same.tolist(), found.near.tolist()) == ([False, same], [False, near])
    assert found.where == (("row 2 as own row 2",) if same or near else ())


def test_a_row_that_weighs_nothing_or_cannot_be_judged_leaks_nothing() -> None:
    """It is not learned from."""
    data = corpus_of("Bank holds rates", "")
    tests = {"other": corpus_of("Ferry returns"), "test": corpus_of("Bank holds rates", "")}
    assert not leaks_of(tests, replace(data, weight=np.zeros(2)))["test"].all.any()
    assert leaks_of(tests, data)["test"].all.tolist() == [True, False]
    assert leaks_of(tests, data)["other"].all.tolist() == [False]


def test_leaks_are_counted_named_and_left_out_of_the_figures_unless_they_are_asked_for(
    trained_on: Trained, fixtures: Path, corpus: Corpus
) -> None:
    """Ten headlines of the data stand among forty to measure on."""
    fresh = [Example(text, *AXIS_OF[label]) for text, label, _ in [*MEASURED[:15], *LOUD[:15]]]
    known = corpus[np.flatnonzero(corpus.tier != "clickbait")[:10]]
    copies = [Example(str(t).upper(), *AXIS_OF[str(tier)]) for t, tier in zip(known.text, known.tier, strict=True)]
    tests = {"mixed": as_corpus([*copies, *fresh], ["mixed"] * 40)}
    for keep_leaks, headlines in ((False, 30), (True, 40)):
        folder = trained_on(fixtures / "headlines.csv", tests=tests, keep_leaks=keep_leaks)
        manifest = load(folder).manifest
        assert manifest["metrics"]["mixed"]["sensational"]["headlines"] == headlines
        (note,) = [line for line in manifest["notes"] if line.startswith("mixed: 10 of 40 headlines stand in --data")]
        assert ("--keep-leaks" in note) is not keep_leaks
        assert "row 1 as headlines row " in note


def test_a_test_set_that_is_the_data_leaves_nothing_to_measure(cli: Cli, tmp_path: Path) -> None:
    """It is an error before a fit, and --keep-leaks is named."""
    source = write(tmp_path / "in.csv", [*MEASURED, *LOUD, *BAIT])
    code, _, err = cli("train", "--data", source, "--test", source, "--output", tmp_path / "out")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("Error: nothing can be measured")
    assert "in: 120 of 120 headlines stand in --data" in err
    assert "--keep-leaks" in err


def test_a_set_without_a_second_class_is_refused_before_a_fit(trained_on: Trained, fixtures: Path) -> None:
    """Its figures would be missing after it."""
    with pytest.raises(LabelError, match="nothing can be measured"):
        trained_on(fixtures / "headlines.csv", tests={"one": corpus_of("Gulls return to the quay")})
