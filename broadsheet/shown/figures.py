"""Figures and data reports as people read them on a terminal."""

from collections.abc import Mapping, Sequence

from rich.markup import escape

from broadsheet.shown.tables import grid, plain_console
from model.judgement import Axis
from model.plain import plain
from training.check import DataReport
from training.cross_validation import Row
from training.evaluate import AxisFigures
from training.metrics import Estimate

_OUTLETS = 8  # of each tier, the largest
_FEATURES = 5  # of each axis, the most telling


def print_figures(
    name: str, version: str, by_axis: Mapping[Axis, AxisFigures], verdicts: Mapping[str, Estimate]
) -> None:
    """Print what a model reached on one set, with intervals, the control beside it, and its verdicts by readers."""
    console = plain_console()
    if not by_axis:
        console.print(f"{_name(name)}: no axis has labelled headlines of both classes")
    for axis, figures in by_axis.items():
        truth = figures.corpus.target(axis)
        console.print(
            f"\n[bold]{_name(name)}[/], {axis}: {len(truth):,} headlines, {int(truth.sum()):,} {axis}; model {version}"
        )
        rows = [
            (metric, str(estimate), *(str(other.get(metric, "")) for other in (figures.control, figures.blind)))
            for metric, estimate in figures.model.items()
        ]
        console.print(grid(["figure", "model [95 % interval]", "surface features only", "share of positives"], rows))
    if verdicts:
        console.print(f"\n[bold]{_name(name)}[/], verdicts against readers; model {version}")
        console.print(grid(["figure", "[95 % interval]"], [(name, str(found)) for name, found in verdicts.items()]))


def print_report(report: DataReport) -> None:
    """Print what the data check found, problems last, where the eye rests."""
    console = plain_console()
    console.print(f"[bold]{report.rows:,} rows[/]: " + ", ".join(f"{n:,} {tier}" for tier, n in report.tiers.items()))
    for tier, outlets in report.outlets.items():
        largest = sorted(outlets.items(), key=lambda item: -item[1])[:_OUTLETS]
        rows = [(outlet, f"{n:,}", f"{n / report.tiers[tier]:.0%}") for outlet, n in largest]
        console.print(grid([f"{tier}, {len(outlets)} outlets", "rows", "share"], rows))
    console.print(
        f"exact duplicates: {report.exact.rows:,} rows of {report.exact.groups:,} headlines; "
        f"near-duplicates: {report.near.rows:,} rows of {report.near.groups:,}"
    )
    for axis, features in report.surface.items():
        strongest = [(name, f"{auc:.3f}") for name, auc in list(features.items())[:_FEATURES]]
        console.print(grid([f"alone on {axis}", "ROC AUC"], strongest))
    for axis, origins in report.origin.items():
        told = [(name, f"{auc:.3f}") for name, auc in origins.items()]
        if told:
            console.print(grid([f"whose headline, on {axis}", "ROC AUC"], told))
    for kind, numbers in (("empty", report.empty), ("absurd", report.absurd), *_conflicts(report)):
        if numbers:
            console.print(f"{kind}: rows {', '.join(map(str, numbers[:10]))}{' ...' if len(numbers) > 10 else ''}")
    console.print("\n".join(f"[yellow]![/] {_name(p)}" for p in report.problems) or "[green]no problem found[/]")


def _name(text: str) -> str:
    return escape(plain(text))


def _conflicts(report: DataReport) -> list[tuple[str, tuple[int, ...]]]:
    return [("same text, different labels", rows) for rows in report.conflicting[:5]]


def print_rows(rows: Sequence[Row]) -> None:
    """Print named figures with their intervals."""
    plain_console().print(grid(["figure", "[95 % interval]"], [(row.name, str(row.figure)) for row in rows]))
