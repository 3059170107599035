"""Figures and data reports as people read them on a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from broadsheet.shown.tables import grid, plain_console
from model.plain import many, plain
from training.check import DataReport
from training.cross_validation import Row
from training.evaluate import SetFigures

_OUTLETS = 8  # of each tier, the largest
_FEATURES = 5  # of each axis, the most telling


def print_figures(version: str, sets: Mapping[str, SetFigures]) -> None:
    """Print what a model reached on each set, with intervals, the control beside it, and its verdicts by readers."""
    console = plain_console()
    for number, (title, table) in enumerate(
        (title, table) for name, found in sets.items() for title, table in _tables(name, version, found)
    ):
        console.print(("\n" if number else "") + title)
        console.print(table)


def _tables(name: str, version: str, found: SetFigures) -> Iterator[tuple[str, Table]]:
    for axis, figures in found.axes.items():
        truth = figures.corpus.target(axis)
        counts = f"{many(len(truth), 'headline')}, {int(truth.sum()):,} {axis}"
        rows = [
            (metric, str(estimate), *(str(other.get(metric, "")) for other in (figures.control, figures.blind)))
            for metric, estimate in figures.model.items()
        ]
        table = grid(["figure", "model [95 % interval]", "surface features only", "share of positives"], rows)
        yield f"[bold]{_name(name)}[/], {axis}: {counts}; model {version}", table
    if found.verdicts:
        rows = [(figure, str(estimate)) for figure, estimate in found.verdicts.items()]
        table = grid(["figure", "[95 % interval]"], rows)
        yield f"[bold]{_name(name)}[/], verdicts against readers; model {version}", table


def print_report(report: DataReport) -> None:
    """Print what the data check found, problems last, where the eye rests."""
    console = plain_console()
    counts = [f"{n:,} {tier}" for tier, n in report.tiers.items()]
    counts += [f"{len(report.unlabelled):,} without a label"] if report.unlabelled else []
    console.print(f"[bold]{many(report.rows, 'row')}[/]: {', '.join(counts)}")
    for tier, outlets in report.outlets.items():
        largest = sorted(outlets.items(), key=lambda item: -item[1])[:_OUTLETS]
        rows = [(outlet, f"{n:,}", f"{n / report.tiers[tier]:.0%}") for outlet, n in largest]
        console.print(grid([f"{tier}, {many(len(outlets), 'outlet')}", "rows", "share"], rows))
    console.print(
        f"exact duplicates: {many(report.exact.rows, 'row')} of {many(report.exact.groups, 'headline')}; "
        f"near-duplicates: {many(report.near.rows, 'row')} of {report.near.groups:,}"
    )
    for axis, features in report.surface.items():
        strongest = [(name, f"{auc:.3f}") for name, auc in list(features.items())[:_FEATURES]]
        if strongest:
            console.print(grid([f"alone on {axis}", "ROC AUC"], strongest))
    for axis, origins in report.origin.items():
        told = [(name, f"{auc:.3f}") for name, auc in origins.items()]
        if told:
            console.print(grid([f"whose headline, on {axis}", "ROC AUC"], told))
    for kind, numbers in _listed(report):
        if numbers:
            first = ", ".join(map(str, numbers[:10])) + (" ..." if len(numbers) > 10 else "")
            console.print(f"{kind}: {'row' if len(numbers) == 1 else 'rows'} {first}")
    for note in report.notes:
        console.print(_name(note))
    console.print("\n".join(f"[yellow]![/] {_name(p)}" for p in report.problems) or "[green]no problem found[/]")


def _name(text: str) -> str:
    return escape(plain(text))


def _listed(report: DataReport) -> list[tuple[str, tuple[int, ...]]]:
    kinds = [("empty", report.empty), ("absurd", report.absurd), ("without a label", report.unlabelled)]
    return kinds + [("same text, different labels", rows) for rows in report.conflicting[:5]]


def print_rows(rows: Sequence[Row]) -> None:
    """Print named figures with their intervals."""
    plain_console().print(grid(["figure", "[95 % interval]"], [(row.name, str(row.figure)) for row in rows]))
