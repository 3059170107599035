"""Runs every benchmark of docs/performance.md, each in a process of its own, on one processor with one thread.

python -m benchmarks [--candidate build/candidate] [--corpora ../shared/corpora] [NAME ...]
"""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import click

from benchmarks.material import candidate_option, corpora_option, ready

NAMES = ("agreement", "scoring", "against_peers", "scale", "cold_start", "training")  # as in docs/performance.md
UNPINNED = ("training",)  # which uses all processors
WITHOUT_CORPORA = ("cold_start",)
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@click.command()
@candidate_option
@corpora_option
@click.argument("names", type=click.Choice(NAMES), nargs=-1)
def main(candidate: Path, corpora: Path, names: tuple[str, ...]) -> None:
    """Print all tables, or those of the given names; exit with 1 if any benchmark does."""
    folder = ready(candidate)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "scikit-learn"))
    click.echo(f"{_processor()}, {platform.system()}; Python {platform.python_version()}, {libraries}")
    failed = [name for name in names or NAMES if _run(name, folder, corpora)]
    if failed:
        click.echo(f"failed: {', '.join(failed)}", err=True)
    sys.exit(int(bool(failed)))


def _run(name: str, candidate: Path, corpora: Path) -> int:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--candidate", str(candidate)]
    if name not in WITHOUT_CORPORA:
        command += ["--corpora", str(corpora)]
    sys.stdout.flush()
    if name in UNPINNED:
        return subprocess.run(command, check=False).returncode
    allowed = _pin()
    try:
        return subprocess.run(command, check=False, env=os.environ | ONE_THREAD).returncode
    finally:
        if allowed:
            os.sched_setaffinity(0, allowed)


def _pin() -> set[int]:
    """Let what is started from here run on one processor; give those that it could use. Linux alone can."""
    if sys.platform != "linux":
        return set()
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    return allowed


def _processor() -> str:
    """Say how many processors of what name there are, as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.machine()


if __name__ == "__main__":
    main()
