"""The service under load: our endpoint beside a hello-world and beside itself with scikit-learn, all on one server.

python -m benchmarks.service_load [--seconds 4] [--rounds 3]     needs wrk (Debian's package wrk)
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click

from benchmarks.material import Headlines, candidate_option, corpora_option, ready
from benchmarks.timing import print_table, print_title, times

BATCHES = (1, 30, 1000)
CONNECTIONS = 8
BODIES = 300  # different requests, sent in turn
CONTENDERS = {
    "hello-world": ("hello", {}),
    "compiled": ("broadsheet", {}),
    "portable": ("broadsheet", {"BROADSHEET_PORTABLE": "1"}),
    "scikit-learn": ("scikit-learn", {"BROADSHEET_PORTABLE": "1"}),
}
LUA = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
function request() at = at %% #bodies + 1; return wrk.format(nil, "/v1/score", nil, bodies[at]) end
"""


class Load(NamedTuple):
    """What one run of wrk saw: requests a second, milliseconds at two percentiles, answers that were none."""

    rate: float
    p50: float
    p99: float
    bad: int


@click.command()
@candidate_option
@corpora_option
@click.option("--seconds", default=4, show_default=True, help="Of each run.")
@click.option("--rounds", default=3, show_default=True, help="In which all take turns; medians are printed.")
def main(candidate: Path, corpora: Path, seconds: int, rounds: int) -> None:
    """Print requests a second, their ratios, p50, p99 and memory."""
    if not shutil.which("wrk"):
        raise click.ClickException("wrk makes the load; install it (apt-get install wrk)")
    folder, headlines = ready(candidate), Headlines(corpora)
    found: dict[tuple[str, int], list[Load]] = {}
    memory: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        scripts = {size: _script(Path(scratch), headlines.unseen, size) for size in BATCHES}
        for _ in range(rounds):
            for number, (name, (kind, environment)) in enumerate(CONTENDERS.items()):
                with _served(kind, 8400 + number, folder, environment) as (port, process):
                    run_wrk(port, scripts[30], 2)  # until caches are warm
                    for size in BATCHES:
                        found.setdefault((name, size), []).append(run_wrk(port, scripts[size], seconds))
                    memory[name] = _memory(process)
    _print(found, memory, seconds, rounds, headlines.source)


def _print(found: dict[tuple[str, int], list[Load]], memory: dict[str, float], *given: object) -> None:
    seconds, rounds, source = given
    print_title(
        "The service under load",
        f"POST /v1/score with validation, metrics, limits and logs on; gunicorn, 2 workers, {CONNECTIONS} kept-alive "
        f"connections, wrk beside them; {source}; medians of {rounds} rounds of {seconds} s, all in turn.",
    )
    rows = []
    for size in BATCHES:
        rates = {name: median(load.rate for load in found[name, size]) for name in CONTENDERS}
        for name in CONTENDERS:
            loads = found[name, size]
            rows.append(
                [
                    name,
                    str(size) if name != "hello-world" else f"({size})",
                    f"{rates[name]:,.0f}",
                    f"{rates[name] / rates['hello-world']:.2f}",
                    times(rates[name] / rates["scikit-learn"]) if rates["scikit-learn"] else "-",
                    f"{median(load.p50 for load in loads):.2f}",
                    f"{median(load.p99 for load in loads):.2f}",
                    str(sum(load.bad for load in loads)),
                    f"{memory[name]:.0f}",
                ]
            )
    header = ["", "batch", "requests/s", "of hello", "of scikit-learn", "p50 ms", "p99 ms", "not 2xx", "workers' MB"]
    print_table(header, rows)


def _script(scratch: Path, headlines: Sequence[str], size: int) -> Path:
    bodies, script = scratch / f"{size}.jsonl", scratch / f"{size}.lua"
    count = min(BODIES, max(len(headlines) // size, 1))
    batches = (headlines[size * number :][:size] for number in range(count))
    bodies.write_text("".join(json.dumps({"headlines": batch}) + "\n" for batch in batches))
    script.write_text(LUA % bodies)
    return script


@contextmanager
def _served(
    kind: str, port: int, folder: Path, environment: dict[str, str]
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    command = [sys.executable, "-m", "benchmarks.served", kind, str(port), str(folder)]
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    """Wait until the service answers."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            time.sleep(2)  # until the other worker is there too
            return
    raise click.ClickException(f"nothing answers on port {port}")


def run_wrk(port: int, script: Path, seconds: int) -> Load:
    """Let wrk send the script's requests."""
    address = f"http://127.0.0.1:{port}"
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", str(script)]
    said = subprocess.run([*command, address], check=True, capture_output=True, text=True).stdout
    bad = sum(
        int(count)
        for count in re.findall(r"Non-2xx or 3xx responses: (\d+)|(?:read|write|timeout) (\d+)", said)
        for count in count
        if count
    )
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return Load(float(rate[1]) if rate else 0, _percentile(said, 50), _percentile(said, 99), bad)


def _percentile(said: str, percent: int) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else float("nan")


def _memory(process: "subprocess.Popen[bytes]") -> float:
    """Give the megabytes of all workers, what they share counted once (PSS)."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    rollups = [Path(f"/proc/{child}/smaps_rollup").read_text() for child in children]
    return sum(int(size) for rollup in rollups for size in re.findall(r"^Pss:\s+(\d+)", rollup, re.MULTILINE)) / 1000


if __name__ == "__main__":
    main()
