"""Judges rows of any number, a batch at a time, and writes them back with their verdicts."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.shown.programs import COLUMNS, ERROR, EVIDENCE, as_cells
from model.errors import HeadlineError, TableError
from model.judgement import Judgement, Outcome
from model.scorer import Scorer

if TYPE_CHECKING:
    from model.tables.reader import TableReader

# Headlines judged before the first is printed, of 0.3 kB each, or 1.5 with evidence: stdin may have no end.
MOST_PRINTED, MOST_EXPLAINED = 250_000, 25_000
_KINDS = {
    type(None): "nothing",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
BATCH = 2000  # headlines at a time: enough for NumPy, few enough to hold in memory and to stop soon


@dataclass(slots=True)
class Tally:
    """How many headlines got which label and flags, and how many could not be judged."""

    labels: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    bad: int = 0

    @property
    def total(self) -> int:
        """All headlines counted."""
        return self.labels.total() + self.bad

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        if isinstance(outcome, HeadlineError):
            self.bad += 1
        else:
            self.labels[outcome.label] += 1
            self.flags.update(outcome.flags)


def judge_all(scorer: Scorer, headlines: Iterable[object], *, explain: bool = False) -> list[Judgement]:
    """Judge headlines from a person; raise `HeadlineError` that says which one cannot be, or that they are too many."""
    results: list[Judgement] = []
    most = MOST_EXPLAINED if explain else MOST_PRINTED
    remaining = iter(headlines)
    while batch := list(islice(remaining, BATCH)):
        for number, outcome in enumerate(_outcomes(scorer, batch, explain), len(results) + 1):
            if isinstance(outcome, HeadlineError):
                raise HeadlineError(f"headline {number}: {outcome}") from outcome
            results.append(outcome)
        if len(results) > most:
            raise HeadlineError(f"at most {most:,} headlines are printed; judge more from a file to --output FILE")
    return results


def _outcomes(scorer: Scorer, headlines: Sequence[object], explain: bool) -> list[Outcome]:
    """Judge each, and say of what is no text what people call it, not what Python does."""
    outcomes = scorer.judge_each(headlines, explain=explain)
    return [
        HeadlineError(f"headline must be text, got {_KINDS.get(type(one), 'something else')}")
        if isinstance(outcome, HeadlineError) and not isinstance(one, str)
        else outcome
        for one, outcome in zip(headlines, outcomes, strict=True)
    ]


def judge_file(
    scorer: Scorer,
    table: "TableReader",
    output: Path,
    column: str,
    *,
    explain: bool = False,
    skip_bad: bool = False,
    for_spreadsheet: bool = False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Tally:
    """Write every row of `table` with its verdict to `output`, which appears only when all is done.

    A headline that cannot be judged raises `HeadlineError` with its row, or with `skip_bad` gets empty cells and its
    reason in a column `error`. `progress` is told the share of the input that has been read. From Parquet to Parquet,
    other columns go through as Arrow, whatever they hold.
    """
    from model.files.writing import replacing_file
    from model.tables.reader import PARQUET, suffix_of

    suffix = suffix_of(output)  # is refused by its own name, before that of the unfinished file would be
    added = COLUMNS | (EVIDENCE if explain else {}) | (ERROR if skip_bad else {})
    run = _Run(scorer, table, column, added, explain, skip_bad)
    with replacing_file(output) as unfinished:
        if table.parquet and suffix == PARQUET:
            steps = _through_arrow(run, unfinished)
        else:
            steps = _through_rows(run, unfinished, for_spreadsheet)
        for _ in steps:
            progress(table.share_read)
    return run.tally


@dataclass(slots=True)
class _Run:
    """One file's judging: what is asked, and what has been counted so far."""

    scorer: Scorer
    table: "TableReader"
    column: str
    added: dict[str, type]
    explain: bool
    skip_bad: bool
    tally: Tally = field(default_factory=Tally)

    def judged(self, headlines: Sequence[object]) -> list[dict[str, object]]:
        """Give the added cells of some rows; raise `HeadlineError` for the first that cannot be judged."""
        cells = []
        for number, outcome in enumerate(_outcomes(self.scorer, headlines, self.explain), self.tally.total + 1):
            if isinstance(outcome, HeadlineError) and not self.skip_bad:
                hint = "--skip-bad writes such rows without a verdict"
                raise HeadlineError(f"{self.table.path}, row {number}: {outcome}; {hint}") from outcome
            self.tally.add(outcome)
            cells.append(_cells(outcome, self.added))
        return cells


def _through_rows(run: _Run, unfinished: Path, for_spreadsheet: bool) -> Iterator[None]:
    from model.tables.writer import TableWriter  # a verdict on the command line needs none

    names = _Names(run.added, run.table.columns)
    kinds = run.added | (dict.fromkeys(names.kept, str) if run.table.is_text else {})
    columns, mark = [*names.kept, *run.added], run.table.delimiter
    # semicolons are what spreadsheets of some countries take .csv to have; of tabs and bars none expects them there
    mark = mark if mark == ";" else ","
    with TableWriter(unfinished, columns, kinds, for_spreadsheet=for_spreadsheet, delimiter=mark) as writer:
        for batch in run.table.batches(BATCH):
            judged = run.judged([row.get(run.column) for row in batch])
            writer.write(
                [
                    {names[name]: value for name, value in row.items()} | cells
                    for row, cells in zip(batch, judged, strict=True)
                ]
            )
            yield


def _through_arrow(run: _Run, unfinished: Path) -> Iterator[None]:
    from model.tables.arrow_out import ArrowToParquet, judged_batch, judged_schema
    from model.tables.values import values_of

    names = _Names(run.added, run.table.columns)
    source = run.table.parquet
    if source is None:
        raise TypeError("a table of rows has no Arrow")
    schema = judged_schema(source.schema, names, run.added)
    with ArrowToParquet(unfinished, schema, source.codec) as writer:
        for batch in run.table.record_batches():
            judged = run.judged(values_of(batch.column(run.column)))
            writer.write(judged_batch(batch, judged, run.added, schema), source.group)
            yield


class _Names(dict[str, str]):
    """The output's name of each input column: its own, or with `input_` before it where a verdict has that name."""

    def __init__(self, added: Mapping[str, type], columns: list[str]) -> None:
        super().__init__()
        self._taken = {*added, *columns}
        self._added = set(added)
        self.kept = [self[name] for name in columns]

    def __missing__(self, name: str) -> str:
        from model.tables.reader import MOST_COLUMNS

        if len(self) > MOST_COLUMNS:  # JSON lines may each have others
            raise TableError(f"a file must have at most {MOST_COLUMNS:,} columns")
        kept = name
        if name in self._added:
            while kept in self._taken:  # what was judged twice has an input_label already
                kept = f"input_{kept}"
        self._taken.add(kept)
        return self.setdefault(name, kept)


def _cells(outcome: Outcome, added: Mapping[str, type]) -> dict[str, object]:
    cells = {"error": str(outcome)} if isinstance(outcome, HeadlineError) else as_cells(outcome)
    return {name: cells.get(name) for name in added}
