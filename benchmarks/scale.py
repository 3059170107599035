"""Times scoring at 100 to 1,000,000 headlines, and follows the memory of a process that scores as many.

python -m benchmarks.scale [--candidate build/candidate] [--corpora ../shared/corpora] [--most 1000000]
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import chain, islice
from pathlib import Path

import click

from benchmarks.contenders import compiled, portable_warm
from benchmarks.material import Headlines, candidate_option, corpora_option, ready, varied
from benchmarks.timing import Batches, Measure, interleaved, print_table, print_title
from broadsheet.batch import BATCH
from model.artefact import load
from model.scoring import SWITCH
from model.scoring.compiled import is_available

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
ROUNDS, ROUNDS_OF_FEW = 3, 15  # the latter up to 1,000 headlines, which take a fraction of a millisecond
MEMORY_GOAL = 80
CHILD = Path(__file__).parent / "scale_memory.py"


@click.command()
@candidate_option
@corpora_option
@click.option("--most", default=SIZES[-1], show_default=True, help="Leave out sizes above this.")
def main(candidate: Path, corpora: Path, most: int) -> None:
    """Print the cost of a headline, and the memory of a process, at growing numbers of headlines."""
    folder, headlines = ready(candidate), Headlines(corpora)
    sizes = [size for size in SIZES if size <= most]
    _print_cost(folder, headlines, sizes)
    _print_memory(headlines, [size for size in sizes if size >= 1000])


def _print_cost(folder: Path, headlines: Headlines, sizes: list[int]) -> None:
    artefact = load(folder)
    measures = {f"portable, warm, {BATCH:,} at a time": portable_warm(artefact, headlines.warm_up)}
    for measure in compiled(artefact, headlines.warm_up).values():
        measures |= {f"compiled, {BATCH:,} at a time": measure, "compiled, one call": _in_one_call(measure)}
    found = [interleaved(measures, _plan(headlines.others, size)) for size in sizes]
    print_title(
        "Scale: microseconds a headline by the number of headlines",
        f"{len(headlines.others):,} headlines, each as it is and then with a word from another and other numbers, "
        f"so that nearly all differ; both axes. Median of {ROUNDS} rounds in turn ({ROUNDS_OF_FEW} up to 1,000), one "
        "thread. Goal: flat.",
    )
    rows = [[name, *(f"{by_name[name]:.2f}" for by_name in found)] for name in measures]
    print_table(["", *(f"{size:,}" for size in sizes)], rows)


def _plan(headlines: list[str], size: int) -> list[Batches]:
    plan = []
    for number in range(ROUNDS_OF_FEW if size <= 1000 else ROUNDS):
        texts = varied(headlines, size, seed=number)
        plan.append(list(iter(lambda texts=texts: list(islice(texts, BATCH)), [])))  # type: ignore[misc]
    return plan


def _in_one_call(measure: Measure) -> Measure:
    return lambda batches: measure([list(chain.from_iterable(batches))])


def _print_memory(headlines: Headlines, sizes: list[int]) -> None:
    engines = {"portable": "1"} | ({"compiled": "0"} if is_available() else {})
    rows = [
        [name, *_megabytes(varied(headlines.others, sizes[-1]), sizes, switch)]
        for name, switch in reversed(engines.items())
    ]
    print_title(
        "Memory: resident megabytes of a process that scores",
        f"The default model, {BATCH:,} headlines at a time, read from a pipe; the same headlines as above. "
        f"Goal: a peak under {MEMORY_GOAL} MB, and flat.",
    )
    print_table(["", "loaded", *(f"after {size:,}" for size in sizes), "peak"], rows)


def _megabytes(headlines: Iterable[str], sizes: list[int], switch: str) -> list[str]:
    """Give the resident memory once the model is loaded and after each size, then the peak."""
    with subprocess.Popen(
        [sys.executable, str(CHILD), str(BATCH), *map(str, sizes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {SWITCH: switch},
        text=True,
        encoding="utf-8",
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process must have pipes")
        process.stdin.writelines(" ".join(text.split()) + "\n" for text in headlines)
        process.stdin.close()
        found = process.stdout.read().split()
    if process.returncode:
        raise RuntimeError(f"the scoring process ended with {process.returncode}")
    return found


if __name__ == "__main__":
    main()
