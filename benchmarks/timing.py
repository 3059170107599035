"""What every benchmark does alike: rounds in turn, medians, and tables in Markdown that say what was measured."""

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import TypeAlias

import click
import numpy as np

Batches: TypeAlias = list[list[str]]
Score: TypeAlias = Callable[[list[str]], object]
Measure: TypeAlias = Callable[[Batches], float]  # gives microseconds a headline

ROUNDS = 7


def timed(score: Score, batches: Batches) -> float:
    """Give the microseconds a headline that scoring the batches one after another takes."""
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    for batch in batches:
        score(batch)
    seconds = time.perf_counter() - start
    gc.enable()
    return 1e6 * seconds / sum(map(len, batches))


def interleaved(measures: Mapping[str, Measure], rounds: Sequence[Batches]) -> dict[str, float]:
    """Give the median of each measure over rounds; all take turns in each round, another one first each time.

    Side by side so, whatever else the machine does meets all alike, and their ratios stay when their times do not.
    """
    found: dict[str, list[float]] = {name: [] for name in measures}
    names = list(measures)
    for number, batches in enumerate(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(measures[name](batches))
    return {name: median(values) for name, values in found.items()}


def drawn(headlines: Sequence[str], size: int, most: int, rounds: int = ROUNDS, seed: int = 0) -> list[Batches]:
    """Give for each round another draw of distinct headlines, at most `most` of them, in batches of `size`."""
    random = np.random.default_rng(seed + size)
    count = max(min(len(headlines), most) // size, 1)
    plan = []
    for _ in range(rounds):
        picked = [headlines[row] for row in random.permutation(len(headlines))[: count * size]]
        plan.append([picked[start : start + size] for start in range(0, len(picked), size)])
    return plan


def print_title(title: str, measured: str) -> None:
    """Begin a section: what is shown, and on what data, in which batches, how often."""
    click.echo(f"\n## {title}\n\n{measured}\n")


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table as docs/performance.md has it: the first column to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    for cells in (header, rule, *rows):
        padded = [cells[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(cells[1:], widths[1:], strict=True))]
        click.echo(f"| {' | '.join(padded)} |")


def times(ratio: float) -> str:
    """Write a ratio to about three digits."""
    return f"{ratio:,.0f} x" if ratio >= 100 else f"{ratio:.1f} x" if ratio >= 10 else f"{ratio:.2f} x"
