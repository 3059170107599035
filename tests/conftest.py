"""What the tests share: models trained or made by hand, the fixtures' folder, the corpora, the CLI, a client."""

import asyncio
import csv
import fcntl
import io
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from broadsheet.cli import main
from model.artefact import Artefact, Head, save
from model.errors import HeadlineError
from model.judgement import AXES, Thresholds
from model.scorer import Scorer
from model.store import Store
from model.terms.analyzer import TermSettings
from model.terms.cleaning import check_headline
from service.edge import Edge
from service.messages import Answer, RequestHead
from training.candidate import Material, train
from training.corpora import Corpus, Source, read_corpora
from training.recipe import Recipe

pytest_plugins = ["tests.servers", "tests.running"]

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The project's own small data."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def read(fixtures: Path) -> tuple[Corpus, list[Source]]:
    """The fixtures' headlines, with where they came from."""
    return read_corpora([fixtures / "headlines.csv"])


@pytest.fixture(scope="session")
def corpus(read: tuple[Corpus, list[Source]]) -> Corpus:
    """The fixtures' headlines as training takes them."""
    return read[0]


@pytest.fixture(scope="session")
def headlines(fixtures: Path) -> list[str]:
    """The fixtures' headlines as they stand."""
    with (fixtures / "headlines.csv").open(encoding="utf-8", newline="") as rows:
        return [row["text"] for row in csv.DictReader(rows)]


Train = Callable[..., Path]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Train:
    """Train a candidate once for all processes that run tests: `trained("small", corpus, sources)` -> its folder."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared

    def once(name: str, corpus: Corpus, sources: list[Source]) -> Path:
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / name).exists():
                train(Material(corpus, sources), shared / name, Recipe(), name, lambda _stage: None)
        return shared / name

    return once


@pytest.fixture(scope="session")
def small_model(trained: Train, read: tuple[Corpus, list[Source]]) -> Path:
    """A candidate folder, trained on the fixtures' headlines."""
    return trained("small", *read)


@pytest.fixture
def model_copy(small_model: Path, tmp_path: Path) -> Path:
    """A copy of the small model that a test may damage."""
    return Path(shutil.copytree(small_model, tmp_path / "model"))


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

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def stand_in() -> Artefact:
    """A model of three words that can be worked out by hand.

    Both decision functions begin at -2; a headline whose one known word is `fury` adds 5 to sensational, `maybe` 2 to
    sensational, `secret` 5 to clickbait. The thresholds are 0.3 and 0.7.
    """
    columns = {"idf": [3, 1, 4], "sensational": [5, 2, 0], "clickbait": [0, 0, 5]}
    heads = {axis: Head(-2.0, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
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
        heads = {axis: Head(-float(number), Thresholds(0.3, 0.7), 0.1) for axis in AXES}
        record = {"name": f"number {number}", "created": f"2026-01-{number:02}T00:00:00+00:00"}
        save(replace(stand_in, weights=weights, heads=heads), folder, record)
        return folder

    return write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that is not there yet."""
    return Store(tmp_path / "store")


@pytest.fixture
def versions(store: Store, make: Make) -> tuple[str, str]:
    """Two versions in the store, of which the second is current."""
    return store.promote(str(make(1))), store.promote(str(make(2)))


def is_judged(headline: str) -> bool:
    """Say whether the reference accepts a headline."""
    try:
        check_headline(headline)
    except HeadlineError:
        return False
    return True


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
