"""Rows of labelled headlines, from our own tables and from the two collections that have a shape of their own."""

import hashlib
import math
from collections.abc import Callable, Iterator
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from model.errors import BroadsheetError, HeadlineError, LabelError, TableError
from model.files.reading import open_regular
from model.judgement import AXES, Axis
from model.plain import plain
from model.tables.reader import FAULTS, SUFFIXES, TEXT, Row, TableReader, fault, lines_of

TIERS = ("measured", "sensational", "clickbait")
CLEARLY, SLIGHTLY = 0.5, 0.33  # mean of the ratings from which a headline is called so; a third is written .3333
_UNKNOWN = math.nan
_MEAN_COLUMNS: dict[Axis, tuple[str, ...]] = {
    "sensational": ("sensational_mean",),
    "clickbait": ("clickbait_mean", "truth_mean"),
}
_WEBIS_RATERS = 5.0
_TIER_COLUMNS = ("label", "tier")
_STOP_CLICKBAIT = {"clickbait_data": 1.0, "non_clickbait_data": 0.0}
_WEBIS_FILES = ("instances.jsonl", "truth.jsonl")
_WEBIS_CLASSES = {"clickbait": 1.0, "no-clickbait": 0.0}


class Example(NamedTuple):
    """One labelled headline. An axis is 0, 1, or NaN where nothing is said of it.

    A mean is that of readers' ratings of the headline, 0-1, or NaN where nobody rated it on the axis; `raters` is how
    many they were.
    """

    text: str
    sensational: float = _UNKNOWN
    clickbait: float = _UNKNOWN
    sensational_mean: float = _UNKNOWN
    clickbait_mean: float = _UNKNOWN
    raters: float = 1.0
    weight: float = 1.0
    publisher: str = ""
    date: str = ""
    category: str = ""
    circle: str = ""


def read_examples(path: Path, progress: Callable[[float], None] = lambda _: None) -> Iterator[Example]:
    """Read a labelled table, a Stop Clickbait text file, or a Webis-17 folder; raise a `BroadsheetError`.

    A table has a column `text` and one of: `sensational_mean` and/or `clickbait_mean` (readers' ratings, 0-1, with
    `raters`; `truth_mean` is another name of the latter), `label` or `tier` (measured, sensational, clickbait), or
    `sensational` and/or `clickbait` (0 or 1); optionally publisher, date, category, circle, weight. What readers say of
    a headline goes before the tier of whoever printed it.
    """
    if path.is_dir():
        return _read_webis(path)
    if _plain_name(path) in _STOP_CLICKBAIT:
        return _read_stop_clickbait(path)
    return _read_table(path, progress)


def name_of(path: Path) -> str:
    """Name a corpus after its file or folder."""
    name = plain(path.resolve().name)
    return next((name[: -len(suffix)] for suffix in SUFFIXES if name.endswith(suffix)), name)


def hash_of(path: Path) -> str:
    """Give the SHA-256 of a file; of a folder, of its files' digests in turn."""
    if path.is_dir():
        return hashlib.sha256("".join(hash_of(path / name) for name in _WEBIS_FILES).encode()).hexdigest()
    with open_regular(path) as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


def _read_table(path: Path, progress: Callable[[float], None]) -> Iterator[Example]:
    with TableReader(path) as table:
        table.require(TEXT)
        if not {*_TIER_COLUMNS, *AXES, *_MEAN_COLUMNS["sensational"], *_MEAN_COLUMNS["clickbait"]}.intersection(
            table.columns
        ):
            raise TableError(
                f"{path} must have a column label, tier, sensational or clickbait, or sensational_mean or "
                "clickbait_mean; its columns: " + ", ".join(table.columns)
            )
        for row in table:
            if table.row % 1000 == 0:
                progress(table.share_read)
            with _naming(path, table.row):
                yield _example(row)


class _naming:  # noqa: N801  # reads as the with statement that it is; a generator-based one costs 2 us a row
    """Puts file and row before the text of an error."""

    def __init__(self, path: Path, row: int) -> None:
        self._path, self._row = path, row

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BroadsheetError):
            raise type(error)(f"{self._path}, row {self._row}: {error}") from error


def _example(row: Row) -> Example:
    means = {axis: _mean(row, axis) for axis in AXES}
    sensational, clickbait = _axes(row, means)
    return Example(
        text=_text(row.get(TEXT)),
        sensational=sensational,
        clickbait=clickbait,
        sensational_mean=means["sensational"],
        clickbait_mean=means["clickbait"],
        raters=_number(row, "raters", 0, 1e6, 1.0),
        weight=_weight(row),
        **{name: plain(str(row.get(name) or "")) for name in ("publisher", "date", "category", "circle")},
    )


def _text(value: object) -> str:
    """Any string passes: corpora hold empty and endless ones, which the data check lists and training leaves out."""
    if not isinstance(value, str):
        raise HeadlineError(f"{TEXT} must be a string, got {type(value).__name__}")
    return value


def _weight(row: Row) -> float:
    """Read the weight; a post of Webis-17's test split that also stands in its training split weighs nothing."""
    return 0.0 if _number(row, "post_in_train", 0, 1, 0.0) else _number(row, "weight", 0, 1e6, 1.0)


def _axes(row: Row, means: dict[Axis, float]) -> tuple[float, float]:
    """Read the labels: an axis' own column, else what readers said, else the tier."""
    own = tuple(_zero_or_one(row, axis) for axis in AXES)
    read = tuple(float(mean >= CLEARLY) if not math.isnan(mean) else _UNKNOWN for mean in means.values())
    said = all(map(math.isnan, (*own, *read)))
    sensational, clickbait = (
        next((label for label in labels if not math.isnan(label)), _UNKNOWN)
        for labels in zip(own, read, _tier(row, needed=said), strict=True)
    )
    return sensational, clickbait


def _tier(row: Row, *, needed: bool) -> tuple[float, float]:
    """Read the tier, which speaks for its own axis, and `measured` for both: a tabloid line may well be bait."""
    column = next((name for name in _TIER_COLUMNS if name in row), None)
    if column is None:
        return _UNKNOWN, _UNKNOWN
    tier = str(row[column] or "").strip().lower()
    return _tier_axes(tier, column) if tier or needed else (_UNKNOWN, _UNKNOWN)


def _mean(row: Row, axis: Axis) -> float:
    """Read the mean of the ratings, under its name or its older one."""
    for column in _MEAN_COLUMNS[axis]:
        if not math.isnan(mean := _number(row, column, 0, 1, _UNKNOWN)):
            return mean
    return _UNKNOWN


def _tier_axes(tier: str, column: str) -> tuple[float, float]:
    if tier not in TIERS:
        raise LabelError(f"{column} must be one of {', '.join(TIERS)}, got {tier[:40]!r}")
    if tier == "measured":
        return 0.0, 0.0
    return (1.0, _UNKNOWN) if tier == "sensational" else (_UNKNOWN, 1.0)


def _zero_or_one(row: Row, axis: str) -> float:
    value = _number(row, axis, 0, 1, _UNKNOWN)
    if value not in (0.0, 1.0) and not math.isnan(value):
        raise LabelError(f"{axis} must be 0 or 1, got {value:g}")
    return value


def _number(row: Row, column: str, least: float, most: float, default: float) -> float:
    value = row.get(column)
    if value is None or value == "":
        return default
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise LabelError(f"{column} must be a number from {least:g} to {most:g}, got {str(value)[:40]!r}") from error
    if not least <= number <= most:
        raise LabelError(f"{column} must be a number from {least:g} to {most:g}, got {number:g}")
    return number


def _plain_name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".txt")


def _read_stop_clickbait(path: Path) -> Iterator[Example]:
    """Read one of Chakraborty et al.'s two files (2016): a headline a line, with blank lines between."""
    label = _STOP_CLICKBAIT[_plain_name(path)]
    row = 0
    try:
        with open_regular(path) as raw:
            for line in lines_of(BufferedReader(GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw):
                row += 1
                if not line.isspace():
                    yield Example(line.strip(), clickbait=label)
    except FAULTS as error:
        raise TableError(f"{path}, line {row + 1}: {fault(error)}; expected UTF-8 text, a headline a line") from error


def _read_webis(folder: Path) -> Iterator[Example]:
    """Read a folder of the Webis Clickbait Challenge 2017: posts in one file, their truth in another, joined by id."""
    if missing := [name for name in _WEBIS_FILES if not (folder / name).is_file()]:
        raise TableError(f"folder {folder} must hold {' and '.join(_WEBIS_FILES)} (Webis-17); missing: {missing[0]}")
    truths = {str(row.get("id")): row for row in _json_rows(folder / _WEBIS_FILES[1])}
    for number, post in enumerate(_json_rows(folder / _WEBIS_FILES[0]), 1):
        with _naming(folder / _WEBIS_FILES[0], number):
            text = _post_text(post.get("postText"))
            if text:  # a post may be a picture alone
                yield _webis_example(text, post, truths)


def _post_text(parts: object) -> str:
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise HeadlineError("postText must be a list of strings")
    return " ".join(parts).strip()


def _webis_example(text: str, post: dict[str, Any], truths: dict[str, dict[str, Any]]) -> Example:
    truth = truths.get(str(post.get("id")))
    if truth is None:
        raise LabelError(f"post {post.get('id')} has no line in {_WEBIS_FILES[1]}")
    if truth.get("truthClass") not in _WEBIS_CLASSES:
        raise LabelError(f"truthClass must be one of {', '.join(_WEBIS_CLASSES)}, got {truth.get('truthClass')!r}")
    return Example(
        text,
        clickbait=_WEBIS_CLASSES[truth["truthClass"]],
        clickbait_mean=_number(truth, "truthMean", 0, 1, _UNKNOWN),
        raters=_WEBIS_RATERS,
        date=str(post.get("postTimestamp") or ""),
    )


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with TableReader(path) as rows:
        yield from rows
