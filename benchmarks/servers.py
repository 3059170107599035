"""Why a server of our own protocol: it beside gunicorn's threads, uvicorn and granian, with a hello-world each.

python -m benchmarks.servers [--seconds 5] [--slow 500]     needs wrk and the extra bench
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from benchmarks.timing import print_table, print_title
from benchmarks.wrk import load, require_wrk, script_sending, wait_for

PATIENCE = 30  # seconds given to a server to stop
FIRST_PORT = 8500
SERVERS = {
    "ours": "{python} -m benchmarks.served hello {port} {model}",
    "gunicorn, threads": "{bin}/gunicorn --workers 2 --threads 8 --no-control-socket --log-level critical "
    "--bind 127.0.0.1:{port} benchmarks.servers:wsgi",
    "uvicorn": "{bin}/uvicorn --workers 2 --no-access-log --log-level critical --port {port} benchmarks.servers:asgi",
    "granian": "{bin}/granian --interface asgi --workers 2 --respawn-failed-workers --respawn-interval 1 --no-log "
    "--port {port} benchmarks.servers:asgi",
}
HEAD = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SLOW = {
    "heads": HEAD,
    "bodies": HEAD + b'Content-Length: 1000\r\n\r\n{"headlines": ["',
}


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Say hello, once the body has been read."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "13")])
    return [b"Hello, world\n"]


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Say hello, once the body has been read."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"13")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Hello, world\n"})


@click.command()
@click.option("--seconds", default=5, show_default=True, help="Of each run.")
@click.option("--slow", default=500, show_default=True, help="Connections that send a part of a request and no more.")
def main(seconds: int, slow: int) -> None:
    """Print each server's rate and tail, alone and beside slow clients, and what a reload costs its callers."""
    require_wrk()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        script = script_sending(Path(scratch), ['{"headlines": ["Bank holds rates"]}'])
        for number, (name, command) in enumerate(SERVERS.items()):
            rows.append([name, *_measured(command, FIRST_PORT + number, script, seconds, slow)])
    print_title(
        "Servers",
        f"A hello-world that reads its body, 2 workers, 16 connections, {seconds} s a run. Beside {slow} slow clients: "
        "p99 in ms of 4 connections that behave, or `none` where nobody was answered. Failed at a reload, which comes "
        "after a third and two thirds of a run: requests without an answer of status 200.",
    )
    print_table(
        ["", "requests/s", "p99 ms", "p99, slow heads", "p99, slow bodies", "failed, fresh", "failed, kept"], rows
    )


def _measured(command: str, port: int, script: Path, seconds: int, slow: int) -> list[str]:
    with _serving(command, port) as process:
        load(port, script, 1, 16)
        alone = load(port, script, seconds, 16)
        beside = [_beside(port, script, seconds, slow, begun) for begun in SLOW.values()]
        lost = [_reloaded(process.pid, port, script, seconds, fresh=fresh) for fresh in (True, False)]
    return [f"{alone.rate:,.0f}", f"{alone.p99:.1f}", *beside, *map(str, lost)]


@contextmanager
def _serving(command: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    from model.artefact import DEFAULT

    named = {"python": sys.executable, "bin": Path(sys.executable).parent, "port": port, "model": DEFAULT}
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    process = subprocess.Popen(
        [word.format(**named) for word in command.split()],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(port)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _beside(port: int, script: Path, seconds: int, slow: int, begun: bytes) -> str:
    connections = []
    for _ in range(slow):
        with suppress(OSError):
            connection = socket.create_connection(("127.0.0.1", port), 5)
            connection.sendall(begun)
            connections.append(connection)
    found = load(port, script, seconds, 4)
    for connection in connections:
        connection.close()
    time.sleep(1)
    return f"{found.p99:.1f}" if found.rate else "none"


def _reloaded(master: int, port: int, script: Path, seconds: int, *, fresh: bool) -> int:
    timers = [threading.Timer(seconds * third / 3, os.kill, [master, signal.SIGHUP]) for third in (1, 2)]
    for timer in timers:
        timer.start()
    failed = load(port, script, seconds, 16, fresh=fresh).bad
    for timer in timers:
        timer.join()
    wait_for(port)
    return failed


if __name__ == "__main__":
    main()
