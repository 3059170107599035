"""The service under load for long: whether its memory, descriptors or threads grow, while models are promoted.

python -m benchmarks.soak [--minutes 10]     on Linux, for its /proc; needs wrk
"""

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from statistics import median
from typing import NamedTuple

import click
import numpy as np

from benchmarks.material import Headlines, corpora_option, small, varied
from benchmarks.timing import print_table, print_title
from benchmarks.wrk import CONNECTIONS, Load, load, megabytes, require_wrk, running, script_sending, workers_of
from model.artefact import DEFAULT
from model.store import Store

BATCHES = (1, 30, 300)
BODIES = 600  # different requests of a minute; the next minute has others
EVERY = 10  # seconds between two samples
SETTINGS = {"BROADSHEET_RATE_LIMIT": "100000000 per minute"}  # counted, never reached


class Sample(NamedTuple):
    """What all workers hold at a time: seconds since the start, megabytes, open descriptors, threads."""

    at: float
    rss: float
    pss: float
    descriptors: int
    threads: int


class Minute(NamedTuple):
    """A minute's load and samples, and the version that was current when it ended."""

    load: Load
    samples: list[Sample]
    version: str


@click.command()
@corpora_option
@click.option("--minutes", type=click.IntRange(min=1), default=10, show_default=True)
@click.option("--port", default=8490, show_default=True)
def main(corpora: Path, minutes: int, port: int) -> None:
    """Print a row for each minute, and what grew; Ctrl-C prints those until then."""
    require_wrk()
    headlines = varied(Headlines(corpora).others, sys.maxsize)  # without end, none twice but by chance
    done: list[Minute] = []
    with tempfile.TemporaryDirectory() as scratch:
        store = _store(Path(scratch) / "store")
        with _served(store, port) as process:
            began = time.monotonic()
            try:
                for number in range(minutes):
                    _say(f"minute {number + 1} of {minutes}: writing requests")
                    bodies = _bodies(headlines)
                    done.append(_minute(process.pid, port, store, bodies, Path(scratch), began))
            except KeyboardInterrupt:
                _say("stopped")
    _print(done)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _store(folder: Path) -> Store:
    """Make a store with the default model as its current one, and a small one beside it."""
    _say("training a small second model")
    store = Store(folder)
    store.add(small())
    store.promote(str(DEFAULT))
    return store


def _served(store: Store, port: int) -> AbstractContextManager["subprocess.Popen[bytes]"]:
    command = [str(Path(sys.executable).with_name("broadsheet")), "serve", "--port", str(port), "--workers", "2"]
    return running(command, port, SETTINGS | {"BROADSHEET_MODELS": str(store.folder)})


def _bodies(headlines: Iterator[str]) -> list[str]:
    sizes = (BATCHES[number % len(BATCHES)] for number in range(BODIES))
    return [json.dumps({"headlines": list(islice(headlines, size))}) for size in sizes]


def _minute(master: int, port: int, store: Store, bodies: Sequence[str], scratch: Path, began: float) -> Minute:
    """Load the service for a minute; look at it and call what else it has meanwhile, and change its model."""
    samples: list[Sample] = []
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(_load, port, bodies, scratch)
        for number in range(60 // EVERY):
            time.sleep(EVERY)
            samples.append(_sample(master, time.monotonic() - began))
            _say(f"{samples[-1].at:6.0f} s: {samples[-1].pss:.0f} MB, {samples[-1].descriptors} descriptors")
            _call_others(port, bodies[number])
            if number == 60 // EVERY // 2:
                _change(store)
        return Minute(loading.result(), samples, store.served()[0])


def _change(store: Store) -> None:
    """Promote the version that is not current, or roll back to the one before."""
    current, *before = store.served()
    others = [version for version in store.versions() if version != current]
    if before:
        store.rollback()
    elif others:
        store.promote(others[0])


def _call_others(port: int, body: str) -> None:
    page = json.dumps({"text": "\n".join(json.loads(body)["headlines"])})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for method, path, content in (("GET", "/metrics", None), ("GET", "/v1/model", None), ("POST", "/v1/page", page)):
        connection.request(method, path, content, {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()


def _load(port: int, bodies: Sequence[str], scratch: Path) -> Load:
    """Send the requests in turn for a minute."""
    return load(port, script_sending(scratch, bodies), 60)


def _sample(master: int, at: float) -> Sample:
    """Look at all workers; the memory that they share counts once in the PSS."""
    workers = workers_of(master)
    if not workers:
        raise click.ClickException("the service has ended; is its port free?")
    folders = [Path(f"/proc/{worker}") for worker in workers]
    descriptors, threads = (sum(len(list((one / name).iterdir())) for one in folders) for name in ("fd", "task"))
    return Sample(at, megabytes(workers, "Rss"), megabytes(workers, "Pss"), descriptors, threads)


def _print(done: Sequence[Minute]) -> None:
    print_title(
        "The service for long",
        f"POST /v1/score with {', '.join(map(str, BATCHES))} headlines in turn, each minute {BODIES} other requests, "
        f"{CONNECTIONS} connections; 2 workers; /metrics, /v1/model and /v1/page every {EVERY} s; "
        "another model every minute. Memory, descriptors and threads are of both workers, medians of a minute.",
    )
    header = [
        "minute",
        "requests",
        "p99 ms",
        "not 2xx",
        "RSS MB",
        "PSS MB",
        "descriptors",
        "threads",
        "model at its end",
    ]
    print_table(header, [_row(number, minute) for number, minute in enumerate(done, 1)])
    click.echo(f"\n{_verdict([sample for minute in done[1:] for sample in minute.samples])}")


def _row(number: int, minute: Minute) -> list[str]:
    rss, pss, descriptors, threads = (median(values) for values in list(zip(*minute.samples, strict=True))[1:])
    load = [f"{60 * minute.load.rate:,.0f}", f"{minute.load.p99:.1f}", str(minute.load.bad)]
    return [str(number), *load, f"{rss:.0f}", f"{pss:.0f}", f"{descriptors:.0f}", f"{threads:.0f}", minute.version]


def _verdict(samples: Sequence[Sample]) -> str:
    """Say what grew since the second minute; in the first, threads start and caches fill."""
    if not samples:
        return "One minute tells nothing of growth: caches still fill."
    minutes = [sample.at / 60 for sample in samples]
    slope = np.polyfit(minutes, [sample.pss for sample in samples], 1)[0]
    files = [sample.descriptors for sample in samples]
    return (
        f"From the second minute on, memory (PSS) changed by {slope:+.2f} MB a minute, from {samples[0].pss:.0f} to "
        f"{samples[-1].pss:.0f} MB; descriptors were {min(files)} to {max(files)}, at the end {files[-1]}."
    )


if __name__ == "__main__":
    main()
