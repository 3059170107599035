"""What the tests of a running service share: `broadsheet serve` and Redis, each on ports that the machine gives."""

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import RedisError

PROGRAM = Path(sys.executable).with_name("broadsheet")
PATIENCE = 60  # seconds until a test of a server gives up; nothing is asserted of how long anything takes
# Below the ports that a system gives to those who ask for any, one of which is taken by the time a server has started.
_PORTS = iter(random.SystemRandom().sample(range(11_000, 32_000), 2000))


def free_port() -> int:
    """Give a port of the loopback that nobody listens at, and that this process has not given before."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


@pytest.fixture
def port() -> int:
    """A port of the loopback that was free a moment ago."""
    return free_port()


@dataclass
class Server:
    """`broadsheet serve` as it runs, and what it wrote."""

    process: "subprocess.Popen[bytes]"
    port: int
    out: Path
    err: Path

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Make one call on a connection of its own: status, headers by lower-case name, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            content = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read().decode()
        finally:
            connection.close()

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for what must come; give up when the process has ended or patience has."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, self.err.read_text()
            assert time.monotonic() < end, self.err.read_text()
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Tell whether a worker answers and its model judges."""
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def lines(self) -> list[dict[str, Any]]:
        """Give the log's lines, but for those in which the start is said."""
        said = ("Broadsheet serves ", "each of ")
        return [json.loads(line) for line in self.err.read_text().splitlines() if not line.startswith(said)]

    def stop(self) -> None:
        """End the process, gently first."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


Start = Callable[..., Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a server and wait until it is ready: `start(workers=2, BROADSHEET_MODEL=...)`; none outlives the test."""
    with starting(tmp_path) as begin:
        yield begin


@contextmanager
def starting(folder: Path) -> Iterator[Start]:
    """Start servers that write into a folder; none outlives the block."""
    started: list[Server] = []

    def run(workers: int = 1, **settings: str) -> Server:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
        port, number = free_port(), len(started)
        out, err = folder / f"out{number}", folder / f"err{number}"
        command = [str(PROGRAM), "serve", "--port", str(port)]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                [*command, "--workers", str(workers)], stdout=to_out, stderr=to_err, env=environment | settings
            )
        started.append(Server(process, port, out, err))
        started[-1].wait_until(started[-1].is_ready)
        return started[-1]

    try:
        yield run
    finally:
        for server in started:
            server.stop()


class OwnRedis:
    """A Redis of the test's own, which it may stop and start; it forgets what it held."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}/9"
        self.client = Redis(port=self.port, db=9)
        self._folder, self._process = folder, None

    _process: "subprocess.Popen[bytes] | None"

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self._process = subprocess.Popen([*command, "--dir", str(self._folder)], stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while self.count() is None:
            assert time.monotonic() < end
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, as a host that falls over does."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def count(self) -> int | None:
        """Count the keys that it holds, if it answers."""
        try:
            return int(self.client.dbsize())  # type: ignore[arg-type]  # no asynchronous client
        except RedisError:
            return None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[OwnRedis]:
    """A Redis that runs, gone after the test."""
    if not shutil.which("redis-server"):
        pytest.skip("needs redis-server (Debian's package redis-server), which it starts and kills")
    own = OwnRedis(tmp_path)
    try:
        own.start()
        yield own
    finally:
        own.client.close()
        own.stop()
