"""Marks headlines as readers would: an encoder learns their ratings, and TF-IDF learns from its marks beside them.

python -m training.teacher --ratings ratings.csv.gz --unrated publishers.csv.gz --output build/teacher.csv.gz

The encoder reads every rating, then all headlines, rated ones too: its marks even out what a single reader says. They
are labelled headlines with `raters` 0, for `broadsheet train --data`; they repeat the corpora's text and stay with it.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from model.errors import BroadsheetError, LabelError
from model.files.writing import replacing_file
from model.tables.reader import TEXT, TableReader
from model.tables.writer import TableWriter
from model.terms.cleaning import clean
from training.corpora import Corpus, read_corpora

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

EPOCHS = 2
WEIGHT = 1.0  # of a mark, as of a rating: twice and half as much were no better
COLUMNS = ("text", "sensational_mean", "clickbait_mean", "raters", "weight", "publisher", "date")


class Encoder(Protocol):
    """What learns and marks; `training.encoder` has it."""

    def fit(self, rows: Rows, means: Floats, epochs: int, progress: Callable[[float], None]) -> None:
        """Learn the mean ratings, shape (rows, 2), of rows of the headlines."""

    def read(self, rows: Rows, progress: Callable[[float], None]) -> Floats:
        """Give the mean ratings, shape (rows, 2), of others."""


class Headline(NamedTuple):
    """A headline to be marked, and who printed it."""

    text: str
    publisher: str
    date: str


def mark(means: Floats, count: int, encoder: Encoder, progress: Callable[[str, float], None]) -> Floats:
    """Give the marks, shape (count, 2), of headlines of which the first m are rated, `means` (m, 2).

    Raises `LabelError` where none is.
    """
    if not len(means):
        raise LabelError("a teacher must have headlines that readers rated on both axes, got none")
    encoder.fit(np.arange(len(means)), means, EPOCHS, lambda share: progress("learning", share))
    return encoder.read(np.arange(count), lambda share: progress("reading", share))


def material(
    ratings: Iterable[Path], unrated: Iterable[Path], left_out: Iterable[Path]
) -> tuple[list[Headline], Floats]:
    """Read what is rated on both axes, then what is not, each headline once, without those of the files left out."""
    seen = {clean(one.text).casefold() for path in left_out for one in _headlines(path)}
    corpus = read_corpora(ratings)[0]
    corpus = corpus[corpus.usable & corpus.read]
    rated = [Headline(*row) for row in zip(corpus.text, corpus.publisher, corpus.date, strict=True)]
    kept = np.array([clean(one.text).casefold() not in seen for one in rated], dtype=bool)
    found = [one for one, is_kept in zip(rated, kept, strict=True) if is_kept]
    seen |= {clean(one.text).casefold() for one in found}
    for path in unrated:
        for one in _headlines(path):
            if (folded := clean(one.text).casefold()) and folded not in seen:
                seen.add(folded)
                found.append(one)
    return found, _means(corpus[kept])


def _means(corpus: Corpus) -> Floats:
    return np.column_stack([corpus.sensational_mean, corpus.clickbait_mean])


def _headlines(path: Path) -> Iterable[Headline]:
    with TableReader(path) as table:
        table.require(TEXT)
        for row in table:
            yield Headline(*(str(row.get(name) or "") for name in ("text", "publisher", "date")))


def write(headlines: Sequence[Headline], marks: Floats, output: Path) -> None:
    """Write the marks as labelled headlines, whole or not at all."""
    with replacing_file(output) as unfinished, TableWriter(unfinished, list(COLUMNS)) as writer:
        for one, (sensational, clickbait) in zip(headlines, marks.tolist(), strict=True):
            values = (one.text, round(sensational, 4), round(clickbait, 4), 0, WEIGHT, one.publisher, one.date)
            writer.write([dict(zip(COLUMNS, values, strict=True))])


def main() -> None:
    """Read, learn, mark and write, and say how far it is on stderr."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratings", type=Path, action="append", required=True, metavar="FILE", help="rated headlines")
    parser.add_argument("--unrated", type=Path, action="append", default=[], metavar="FILE", help="headlines to mark")
    parser.add_argument("--test", type=Path, action="append", default=[], metavar="FILE", help="headlines to leave out")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE", help="where to write the marks")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    try:
        from training.encoder import Encoder as MiniLM  # seconds, and an extra
    except ImportError as error:
        sys.exit(f"the teacher needs the extra `teacher`: pip install 'broadsheet[teacher]' ({error})")
    try:
        headlines, means = material(asked.ratings, asked.unrated, asked.test)
        encoder = MiniLM([one.text for one in headlines], asked.seed, asked.threads)
        write(headlines, mark(means, len(headlines), encoder, _say), asked.output)
    except BroadsheetError as error:
        sys.exit(f"Error: {error}")


def _say(stage: str, share: float) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{stage}: {share:4.0%}")


if __name__ == "__main__":
    main()
