"""Why gunicorn: the service's application under gunicorn's two kinds of workers and under granian.

python -m benchmarks.servers [--seconds 5]     needs wrk and the extra bench
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
from flask import Flask

from benchmarks.material import Headlines, candidate_option, corpora_option, ready
from benchmarks.timing import print_table, print_title
from benchmarks.wrk import load, require_wrk, script_of, wait_for, workers_of

PATIENCE = 30  # seconds given to a server to stop
_GUNICORN = "gunicorn --workers 2 --no-control-socket --log-level critical --bind 127.0.0.1:{port} {kind} "
_GRANIAN = "granian --interface wsgi --workers 2 --respawn-failed-workers --respawn-interval 1 --no-log --port {port} "
SERVERS = {
    "gunicorn, threads": _GUNICORN.replace("{kind}", "--worker-class gthread --threads 8")
    + "benchmarks.servers:made()",
    "gunicorn, sync": _GUNICORN.replace("{kind}", "--worker-class sync") + "benchmarks.servers:made()",
    "granian": _GRANIAN + "--blocking-threads 8 --factory benchmarks.servers:made",
}
FAULTS: dict[str, Callable[[int], None]] = {
    "reload": lambda master: os.kill(master, signal.SIGHUP),
    "death": lambda master: os.kill(_workers(master)[0], signal.SIGKILL),
}


def made() -> Flask:
    """Give what each server serves: the service, without the lines of its log."""
    import structlog

    from service.app import create_app
    from service.settings import Settings

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    return create_app(Settings.from_environment())


@click.command()
@candidate_option
@corpora_option
@click.option("--seconds", default=5, show_default=True, help="Of each run.")
def main(candidate: Path, corpora: Path, seconds: int) -> None:
    """Print each server's rate and tail, what a reload and the death of a worker cost its callers, and how it stops."""
    require_wrk()
    os.environ |= {"BROADSHEET_RATE_LIMIT": "off", "BROADSHEET_MODEL": str(ready(candidate))}
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as scratch:
        script = script_of(Path(scratch), Headlines(corpora).unseen, 1)
        rows = [
            [name, *_measured(command.format(port=8500 + number), 8500 + number, script, seconds)]
            for number, (name, command) in enumerate(SERVERS.items())
        ]
    print_title(
        "Servers",
        f"One headline a request, 2 workers, 16 kept-alive connections, {seconds} s a run; a fault comes after a third "
        "and two thirds of a run. Failed: requests that got no answer, or none with status 200.",
    )
    header = ["", "requests/s", "p50 ms", "p99 ms", "failed at two reloads", "failed at two deaths", "stop, s"]
    print_table(header, rows)


def _measured(command: str, port: int, script: Path, seconds: int) -> list[str]:
    process = subprocess.Popen([sys.executable, "-m", *command.split()], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        load(port, script, 1, 16)
        undisturbed = load(port, script, seconds, 16)
        failed = [_disturbed(process.pid, port, script, seconds, fault) for fault in FAULTS.values()]
    finally:
        stopped = _stop(process)
    found = [f"{undisturbed.rate:,.0f}", f"{undisturbed.p50:.2f}", f"{undisturbed.p99:.2f}"]
    return [*found, *map(str, failed), stopped]


def _stop(process: "subprocess.Popen[bytes]") -> str:
    """Stop a server; give the seconds that it took."""
    began, workers = time.monotonic(), _workers(process.pid)
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        for number in (process.pid, *workers):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        process.wait()
        return f"not in {PATIENCE}"
    return f"{time.monotonic() - began:.1f}"


def _disturbed(master: int, port: int, script: Path, seconds: int, fault: Callable[[int], None]) -> int:
    timers = [threading.Timer(seconds * third / 3, fault, [master]) for third in (1, 2)]
    for timer in timers:
        timer.start()
    failed = load(port, script, seconds, 16).bad
    for timer in timers:
        timer.join()
    wait_for(port)
    return failed


def _workers(master: int) -> list[int]:
    return [
        child for child in workers_of(master) if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


if __name__ == "__main__":
    main()
