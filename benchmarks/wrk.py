"""A bounded load on the loopback, made by wrk, for the benchmarks of the service."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import click

CONNECTIONS = 8
BODIES = 300  # different requests, sent in turn
_LUA = """
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
if os.getenv("FRESH") then wrk.headers["Connection"] = "close" end
function request() at = at %% #bodies + 1; return wrk.format(nil, "/v1/score", nil, bodies[at]) end
"""


class Load(NamedTuple):
    """What one run of wrk saw: requests a second, milliseconds at two percentiles, answers that were none."""

    rate: float
    p50: float
    p99: float
    bad: int


def require_wrk() -> None:
    """Say how wrk is had where it is missing."""
    if not shutil.which("wrk"):
        raise click.ClickException("wrk makes the load; install it (apt-get install wrk)")


def script_of(scratch: Path, headlines: Sequence[str], size: int) -> Path:
    """Give the script that sends headlines in turn, `size` in each request."""
    count = min(BODIES, max(len(headlines) // size, 1))
    bodies = [json.dumps({"headlines": headlines[size * number :][:size]}) for number in range(count)]
    return script_sending(scratch, bodies, str(size))


def script_sending(scratch: Path, bodies: Sequence[str], name: str = "bodies") -> Path:
    """Give the script that sends bodies in turn; both stand in `scratch`."""
    lines, script = scratch / f"{name}.jsonl", scratch / f"{name}.lua"
    lines.write_text("".join(f"{body}\n" for body in bodies))
    script.write_text(_LUA % lines)
    return script


@contextmanager
def running(command: Sequence[str], port: int, environment: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the end, in a session of its own: Ctrl-C is for us, who then stop it."""
    process = subprocess.Popen(command, env=os.environ | environment, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(port)
        yield process
    finally:
        process.terminate()
        process.wait()


def workers_of(master: int) -> list[int]:
    """Give the processes that a master has started (Linux)."""
    return list(map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split()))


def megabytes(workers: Sequence[int], name: str) -> float:
    """Give the memory of processes: `Rss`, or `Pss`, in which what they share counts once."""
    rollups = "".join(Path(f"/proc/{worker}/smaps_rollup").read_text() for worker in workers)
    return sum(map(int, re.findall(rf"^{name}:\s+(\d+)", rollups, re.MULTILINE))) / 1000


def wait_for(port: int) -> None:
    """Wait until a service answers, and a little longer, until its other worker does too."""
    for _ in range(600):
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
            time.sleep(2)
            return
        time.sleep(0.1)
    raise click.ClickException(f"nothing answers on port {port}")


def load(port: int, script: Path, seconds: int, connections: int = CONNECTIONS, *, fresh: bool = False) -> Load:
    """Send requests as fast as they are answered, on connections that are kept or, if `fresh`, a new one for each."""
    address = f"http://127.0.0.1:{port}"
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s"]
    environment = os.environ | ({"FRESH": "1"} if fresh else {})
    command += ["-s", str(script), address]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    bad = sum(map(int, re.findall(r"(?:responses:|connect|read|write|timeout) (\d+)", said)))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    return Load(float(rate[1]) if rate else 0, _percentile(said, 50), _percentile(said, 99), bad)


def _percentile(said: str, percent: int) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s)", said)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]] if found else float("nan")
