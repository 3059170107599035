"""Times whole processes, from start to verdict: `broadsheet score` and a script that loads scikit-learn's pipelines.

python -m benchmarks.cold_start [--candidate build/candidate]
"""

import hashlib
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import click

from benchmarks.material import candidate_option, ready
from benchmarks.timing import print_table, print_title, times
from model.artefact import DEFAULT
from model.artefact.manifest import COMMON, WEIGHTS, read_manifest
from model.scoring import SWITCH
from training.candidate import PIPELINES

HEADLINE = "Minister defends budget as vote nears"
RUNS = 11
GOAL = 6
COMMAND = [str(Path(sys.executable).with_name("broadsheet")), "score", HEADLINE]
SCRIPT = """
import sys
import joblib
from model.terms.analyzer import TermSettings
terms = [TermSettings().analyze(sys.argv[2])]
for axis, pipeline in joblib.load(sys.argv[1]).items():
    print(axis, pipeline.predict_proba(terms)[0, 1])
"""
_IMPORT = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")
_SHOWN = 12


@click.command()
@candidate_option
def main(candidate: Path) -> None:
    """Print the medians, and what `broadsheet score` imports."""
    pipelines = str((ready(candidate) / PIPELINES).absolute())
    commands = {
        "joblib and scikit-learn": ([sys.executable, "-c", SCRIPT, pipelines, HEADLINE], "0"),
        "broadsheet score": (COMMAND, "0"),
        "broadsheet score, portable": (COMMAND, "1"),
        "Python with NumPy, no more": ([sys.executable, "-c", "import numpy"], "0"),
    }
    spent: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, (command, portable) in commands.items():
            spent[name].append(_milliseconds(command, portable))
    found = {name: median(values) for name, values in spent.items()}
    print_title(
        "Cold start: one process from its start to its end, one headline",
        f"Median of {RUNS} runs in turn, files in the system's cache; `broadsheet` scores with the default model. "
        f"Goal: at most a {GOAL}th of scikit-learn's time.",
    )
    theirs = next(iter(found.values()))
    print_table(["", "ms", "faster"], [[name, f"{ms:.0f}", times(theirs / ms)] for name, ms in found.items()])
    _print_hashing()
    _print_imports()


def _print_hashing() -> None:
    """Print what the check of the model's files costs: those that scoring reads, and the rest."""
    read = [WEIGHTS, COMMON]
    rest = [name for name in read_manifest(DEFAULT)["files"] if name not in read]
    rows = []
    for title, names in (("files that scoring reads", read), ("files that it does not", rest)):
        spent = median(_hashing([DEFAULT / name for name in names]) for _ in range(RUNS))
        megabytes = sum((DEFAULT / name).stat().st_size for name in names) / 1e6
        rows.append([title, f"{megabytes:.1f}", f"{spent:.1f}"])
    print_title("What checking the default model's hashes costs", f"Median of {RUNS} runs.")
    print_table(["", "MB", "ms"], rows)


def _hashing(files: Sequence[Path]) -> float:
    start = time.perf_counter()
    for file in files:
        hashlib.sha256(file.read_bytes()).digest()
    return 1000 * (time.perf_counter() - start)


def _milliseconds(command: list[str], portable: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {SWITCH: portable})
    return 1000 * (time.perf_counter() - start)


def _print_imports() -> None:
    command = [sys.executable, "-X", "importtime", *COMMAND]
    log = subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
    spent: Counter[str] = Counter()
    for microseconds, name in _IMPORT.findall(log):
        spent[name.split(".")[0]] += int(microseconds)
    print_title(f"What `broadsheet score` imports: the {_SHOWN} dearest packages", "One run, with `-X importtime`.")
    rows = [[name, f"{us / 1000:.1f}"] for name, us in spent.most_common(_SHOWN)]
    print_table(["package", "ms"], [*rows, ["all", f"{spent.total() / 1000:.1f}"]])


if __name__ == "__main__":
    main()
