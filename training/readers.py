"""Rows of labelled headlines, from our own tables and from the two collections that have a shape of their own."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from gzip import GzipFile
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

from model.errors import BroadsheetError, HeadlineError, LabelError, TableError
from model.files.reading import open_regular
from model.plain import plain
from model.tables.lines import Form, Taken, counted, decoded_lines
from model.tables.reader import FAULTS, PARQUET, SUFFIXES, Row, TableReader, fault, suffix_of
from training.labels import LABEL_COLUMNS, PUBLISHER, UNKNOWN, Naming, labels_of, number

_LIGHTEST, _HEAVIEST = 1e-6, 1e6  # weights of a row
_WEBIS_RATERS = 5.0
_STOP_CLICKBAIT = {"clickbait_data": 1.0, "non_clickbait_data": 0.0}
_WEBIS_FILES = ("instances.jsonl", "truth.jsonl")
_WEBIS_CLASSES = {"clickbait": 1.0, "no-clickbait": 0.0}
_ORIGIN = ("date", "category", "circle")
_NUMBERS = ("raters", "weight", "post_in_train")
_NO_CELLS = (".jsonl", ".txt", PARQUET)  # what has no delimiter, and names its columns or has none

OUR_NAMES = Naming()
ANY_FORM = Form()


class Example(NamedTuple):
    """One labelled headline. An axis is 0, 1, or NaN where nothing is said of it.

    A mean is that of readers' ratings of the headline, 0-1, or NaN where nobody rated it on the axis; `raters` is how
    many they were.
    """

    text: str
    sensational: float = UNKNOWN
    clickbait: float = UNKNOWN
    sensational_mean: float = UNKNOWN
    clickbait_mean: float = UNKNOWN
    raters: float = 1.0
    weight: float = 1.0
    publisher: str = ""
    date: str = ""
    category: str = ""
    circle: str = ""


def read_examples(
    path: Path,
    progress: Callable[[float], None] = lambda _: None,
    naming: Naming = OUR_NAMES,
    form: Form = ANY_FORM,
) -> Iterator[Example]:
    """Read a labelled table, a Stop Clickbait text file, or a Webis-17 folder; raise a `BroadsheetError`.

    A table has a column `text` and one of: `sensational_mean` and/or `clickbait_mean` (readers' ratings, 0-1, with
    `raters`; `truth_mean` is another name of the latter), `label` or `tier` (measured, sensational, clickbait), or
    `sensational` and/or `clickbait` (0 or 1); optionally publisher, date, category, circle, weight. What readers say of
    a headline goes before the tier of whoever printed it. `naming` says which columns of a table have other names, and
    `form` how it is written, as far as its kind leaves that open.
    """
    if path.is_dir():
        return _read_webis(path)
    if _plain_name(path) in _STOP_CLICKBAIT:
        return _read_stop_clickbait(path, form)
    return _read_table(path, progress, naming, form)


def require_use(form: Form, paths: Sequence[Path]) -> None:
    """Raise `TableError` where what is said of files' form is for none of them: each takes what is for its kind."""
    kinds = [_kind(path, form) for path in paths]
    if (form.delimiter or not form.header) and all(kind in _NO_CELLS for kind in kinds):
        raise TableError(f"--delimiter and --no-header are for .csv and its like, got {_names(paths)}")
    if form.encoding and all(kind == PARQUET for kind in kinds):
        raise TableError(f"--encoding is for files of text, got {_names(paths)}")


def _kind(path: Path, form: Form) -> str:
    """Give the suffix that a file counts as."""
    if path.is_dir():
        return ".jsonl"
    if _plain_name(path) in _STOP_CLICKBAIT:
        return ".txt"
    return f".{form.kind}" if form.kind else suffix_of(path, "; or say what it is: --input-format")


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _own_form(path: Path, form: Form) -> Form:
    """Give what is said of files' form as far as it is for one of this kind."""
    kind = _kind(path, form)
    if kind in _NO_CELLS:
        form = replace(form, delimiter=None, header=True)
    return replace(form, encoding=None) if kind == PARQUET else form


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


def _read_table(path: Path, progress: Callable[[float], None], naming: Naming, form: Form) -> Iterator[Example]:
    with TableReader(path, _own_form(path, form), only=_columns(naming)) as table:
        _require_columns(table, naming)
        for row in table:
            if table.row % 1000 == 0:
                progress(table.share_read)
            with _naming(path, table.row):
                yield _example(row, naming)


def _columns(naming: Naming) -> set[str]:
    """Name the columns that a row is read from."""
    labels = LABEL_COLUMNS if naming.label is None else (naming.label,)
    return {naming.text, naming.publisher, *labels, *_ORIGIN, *_NUMBERS}


def _require_columns(table: TableReader, naming: Naming) -> None:
    option = "; where the first line is a row: --no-header" if table.kind not in _NO_CELLS else ""
    table.require(naming.text, f"; --text-column says which one has the headlines{option}")
    if naming.publisher != PUBLISHER:
        table.require(naming.publisher)
    if naming.label is not None:
        table.require(naming.label)
    elif not set(LABEL_COLUMNS).intersection(table.columns):
        raise TableError(
            f"{table.path} must have a column label, tier, sensational or clickbait, or sensational_mean or "
            f"clickbait_mean; its columns: {', '.join(table.columns)}; --label-column says which one has the labels"
            + ("; where it is a table: --input-format csv" if table.kind == ".txt" else "")
        )


class _naming:  # noqa: N801  # reads as the with statement that it is; a generator-based one costs 2 us a row
    """Puts file and row before the text of an error."""

    def __init__(self, path: Path, row: int) -> None:
        self._path, self._row = path, row

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, BroadsheetError):
            raise type(error)(f"{self._path}, row {self._row}: {error}") from error


def _example(row: Row, naming: Naming) -> Example:
    origin = (row.get(name) for name in (naming.publisher, *_ORIGIN))
    return Example(
        _text(row.get(naming.text), naming.text),
        *labels_of(row, naming),
        number(row, "raters", 0, 1e6, 1.0),
        _weight(row),
        *(plain(str(value or "")) for value in origin),
    )


def _text(value: object, column: str) -> str:
    """Any string passes: corpora hold empty and endless ones, which the data check lists and training leaves out."""
    if not isinstance(value, str):
        raise HeadlineError(f"{column} must be a string, got {type(value).__name__}")
    return value


def _weight(row: Row) -> float:
    """Read the weight; a post of Webis-17's test split that also stands in its training split weighs nothing."""
    if number(row, "post_in_train", 0, 1, 0.0):
        return 0.0
    weight = number(row, "weight", 0, _HEAVIEST, 1.0)
    if 0 < weight < _LIGHTEST:  # whose squares and shares a float cannot hold
        raise LabelError(f"weight must be 0, or a number from {_LIGHTEST:g} to {_HEAVIEST:g}, got {weight:g}")
    return weight


def _plain_name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".txt")


def _read_stop_clickbait(path: Path, form: Form) -> Iterator[Example]:
    """Read one of Chakraborty et al.'s two files (2016): a headline a line, with blank lines between."""
    label = _STOP_CLICKBAIT[_plain_name(path)]
    row, taken = 0, Taken()
    try:
        with open_regular(path) as raw:
            opened = BufferedReader(GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
            for line in counted(decoded_lines(opened, form), taken):
                row += 1
                taken.characters = 0
                if not line.isspace():
                    yield Example(line.strip(), clickbait=label)
    except FAULTS as error:
        raise TableError(f"{path}, line {row + 1}: {fault(error)}; expected UTF-8 text, a headline a line") from error


def _read_webis(folder: Path) -> Iterator[Example]:
    """Read a folder of the Webis Clickbait Challenge 2017: posts in one file, their truth in another, joined by id."""
    if missing := [name for name in _WEBIS_FILES if not (folder / name).is_file()]:
        raise TableError(f"folder {folder} must hold {' and '.join(_WEBIS_FILES)} (Webis-17); missing: {missing[0]}")
    truths = {str(row.get("id")): row for row in _json_rows(folder / _WEBIS_FILES[1])}
    for row, post in enumerate(_json_rows(folder / _WEBIS_FILES[0]), 1):
        with _naming(folder / _WEBIS_FILES[0], row):
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
        clickbait_mean=number(truth, "truthMean", 0, 1, UNKNOWN),
        raters=_WEBIS_RATERS,
        date=str(post.get("postTimestamp") or ""),
    )


def _json_rows(path: Path) -> Iterator[dict[str, Any]]:
    with TableReader(path) as rows:
        yield from rows
