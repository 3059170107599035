"""What the tests share: models trained or made by hand, the fixtures' folder, the corpora, the CLI, real servers."""

import asyncio
import http.client
import io
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from model.artefact import Artefact, Head, save
from model.clean import check_headline
from model.cli import main
from model.errors import HeadlineError
from model.judgement import AXES, Thresholds
from model.scorer import Scorer
from model.terms import TermSettings
from service.edge import Edge
from service.messages import Answer, RequestHead
from training.candidate import Material, train
from training.corpora import read_corpora
from training.recipe import Recipe

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds until a test of a server gives up; nothing is asserted of how long anything takes


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The project's own small data."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate folder, trained on the fixtures' headlines."""
    output = tmp_path_factory.mktemp("models") / "small"
    corpus, sources = read_corpora([ROOT / "fixtures" / "headlines.csv"])
    train(Material(corpus, sources), output, Recipe(), "small", lambda _stage: None)
    return output


@pytest.fixture(scope="session")
def scorer(small_model: Path) -> Scorer:
    """A scorer over the small model."""
    return Scorer.load(small_model)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real corpora; tests that need it are skipped where it does not stand, except in CI."""
    folder = Path(os.environ.get("BROADSHEET_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"needs the corpora at {folder}; set BROADSHEET_CORPORA to where they are")
    return folder


Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """The command line within this process: `cli("score", "A headline", stdin="")` -> exit code, stdout, stderr."""

    def run(*arguments: object, stdin: str | bytes = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["broadsheet", *map(str, arguments)])
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return left.value.code, *capsys.readouterr()

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def stand_in() -> Artefact:
    """A model of three words that can be worked out by hand.

    Both decision functions begin at -2; a headline whose one known word is `fury` adds 5 to sensational, `maybe` 2 to
    sensational, `secret` 5 to clickbait. The thresholds are 0.3 and 0.7.
    """
    columns = {"idf": [3, 1, 4], "sensational": [5, 2, 0], "clickbait": [0, 0, 5]}
    heads = {axis: Head(-2.0, Thresholds(0.3, 0.7)) for axis in AXES}
    return Artefact.of(["fury", "maybe", "secret"], columns, heads, TermSettings())


Make = Callable[..., Path]


@pytest.fixture
def make(stand_in: Artefact, tmp_path: Path) -> Make:
    """Write the stand-in with another intercept, which makes it another version: `make(1)` -> its folder.

    `make(1, idf=[3, 1, 4])` gives its three terms, in the order of their keys, another column.
    """

    def write(number: int, **columns: object) -> Path:
        folder = tmp_path / "candidates" / f"{number}{''.join(columns)}"
        folder.mkdir(parents=True)
        weights = stand_in.weights.copy()
        for name, value in columns.items():
            weights[name] = value
        heads = {axis: Head(-float(number), Thresholds(0.3, 0.7)) for axis in AXES}
        record = {"name": f"number {number}", "created": f"2026-01-{number:02}T00:00:00+00:00"}
        save(replace(stand_in, weights=weights, heads=heads), folder, record)
        return folder

    return write


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
        command = [str(Path(sys.executable).with_name("broadsheet")), "serve", "--port", str(port)]
        with out.open("wb") as to_out, err.open("wb") as to_err:
            process = subprocess.Popen(
                [*command, "--workers", str(workers)], stdout=to_out, stderr=to_err, env=environment | settings
            )
        started.append(Server(process, port, out, err))
        started[-1].wait_until(started[-1].is_ready)
        return started[-1]

    yield run
    for server in started:
        server.stop()


def is_judged(headline: str) -> bool:
    """Say whether the reference accepts a headline."""
    try:
        check_headline(headline)
    except HeadlineError:
        return False
    return True


def free_port() -> int:
    """Give a port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, None, None]:
    """Turn a skip into a failure where BROADSHEET_NO_SKIPS is set: in CI, nothing that a test needs is missing."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # what pluggy sends into a wrapper
    if report.skipped and os.environ.get("BROADSHEET_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, where none may be: {call.excinfo and call.excinfo.value}"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs when it is asked to."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


_asked: list[tuple[Edge, asyncio.AbstractEventLoop, threading.Thread]] = []  # in this test


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """End what a test's services have begun."""
    yield
    while _asked:
        edge, loop, thread = _asked.pop()
        asyncio.run_coroutine_threadsafe(edge.close(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def client_of(edge: Edge) -> Client:
    """Give a client that asks the service without a network: the tests' WSGI on one side, our own form on the other."""
    loops: list[asyncio.AbstractEventLoop] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if not loops or loops[-1].is_closed():
            loops.append(asyncio.new_event_loop())
            _asked.append((edge, loops[-1], threading.Thread(target=_run, args=(loops[-1],), daemon=True)))
            _asked[-1][2].start()
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if value and (name.startswith("HTTP_") or name in {"CONTENT_TYPE", "CONTENT_LENGTH"})
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        head = RequestHead(environ["REQUEST_METHOD"], environ["RAW_URI"], headers, environ.get("REMOTE_ADDR", "::1"))

        async def ask() -> Answer:  # asynchronous throughout: the loop's thread does it all
            outcome = edge.answer(edge.begin(head), body)
            return outcome if isinstance(outcome, Answer) else await outcome

        answer = asyncio.run_coroutine_threadsafe(ask(), loops[-1]).result(PATIENCE)
        start_response(f"{answer.status} -", list(answer.headers))
        return [] if head.method == "HEAD" else [answer.body]

    return Client(application)
