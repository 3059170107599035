"""Columns and labels by other names: the same headlines are read whatever a file calls them."""

import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model.errors import BroadsheetError
from tests.conftest import Cli
from training.corpora import read_corpora
from training.labels import Naming, word_of
from training.readers import read_examples

NAN = math.nan
ONES, ZEROS = (
    ("1", "1.0", "1.", "true", "TRUE", "True", "yes", " Yes ", "y", "T"),
    ("0", "0.0", "false", "No", "n", "F"),
)


def table(path: Path, *lines: str) -> Path:
    """Write the lines of a CSV file."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def axes(path: Path, naming: Naming) -> list[str]:
    """Read both axes of every row; NaN is no label."""
    return [f"{one.sensational:g} {one.clickbait:g}" for one in read_examples(path, naming=naming)]


@pytest.mark.parametrize("axis", ["sensational", "clickbait"])
def test_0_and_1_may_be_written_as_people_write_them(tmp_path: Path, axis: str) -> None:
    """Spreadsheets, pandas and R each have their own words for them."""
    path = table(tmp_path / "a.csv", f"text,{axis}", *(f"A b,{word}" for word in (*ONES, *ZEROS, "")))
    found = [getattr(one, axis) for one in read_examples(path)]
    assert found[:-1] == [1.0] * len(ONES) + [0.0] * len(ZEROS)
    assert math.isnan(found[-1])


@pytest.mark.parametrize("word", ["2", "0.5", "-1", "maybe", "nan", "yes!", "1e", "10", "on fire"])
def test_what_is_neither_0_nor_1_is_refused_at_its_row(tmp_path: Path, word: str) -> None:
    """The line says what was expected and what came."""
    path = table(tmp_path / "a.csv", "text,clickbait", "A b,yes", f"C d,{word}")
    with pytest.raises(BroadsheetError) as caught:
        list(read_examples(path))
    assert str(caught.value) == f"{path}, row 2: clickbait must be 0 or 1 (or true, false, yes, no), got {word!r}"


@pytest.mark.parametrize("kind", [pa.bool_(), pa.int8(), pa.float64()], ids=str)
def test_a_column_of_another_type_says_the_same(tmp_path: Path, kind: pa.DataType) -> None:
    """Parquet and JSON have truth values and numbers; none is missing, and so is NaN."""
    values = pa.array([True, False, None] if kind == pa.bool_() else [1, 0, None], kind)
    pq.write_table(pa.table({"text": ["A b", "C d", "E f"], "clickbait": values}), tmp_path / "a.parquet")
    assert axes(tmp_path / "a.parquet", Naming()) == ["nan 1", "nan 0", "nan nan"]
    pq.write_table(pa.table({"text": ["E f"], "clickbait": pa.array([NAN])}), tmp_path / "b.parquet")
    assert axes(tmp_path / "b.parquet", Naming()) == ["nan nan"]


def test_the_truth_values_of_json_are_labels(tmp_path: Path) -> None:
    """As they come from programs."""
    path = table(tmp_path / "a.jsonl", '{"text": "A b", "clickbait": true}', '{"text": "C d", "clickbait": false}')
    assert axes(path, Naming()) == ["nan 1", "nan 0"]


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (" Fake ", "fake"),
        (True, "true"),
        (1, "1"),
        (1.0, "1"),
        ("1.00", "1"),
        (None, ""),
        (NAN, ""),
        (" ", ""),
        (1.5, "1.5"),
    ],
)
def test_a_cell_is_a_word_whatever_its_type(cell: object, word: str) -> None:
    """So that --map needs to know none."""
    assert word_of(cell) == word


WORDS = {"fake": "sensational", "real": "measured", "1": "clickbait"}


@pytest.mark.parametrize("column", ["label", "tier", "class", "verdict of the desk"])
def test_label_words_have_the_meaning_that_they_are_given(tmp_path: Path, column: str) -> None:
    """In any case, beside our own words; a mapped word goes before one of ours."""
    lines = ["A b,FAKE", "C d,real", "E f, Fake ", "G h,1.0", "I j,Clickbait", "K l,measured"]
    path = table(tmp_path / "a.csv", f"text,{column}", *lines)
    naming = Naming(label=column, words=WORDS)
    assert axes(path, naming) == ["1 nan", "0 0", "1 nan", "nan 1", "nan 1", "0 0"]
    turned = Naming(label=column, words={**WORDS, "measured": "clickbait"})
    assert axes(path, turned)[-1] == "nan 1"


def test_a_label_column_that_is_named_is_the_only_one_read(tmp_path: Path) -> None:
    """Whatever else the file calls a label, a rating or an axis, be it no label at all."""
    path = table(
        tmp_path / "a.csv", "text,label,clickbait,sensational_mean,mine", "A b,x,77,x,measured", "C d,,,,Sensational"
    )
    assert axes(path, Naming(label="mine")) == ["0 0", "1 nan"]


@pytest.mark.parametrize(("column", "cell", "said"), [("clickbait", "yes", "nan 1"), ("truth_mean", "0.7", "nan 1")])
def test_an_axis_or_a_rating_may_be_the_label_column(tmp_path: Path, column: str, cell: str, said: str) -> None:
    """It keeps its meaning; the tier beside it is left alone."""
    path = table(tmp_path / "a.csv", f"text,label,{column}", f"A b,measured,{cell}")
    assert axes(path, Naming(label=column)) == [said]


def test_words_of_an_axis_column_may_be_mapped_as_well(tmp_path: Path) -> None:
    """As of Webis-17's classes, which are called clickbait and no-clickbait."""
    path = table(tmp_path / "a.csv", "text,clickbait", "A b,clickbait", "C d,no-clickbait")
    naming = Naming(words={"clickbait": "clickbait", "no-clickbait": "measured"})
    assert axes(path, naming) == ["nan 1", "nan 0"]


def test_a_word_without_a_meaning_is_refused_at_its_row(tmp_path: Path) -> None:
    """The line has all known words, and names the option."""
    path = table(tmp_path / "a.csv", "text,class", "A b,fake", "C d,satire")
    with pytest.raises(BroadsheetError) as caught:
        list(read_examples(path, naming=Naming(label="class", words={"fake": "sensational"})))
    assert str(caught.value) == (
        f"{path}, row 2: class must be one of measured, sensational, clickbait, fake, got 'satire'; "
        "--map WORD=measured, sensational or clickbait says what another word means"
    )


NOWHERE = {
    "text": Naming(text="nowhere"),
    "label": Naming(label="nowhere"),
    "publisher": Naming(publisher="nowhere"),
}


@pytest.mark.parametrize("missing", NOWHERE)
def test_a_column_that_is_named_and_not_there_is_an_error(tmp_path: Path, missing: str) -> None:
    """Whatever it was for; the columns that are there are named."""
    path = table(tmp_path / "a.csv", "text,label,publisher", "A b,measured,The Gull")
    with pytest.raises(BroadsheetError, match="must have a column 'nowhere'; its columns: text, label, publisher"):
        list(read_examples(path, naming=NOWHERE[missing]))


def test_a_headline_of_a_named_column_that_is_no_string_is_refused_by_its_name(tmp_path: Path) -> None:
    """Not by the name that we have for it."""
    path = table(tmp_path / "a.jsonl", '{"title": 7, "label": "measured"}')
    with pytest.raises(BroadsheetError, match="title must be a string, got int"):
        list(read_examples(path, naming=Naming(text="title")))


OPTIONS = ["--text-column", "title", "--label-column", "class", "--publisher-column", "site", "--map", "Fake=clickbait"]


@pytest.fixture
def own(tmp_path: Path, fixtures: Path) -> Path:
    """The fixtures' headlines under other names."""
    corpus = read_corpora([fixtures / "headlines.csv"])[0]
    words = {"clickbait": "FAKE", "measured": "real", "sensational": "sensational"}
    rows = zip(corpus.text, corpus.tier, corpus.publisher, strict=True)
    path = tmp_path / "own.jsonl"
    lines = (json.dumps({"title": text, "class": words[tier], "site": site}) for text, tier, site in rows)
    return table(path, *lines)


def test_data_check_takes_the_names(cli: Cli, own: Path, fixtures: Path) -> None:
    """And finds what it finds under ours."""
    code, out, _ = cli("data", "check", own, *OPTIONS, "--map", "real=measured", "--format", "json")
    expected = json.loads(cli("data", "check", fixtures / "headlines.csv", "--format", "json")[1])
    assert code == 0
    found = json.loads(out)
    assert found["tiers"] == expected["tiers"]
    assert found["outlets"] == expected["outlets"]


def test_evaluate_takes_the_names(cli: Cli, own: Path, fixtures: Path, small_model: Path) -> None:
    """And measures what it measures under ours."""
    measured = ("evaluate", "--model", small_model, "--format", "json", "--data")
    code, out, _ = cli(*measured, own, *OPTIONS, "--map", "real=measured")
    assert code == 0
    expected = json.loads(cli(*measured, fixtures / "headlines.csv")[1])["data"]["headlines"]
    assert json.loads(out)["data"]["own"] == expected


def test_train_takes_the_names_for_data_and_test(cli: Cli, own: Path, tmp_path: Path) -> None:
    """Both are read by them: all that is to be measured is seen to stand in the data."""
    data = ("--data", own, "--test", own, "--output", tmp_path / "out")
    code, _, err = cli("train", *data, *OPTIONS, "--map", "real=measured")
    assert code == 2
    assert "own: 569 of 569 headlines stand in --data" in err


MAPS = ["fake", "fake=", "=measured", "fake=tabloid", "fake=measured,real", "fake:measured", ""]


@pytest.mark.parametrize("given", [*MAPS, "fake=measured,FAKE=clickbait"])
def test_a_map_that_is_none_is_bad_usage(cli: Cli, own: Path, given: str) -> None:
    """One line says its form."""
    code, _, err = cli("data", "check", own, "--map", given)
    assert (code, err.count("\n")) == (2, 1)
    assert "WORD=LABEL" in err or "one label for each word" in err


def test_stop_clickbaits_files_have_no_columns_to_be_named(tmp_path: Path) -> None:
    """They may stand beside tables that have."""
    bait = table(tmp_path / "clickbait_data", "What the lamp did next")
    own = table(tmp_path / "own.csv", "title,class", "Bank holds rates,real")
    corpus, _ = read_corpora([bait, own], naming=Naming(text="title", label="class", words=WORDS))
    assert corpus.clickbait.tolist() == [1.0, 0.0]
