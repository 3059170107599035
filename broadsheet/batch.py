"""Judges rows of any number, a batch at a time, and writes them back with their verdicts."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.shown.programs import COLUMNS, as_cells
from model.errors import HeadlineError, TableError
from model.judgement import Judgement, Outcome
from model.scorer import Scorer

if TYPE_CHECKING:
    from model.tables.reader import Row, TableReader

# Headlines judged before the first is printed, of 0.3 kB each, or 1.5 with evidence: stdin may have no end.
MOST_PRINTED, MOST_EXPLAINED = 250_000, 25_000
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


def judge_all(scorer: Scorer, headlines: Iterable[str], *, explain: bool = False) -> list[Judgement]:
    """Judge headlines from a person; raise `HeadlineError` that says which one cannot be, or that they are too many."""
    results: list[Judgement] = []
    remaining = iter(headlines)
    while batch := list(islice(remaining, BATCH)):
        for number, outcome in enumerate(scorer.judge_each(batch, explain=explain), len(results) + 1):
            if isinstance(outcome, HeadlineError):
                raise HeadlineError(f"headline {number}: {outcome}") from outcome
            results.append(outcome)
        if len(results) > (most := MOST_EXPLAINED if explain else MOST_PRINTED):
            raise HeadlineError(f"at most {most:,} headlines are printed; judge more with --input and --output")
    return results


def judge_file(
    scorer: Scorer,
    table: "TableReader",
    output: Path,
    column: str,
    *,
    explain: bool = False,
    skip_bad: bool = False,
    progress: Callable[[float], None] = lambda _share: None,
) -> Tally:
    """Write every row of `table` with its verdict to `output`, which appears only when all is done.

    A headline that cannot be judged raises `HeadlineError` with its row, or with `skip_bad` gets empty cells and its
    reason in a column `error`. `progress` is told the share of the input that has been read.
    """
    from model.files.writing import replacing_file
    from model.tables.reader import suffix_of
    from model.tables.writer import TableWriter  # a verdict on the command line needs neither

    suffix_of(output)  # is refused by its own name, before that of the unfinished file would be
    added = [*COLUMNS, *(["evidence"] if explain else []), *(["error"] if skip_bad else [])]
    names = _Names(added, table.columns)
    tally = Tally()
    with replacing_file(output) as unfinished, TableWriter(unfinished, [*names.kept, *added]) as writer:
        for batch in table.batches(BATCH):
            rows = []
            outcomes = scorer.judge_each([row.get(column) for row in batch], explain=explain)
            for number, (row, outcome) in enumerate(zip(batch, outcomes, strict=True), tally.total + 1):
                if isinstance(outcome, HeadlineError) and not skip_bad:
                    raise HeadlineError(f"{table.path}, row {number}: {outcome}") from outcome
                tally.add(outcome)
                rows.append({names[name]: value for name, value in row.items()} | _cells(outcome, added))
            writer.write(rows)
            progress(table.share_read)
    return tally


class _Names(dict[str, str]):
    """The output's name of each input column: its own, or with `input_` before it where a verdict has that name."""

    def __init__(self, added: list[str], columns: list[str]) -> None:
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


def _cells(outcome: Outcome, added: list[str]) -> "Row":
    cells = {"error": str(outcome)} if isinstance(outcome, HeadlineError) else as_cells(outcome)
    return {name: cells.get(name) for name in added}
