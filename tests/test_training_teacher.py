"""The teacher, with an encoder in its place that gives back the mean of what it was told."""

import csv
import gzip
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from model.errors import LabelError
from training.corpora import read_corpora
from training.teacher import WEIGHT, Headline, main, mark, material, write


class Remembering:
    """Gives the mean of what it was fitted on."""

    def fit(self, rows: np.ndarray, means: np.ndarray, epochs: int, progress: Callable[[float], None]) -> None:
        """Remember."""
        assert epochs > 0
        self.rows, self.mean = rows.tolist(), means.mean(axis=0)
        progress(1.0)

    def read(self, rows: np.ndarray, progress: Callable[[float], None]) -> np.ndarray:
        """Recall."""
        progress(1.0)
        return np.tile(self.mean, (len(rows), 1))


HEADLINES = [Headline(f"Headline number {n} of many", f"Outlet {n % 9}", "2025") for n in range(20)]


def test_an_encoder_learns_what_is_rated_and_marks_everything() -> None:
    """Axis by axis, and says how far it is."""
    encoder, told = Remembering(), list[tuple[str, float]]()
    marks = mark(np.array([[0.0, 1.0], [0.5, 1.0]]), 5, encoder, lambda *said: told.append(said))
    assert encoder.rows == [0, 1]
    assert marks.tolist() == [[0.25, 1.0]] * 5
    assert told == [("learning", 1.0), ("reading", 1.0)]


def test_marks_are_labelled_headlines_that_nobody_rated(tmp_path: Path) -> None:
    """Training reads them as any other file, and knows them by `raters` 0."""
    path = tmp_path / "marks.csv.gz"
    write(HEADLINES[:3], np.array([[0.0, 0.5], [0.6, 0.1], [1 / 3, 0.0]]), path)
    corpus, _ = read_corpora([path])
    assert corpus.sensational_mean.tolist() == [0.0, 0.6, 0.3333]
    assert corpus.clickbait.tolist() == [1.0, 0.0, 0.0]
    assert corpus.raters.tolist() == [0.0] * 3
    assert corpus.weight.tolist() == [WEIGHT] * 3


def test_each_headline_is_marked_once_and_none_of_a_test_set(tmp_path: Path) -> None:
    """Whatever its quotes and its case; ratings come first."""

    def table(name: str, *rows: tuple[str, ...]) -> Path:
        with gzip.open(tmp_path / name, "wt", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return tmp_path / name

    ratings = table(
        "ratings.csv.gz",
        ("text", "sensational_mean", "clickbait_mean", "publisher", "date"),
        ("Mayor’s budget passes", "0", "0", "The Harbour Record", "2025"),
        ("Asked in the test", "1", "1", "Metro Blaze", "2025"),
        ("Half rated", "1", "", "Metro Blaze", "2025"),
    )
    unrated = table("unrated.csv.gz", ("text",), ("Mayor's BUDGET passes",), ("New one",), ("new one",), (" ",))
    test = table("test.csv.gz", ("text",), ("ASKED in the test",))
    headlines, means = material([ratings], [unrated], [test])
    assert [one.text for one in headlines] == ["Mayor’s budget passes", "New one"]
    assert means.tolist() == [[0.0, 0.0]]


def test_without_ratings_nothing_can_be_taught(tmp_path: Path) -> None:
    """Labels by outlet are none."""
    path = tmp_path / "labels.csv"
    path.write_text("text,label\nA b c,measured\n", encoding="utf-8")
    headlines, means = material([path], [], [])
    assert headlines == []
    with pytest.raises(LabelError, match="must have headlines that readers rated on both axes, got none"):
        mark(means, 0, Remembering(), lambda _stage, _share: None)


def test_without_its_extra_the_teacher_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In one line, before anything is read."""
    monkeypatch.setitem(sys.modules, "training.encoder", None)
    monkeypatch.setattr(sys, "argv", ["teacher", "--ratings", "none.csv", "--output", str(tmp_path / "marks.csv.gz")])
    with pytest.raises(SystemExit) as left:
        main()
    assert str(left.value).startswith("the teacher needs the extra `teacher`: pip install 'broadsheet[teacher]'")


def test_the_command_reads_marks_and_writes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With an encoder that gives back the mean of what it was told; bad input ends in one line."""
    monkeypatch.setitem(sys.modules, "training.encoder", SimpleNamespace(Encoder=lambda *_: Remembering()))
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("text,sensational_mean,clickbait_mean\nA b c,0,1\nD e f,1,1\n", encoding="utf-8")
    command = ["teacher", "--ratings", str(ratings), "--unrated", str(ratings), "--output", str(tmp_path / "marks.csv")]
    monkeypatch.setattr(sys, "argv", command)
    main()
    assert read_corpora([tmp_path / "marks.csv"])[0].sensational_mean.tolist() == [0.5, 0.5]
    ratings.write_text("text,sensational_mean\nA b c,7\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"Error: .*must be a number from 0 to 1, got 7"):
        main()
