"""Labelled headlines are read from every accepted shape, and a wrong value is refused with its file and row."""

import gzip
import json
import math
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from model.errors import BroadsheetError, HeadlineError, LabelError, TableError
from model.plain import plain
from model.tables.writer import TableWriter
from training.corpora import read_corpora
from training.readers import Example, hash_of, name_of, read_examples

UNKNOWN = math.nan
MAPPED = "; --map WORD=measured, sensational or clickbait says what another word means"


def table(path: Path, *lines: str) -> Path:
    """Write the lines of a CSV file."""
    path.write_text("\n".join(lines) + "\n")
    return path


def axes(path: Path) -> list[tuple[float, float]]:
    """Read both axes of every row."""
    return [(one.sensational, one.clickbait) for one in read_examples(path)]


def refusal(path: Path, kind: type[BroadsheetError]) -> str:
    """Give the text of the error of this very type that reading ends in."""
    with pytest.raises(BroadsheetError) as caught:
        list(read_examples(path))
    assert type(caught.value) is kind
    return str(caught.value)


def webis(folder: Path, posts: list[dict[str, object]], truths: list[dict[str, object]]) -> Path:
    """Write a folder in the shape of the Webis Clickbait Challenge 2017."""
    folder.mkdir()
    for name, rows in (("instances.jsonl", posts), ("truth.jsonl", truths)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


POST: dict[str, object] = {"id": "11", "postText": ["The lamp did this"], "postTimestamp": "Sat Jun 03 2017"}
TRUTH: dict[str, object] = {"id": "11", "truthClass": "clickbait", "truthMean": 0.8}


@pytest.mark.parametrize("column", ["label", "tier"])
def test_a_tier_speaks_for_its_own_axis_and_measured_for_both(tmp_path: Path, column: str) -> None:
    """A tabloid headline may well be bait too, so `sensational` says nothing of clickbait."""
    path = table(tmp_path / "a.csv", f"text,{column}", "A b,measured", "C d,sensational", "E f, Clickbait ")
    assert [str(pair) for pair in axes(path)] == ["(0.0, 0.0)", "(1.0, nan)", "(nan, 1.0)"]


@pytest.mark.parametrize("axis", ["sensational", "clickbait"])
def test_an_axis_column_says_nothing_of_the_other_axis(tmp_path: Path, axis: str) -> None:
    """0 and 1 are the labels; an empty cell is no label."""
    found = list(read_examples(table(tmp_path / "a.csv", f"text,{axis}", "A b,1", "C d,0", "E f,", "G h,1.0")))
    other = "clickbait" if axis == "sensational" else "sensational"
    assert [str(getattr(one, axis)) for one in found] == ["1.0", "0.0", "nan", "1.0"]
    assert all(math.isnan(getattr(one, other)) for one in found)


def test_both_axis_columns_may_stand_side_by_side(tmp_path: Path) -> None:
    """Each fills its own axis."""
    path = table(tmp_path / "a.csv", "text,clickbait,sensational", "A b,1,0", "C d,0,1", "E f,1,1")
    assert axes(path) == [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]


def test_the_optional_columns_are_kept(tmp_path: Path) -> None:
    """Publisher, date, category, circle, ratings, raters and weight arrive; other columns are passed over."""
    path = table(
        tmp_path / "a.csv",
        "weight,text,label,publisher,date,category,circle,sensational_mean,truth_mean,raters,shares",
        "2.5,Bank holds rates,measured,Meridian Dispatch,2020-01-01,business,core,0.1,0.2,3,900",
    )
    (found,) = read_examples(path)
    origin = ("Meridian Dispatch", "2020-01-01", "business", "core")
    assert found == Example("Bank holds rates", 0.0, 0.0, 0.1, 0.2, 3.0, 2.5, *origin)


def test_what_readers_say_goes_before_the_tier_of_the_outlet(tmp_path: Path) -> None:
    """A tabloid's plain headline is measured; where nobody rated it, and no tier is told, nothing is known."""
    path = table(
        tmp_path / "a.csv",
        "text,tier,sensational_mean,clickbait_mean",
        "A b,sensational,0,0.5",
        "C d,measured,0.6667,",
        "E f,,0.3333,0.4999",
        "G h,,,1",
        "I j,clickbait,,",
    )
    assert [str(pair) for pair in axes(path)] == [
        "(0.0, 1.0)", "(1.0, 0.0)", "(0.0, 0.0)", "(nan, 1.0)", "(nan, 1.0)"
    ]  # fmt: skip


def test_a_label_of_an_axis_goes_before_the_ratings(tmp_path: Path) -> None:
    """Webis-17 tells the class that its readers' majority gave beside the mean of what they said."""
    path = table(tmp_path / "a.csv", "text,clickbait,truth_mean", "A b,0,0.6", "C d,,0.6")
    assert [one.clickbait for one in read_examples(path)] == [0.0, 1.0]
    assert [one.clickbait_mean for one in read_examples(path)] == [0.6, 0.6]


def test_clickbait_mean_is_the_name_and_truth_mean_the_older_one(tmp_path: Path) -> None:
    """Where both stand, the name counts."""
    path = table(tmp_path / "a.csv", "text,clickbait_mean,truth_mean", "A b,0.2,0.9", "C d,,0.9")
    assert [one.clickbait_mean for one in read_examples(path)] == [0.2, 0.9]


@pytest.mark.parametrize("columns", ["tier,sensational_mean", "label,clickbait", "clickbait,sensational"])
def test_a_row_that_says_nothing_is_read_as_one_without_a_label(tmp_path: Path, columns: str) -> None:
    """Whichever column would have it; the data check and train count such rows."""
    path = table(tmp_path / "a.csv", f"text,{columns}", "A b,,")
    corpus, _ = read_corpora([path])
    assert corpus.unlabelled.tolist() == [True]
    assert list(corpus.tier) == [""]


def test_an_empty_optional_cell_is_as_good_as_none(tmp_path: Path) -> None:
    """Weight is then 1, and the human judgement is not known."""
    (found,) = read_examples(table(tmp_path / "a.csv", "text,label,weight,truth_mean,publisher", "A b,measured,,,"))
    assert (found.weight, found.publisher) == (1.0, "")
    assert math.isnan(found.clickbait_mean)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".jsonl", ".parquet"])
def test_each_kind_of_file_gives_the_same_examples(tmp_path: Path, suffix: str) -> None:
    """What is a string in CSV and a number in Parquet means the same."""
    number = str if suffix.startswith(".csv") else float
    rows = [
        {"text": "A b", "clickbait": number(1), "truth_mean": number(0.75)},
        {"text": "C d", "clickbait": number(0), "truth_mean": number(0.25)},
    ]
    with TableWriter(tmp_path / f"rows{suffix}", list(rows[0])) as writer:
        writer.write(rows)
    found = list(read_examples(tmp_path / f"rows{suffix}"))
    assert [(one.text, one.clickbait, one.clickbait_mean) for one in found] == [("A b", 1.0, 0.75), ("C d", 0.0, 0.25)]


@pytest.mark.parametrize("ending", ["", ".txt", ".gz", ".txt.gz"])
@pytest.mark.parametrize(("name", "label"), [("clickbait_data", 1.0), ("non_clickbait_data", 0.0)])
def test_stop_clickbait_is_read_by_its_file_names(tmp_path: Path, name: str, label: float, ending: str) -> None:
    """The two files hold a headline on every other line; the name is the label."""
    content = b"What the lamp did\n\n21 lamps that get you\n  \n"
    path = tmp_path / f"{name}{ending}"
    path.write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    found = list(read_examples(path))
    assert [(one.text, one.clickbait) for one in found] == [
        ("What the lamp did", label),
        ("21 lamps that get you", label),
    ]
    assert all(math.isnan(one.sensational) for one in found)


def test_a_missing_stop_clickbait_file_is_named(tmp_path: Path) -> None:
    """No file, no rows: the error says which."""
    assert str(tmp_path / "clickbait_data") in refusal(tmp_path / "clickbait_data", TableError)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("clickbait_data", b"Good\nCaf\xe9 au lait\n", 2),
        ("clickbait_data.gz", b"no gzip at all", 1),
        ("clickbait_data.gz", gzip.compress(b"A lamp\n" * 9)[:10] + b"\xff" * 40, 1),
        ("non_clickbait_data.gz", gzip.compress(b"A lamp\n" * 5000)[:-12], None),
    ],
    ids=["not UTF-8", "not gzip", "garbage behind gzip's head", "cut short"],
)
def test_a_damaged_stop_clickbait_file_is_refused(tmp_path: Path, name: str, content: bytes, line: int | None) -> None:
    """The line says which file, where in it, and what was expected."""
    (tmp_path / name).write_bytes(content)
    message = refusal(tmp_path / name, TableError)
    assert message.startswith(f"{tmp_path / name}, line {line or ''}")
    assert message.endswith("expected UTF-8 text, a headline a line")


def test_webis_posts_and_their_truth_are_joined_by_id(tmp_path: Path) -> None:
    """Order differs between the files; a post that is a picture alone has no headline."""
    posts: list[dict[str, object]] = [POST, {"id": "12", "postText": ["Lamps", "lit"]}, {"id": "13", "postText": [""]}]
    truths: list[dict[str, object]] = [
        {"id": "13", "truthClass": "clickbait", "truthMean": 1},
        {"id": "12", "truthClass": "no-clickbait", "truthMean": 0.1},
        TRUTH,
    ]
    found = list(read_examples(webis(tmp_path / "webis", posts, truths)))
    assert [(one.text, one.clickbait, one.clickbait_mean, one.date) for one in found] == [
        ("The lamp did this", 1.0, 0.8, "Sat Jun 03 2017"),
        ("Lamps lit", 0.0, 0.1, ""),
    ]


@pytest.mark.parametrize("missing", ["instances.jsonl", "truth.jsonl"])
def test_a_webis_folder_needs_both_files(tmp_path: Path, missing: str) -> None:
    """The line names the one that is not there."""
    folder = webis(tmp_path / "webis", [POST], [TRUTH])
    (folder / missing).unlink()
    assert refusal(folder, TableError).endswith(
        f"must hold instances.jsonl and truth.jsonl (Webis-17); missing: {missing}"
    )


@pytest.mark.parametrize(
    ("post", "truth", "kind", "what"),
    [
        ({}, {"id": "99"}, LabelError, "post 11 has no line in truth.jsonl"),
        ({}, {"truthClass": "maybe"}, LabelError, "truthClass must be one of clickbait, no-clickbait, got 'maybe'"),
        ({}, {"truthMean": 3}, LabelError, "truthMean must be a number from 0 to 1, got 3"),
        ({"postText": "bare"}, {}, HeadlineError, "postText must be a list of strings"),
        ({"postText": [7]}, {}, HeadlineError, "postText must be a list of strings"),
    ],
)
def test_a_wrong_webis_value_is_refused_at_its_row(
    tmp_path: Path, post: dict[str, object], truth: dict[str, object], kind: type[BroadsheetError], what: str
) -> None:
    """File and row are those of the post."""
    good: dict[str, object] = {"id": "1", "postText": ["Good"]}
    folder = webis(tmp_path / "webis", [good, POST | post], [TRUTH | {"id": "1"}, TRUTH | truth])
    assert refusal(folder, kind) == f"{folder / 'instances.jsonl'}, row 2: {what}"


def test_a_broken_line_of_webis_is_refused_at_its_row(tmp_path: Path) -> None:
    """The truth may be the damaged file as well."""
    folder = webis(tmp_path / "webis", [POST], [TRUTH])
    (folder / "truth.jsonl").write_text(json.dumps(TRUTH) + '\n{"id": "12", "tru')
    assert refusal(folder, TableError).startswith(f"{folder / 'truth.jsonl'}, row 2: ")


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("label", "tabloid", "label must be one of measured, sensational, clickbait, got 'tabloid'" + MAPPED),
        ("label", "uncertain", "label must be one of measured, sensational, clickbait, got 'uncertain'" + MAPPED),
        ("label", "1", "label must be one of measured, sensational, clickbait, got '1'" + MAPPED),
        ("tier", "core", "tier must be one of measured, sensational, clickbait, got 'core'" + MAPPED),
        ("sensational", "2", "sensational must be 0 or 1 (or true, false, yes, no), got '2'"),
        ("sensational", "0.5", "sensational must be 0 or 1 (or true, false, yes, no), got '0.5'"),
        ("clickbait", "-1", "clickbait must be 0 or 1 (or true, false, yes, no), got '-1'"),
        ("clickbait", "maybe", "clickbait must be 0 or 1 (or true, false, yes, no), got 'maybe'"),
        ("clickbait", "nan", "clickbait must be 0 or 1 (or true, false, yes, no), got 'nan'"),
    ],
)
def test_a_wrong_label_is_refused_at_its_row(tmp_path: Path, column: str, value: str, what: str) -> None:
    """The line names file, row, column, the accepted form and what was there."""
    good = "measured" if column in {"label", "tier"} else "1"
    path = table(tmp_path / "a.csv", f"text,{column}", f"A b,{good}", f"C d,{value}")
    assert refusal(path, LabelError) == f"{path}, row 2: {what}"


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("truth_mean", "1.01", "truth_mean must be a number from 0 to 1, got 1.01"),
        ("truth_mean", "high", "truth_mean must be a number from 0 to 1, got 'high'"),
        ("weight", "-2", "weight must be a number from 0 to 1e+06, got -2"),
        ("weight", "inf", "weight must be a number from 0 to 1e+06, got inf"),
        ("weight", "heavy", "weight must be a number from 0 to 1e+06, got 'heavy'"),
    ],
)
def test_a_wrong_number_is_refused_at_its_row(tmp_path: Path, column: str, value: str, what: str) -> None:
    """A weight below nothing or a mean above one would pass through to the model."""
    path = table(tmp_path / "a.csv", f"text,label,{column}", "A b,measured,1", f"C d,measured,{value}")
    assert refusal(path, LabelError) == f"{path}, row 2: {what}"


@pytest.mark.parametrize("value", [None, 7, ["A b"]])
def test_a_headline_that_is_no_string_is_refused_at_its_row(tmp_path: Path, value: object) -> None:
    """JSON can say null, a number or a list where a headline belongs."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "A b", "label": "measured"}\n' + json.dumps({"text": value, "label": "measured"}))
    expected = f"{path}, row 2: text must be a string, got {type(value).__name__}"
    assert refusal(path, HeadlineError) == expected


def test_a_table_without_headlines_is_refused(tmp_path: Path) -> None:
    """Its columns are named, so that a title column is found at once."""
    path = table(tmp_path / "a.csv", "title,label", "A b,measured")
    assert refusal(path, TableError) == (
        f"{path} must have a column 'text'; its columns: title, label; --text-column says which one has the headlines; "
        "where the first line is a row: --no-header"
    )


def test_a_table_without_labels_is_refused(tmp_path: Path) -> None:
    """All accepted columns are named."""
    path = table(tmp_path / "a.csv", "text,publisher", "A b,Wowzerly")
    names = "label, tier, sensational or clickbait, or sensational_mean or clickbait_mean"
    expected = (
        f"{path} must have a column {names}; its columns: text, publisher; --label-column says which one has the labels"
    )
    assert refusal(path, TableError) == expected


def test_a_half_written_table_is_refused_at_its_row(tmp_path: Path) -> None:
    """What was read before the fault does not count."""
    path = table(tmp_path / "a.csv", "text,label", "A b,measured", "C d")
    assert refusal(path, TableError).startswith(f"{path}, row 2: 2 cells expected")


def test_empty_and_endless_headlines_pass_to_the_data_check(tmp_path: Path) -> None:
    """Reading keeps them, so that the check can list them; only `usable` leaves them out."""
    path = table(tmp_path / "a.csv", "text,label", ",measured", f"{'x ' * 300},measured", "A b,measured")
    corpus, _ = read_corpora([path])
    assert list(corpus.usable) == [False, False, True]


def test_several_files_become_one_corpus_with_its_sources(tmp_path: Path) -> None:
    """Each row knows its file; each file's rows are counted, and its bytes hashed."""
    first = table(tmp_path / "one.csv", "text,label", "A b,measured", "C d,sensational")
    second = table(tmp_path / "clickbait_data", "21 lamps")
    corpus, sources = read_corpora([first, second])
    assert list(corpus.text) == ["A b", "C d", "21 lamps"]
    assert list(corpus.source) == ["one", "one", "clickbait_data"]
    assert [(source.name, source.rows) for source in sources] == [("one", 2), ("clickbait_data", 1)]
    assert [source.sha256 for source in sources] == [sha256(path.read_bytes()).hexdigest() for path in (first, second)]
    assert list(corpus.tier) == ["measured", "sensational", "clickbait"]


def test_a_file_of_columns_alone_is_nothing_to_learn_from(tmp_path: Path) -> None:
    """Not one row is an error of its own, before any fit."""
    with pytest.raises(TableError, match="no labelled headline was given"):
        read_corpora([table(tmp_path / "a.csv", "text,label")])


def test_a_hash_tells_one_content_from_another(tmp_path: Path) -> None:
    """Files by their bytes, Webis folders by both files; where they stand does not matter."""
    assert hash_of(table(tmp_path / "a.csv", "x")) == hash_of(table(tmp_path / "b.csv", "x"))
    assert hash_of(tmp_path / "a.csv") != hash_of(table(tmp_path / "b.csv", "y"))
    folder = webis(tmp_path / "webis", [POST], [TRUTH])
    before = hash_of(folder)
    assert before == hash_of(webis(tmp_path / "copy", [POST], [TRUTH]))
    (folder / "truth.jsonl").write_text(json.dumps(TRUTH | {"truthMean": 0.9}) + "\n")
    assert hash_of(folder) != before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x/rows.csv.gz", "rows"),
        ("rows.v2.jsonl", "rows.v2"),
        ("clickbait_data", "clickbait_data"),
        ("webis17", "webis17"),
    ],
)
def test_a_corpus_is_named_after_its_file(path: str, name: str) -> None:
    """Without the suffix that says how it is written."""
    assert name_of(Path(path)) == name


def test_stop_clickbait_of_the_corpora_is_balanced(corpora: Path) -> None:
    """32,000 rows, half of them clickbait."""
    found = Counter(one.clickbait for one in read_examples(corpora / "stop_clickbait.csv.gz"))
    assert found.total() == 32_000
    assert abs(found[1.0] - found[0.0]) < 100


def test_webis_of_the_corpora_is_read_with_its_human_judgements(corpora: Path) -> None:
    """3,818 posts, each with a mean of judgements within 0-1, and its class on the side of that mean."""
    found = list(read_examples(corpora / "webis17_test.csv.gz"))
    assert len(found) == 3_818
    assert all(0 <= one.clickbait_mean <= 1 for one in found)
    assert {one.clickbait for one in found} == {0.0, 1.0}


def test_publishers_of_the_corpora_are_read_by_tier(corpora: Path) -> None:
    """9,730 rows of 2023, every one with a publisher, a tier and the core circle."""
    found = list(read_examples(corpora / "publishers_2023.csv.gz"))
    assert len(found) == 9_730
    assert all(one.publisher and one.circle == "core" and one.date.startswith("2023") for one in found)
    assert not any(math.isnan(one.sensational) and math.isnan(one.clickbait) for one in found)


@pytest.mark.parametrize("evil", ["\x1b[31m", "\n# x", "\u202e", "\ud83d", "\0"], ids=ascii)
def test_what_names_a_row_is_text_that_can_be_shown(tmp_path: Path, evil: str) -> None:
    """Publishers and the like go into tables, pictures and files, where half a surrogate pair cannot be written."""
    columns = ("publisher", "date", "category", "circle")
    row = {"text": "Bank holds rates", "label": "measured", **dict.fromkeys(columns, f"a{evil}b")}
    (tmp_path / "in.jsonl").write_text(json.dumps(row))
    (one,) = read_examples(tmp_path / "in.jsonl")
    assert {getattr(one, name) for name in columns} == {f"a{plain(evil)}b"}


def test_a_corpus_is_named_by_text_that_can_be_written() -> None:
    """A file's name need be neither UTF-8 nor fit to be shown."""
    assert name_of(Path("/data/caf\udce9\x1b[31m.csv.gz")) == "caf  [31m"
