"""The service under load: our endpoint beside a hello-world and beside itself with scikit-learn, all on one server.

python -m benchmarks.service_load [--seconds 4] [--rounds 3]     needs wrk (Debian's package wrk)
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

import click

from benchmarks.material import Headlines, candidate_option, corpora_option, ready
from benchmarks.timing import print_table, print_title, times
from benchmarks.wrk import Load, load, megabytes, require_wrk, running, script_of, workers_of
from model.artefact import DEFAULT

# headlines of a request, connections, whether each request has a connection of its own
LOADS = {"1": (1, 8, False), "1, fresh": (1, 8, True), "30": (30, 8, False), "1,000": (1000, 2, False)}
CONTENDERS = {
    "hello-world": ("hello", {}),
    "compiled": ("broadsheet", {}),
    "portable": ("broadsheet", {"BROADSHEET_PORTABLE": "1"}),
    "scikit-learn": ("scikit-learn", {"BROADSHEET_PORTABLE": "1"}),
}
Found = dict[str, dict[str, list[Load]]]


@click.command()
@candidate_option
@corpora_option
@click.option("--seconds", default=4, show_default=True, help="Of each run.")
@click.option(
    "--only", type=click.Choice(list(CONTENDERS)), multiple=True, help="Leave out the others; several may be given."
)
@click.option("--rounds", default=3, show_default=True, help="In which all take turns; medians are printed.")
def main(candidate: Path, corpora: Path, seconds: int, only: tuple[str, ...], rounds: int) -> None:
    """Print requests a second, their ratios, p50, p99 and memory."""
    require_wrk()
    names = [name for name in CONTENDERS if name in only or not only]
    folder, headlines = ready(candidate) if "scikit-learn" in names else DEFAULT, Headlines(corpora)
    found: Found = {name: {what: [] for what in LOADS} for name in names}
    memory: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as scratch:
        scripts = {size: script_of(Path(scratch), headlines.unseen, size) for size, _, _ in LOADS.values()}
        for _ in range(rounds):
            for name in names:
                memory[name].append(_measure(name, folder, scripts, seconds, found[name]))
    print_title(
        "The service under load",
        "POST /v1/score with validation, metrics, limits and logs on; 2 workers; "
        f"8 connections (2 at 1,000), kept alive or `fresh` for each request; {headlines.source}; "
        f"medians of {rounds} rounds of {seconds} s in which all take turns.",
    )
    print_table(
        ["", "batch", "requests/s", "of hello-world", "of scikit-learn", "p50 ms", "p99 ms", "failed"],
        [
            _row(found, name, what)
            for what in LOADS
            for name in names
            if what in {"1", "1, fresh"} or name != "hello-world"
        ],
    )
    print_title("Memory of the two workers", "Megabytes after that load, what they share counted once (PSS).")
    least = median(memory.get("scikit-learn", [float("nan")]))
    rows = [[name, f"{median(of):.0f}", f"{median(of) / least:.2f}"] for name, of in memory.items()]
    print_table(["", "MB", "of scikit-learn"], rows)


def _measure(name: str, folder: Path, scripts: dict[int, Path], seconds: int, found: dict[str, list[Load]]) -> float:
    """Serve one contender and load it; give the memory of its workers, in megabytes."""
    kind, environment = CONTENDERS[name]
    port = 8400 + list(CONTENDERS).index(name)
    command = [sys.executable, "-m", "benchmarks.served", kind, str(port), str(folder)]
    with running(command, port, environment) as process:
        for what, (size, connections, fresh) in LOADS.items():
            script = scripts[1 if kind == "hello" else size]  # which answers the same to all
            load(port, script, 1, connections, fresh=fresh)  # until caches are warm
            found[what].append(load(port, script, seconds, connections, fresh=fresh))
        return megabytes(workers_of(process.pid), "Pss")


def _row(found: Found, name: str, what: str) -> list[str]:
    rates = {other: median(one.rate for one in found[other][what]) for other in found}
    hello, slowest = rates.get("hello-world", float("nan")), rates.get("scikit-learn")
    loads = found[name][what]
    return [
        name,
        what,
        f"{rates[name]:,.1f}" if rates[name] < 100 else f"{rates[name]:,.0f}",
        f"{rates[name] / hello:.2f}",
        times(rates[name] / slowest) if name != "hello-world" and slowest else "",
        f"{median(one.p50 for one in loads):.2f}",
        f"{median(one.p99 for one in loads):.2f}",
        str(sum(one.bad for one in loads)),
    ]


if __name__ == "__main__":
    main()
