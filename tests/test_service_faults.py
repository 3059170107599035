"""One long run of the service under load, in which what can go wrong does, and nobody but the culprit notices."""

import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.artefact import load, save
from model.errors import RefusedError
from model.scorer import Scorer
from model.store import Store
from service.access import digest_of
from tests.conftest import Train
from tests.servers import OwnRedis, free_port
from tests.test_service_attacks import BEGUN, KEY, OTHER_PATHS, PAGES, SCORES, request, say
from training.corpora import Corpus, Source

PROGRAM = Path(sys.executable).with_name("broadsheet")
PATIENCE = 90  # seconds until the run gives up on what must come; nothing is asserted of how long anything takes
CLIENTS = 6
PAUSE = 0.1  # seconds of a client between two requests, which keeps it far below the rate
RATE, WINDOW = 120, 5  # requests, seconds
KEYS = [f"load-{number}" for number in range(CLIENTS)]
GREEDY, OTHER = "greedy", "other"
SETTINGS = {
    "BROADSHEET_RATE_LIMIT": f"{RATE} per {WINDOW} seconds",
    "BROADSHEET_API_KEYS": " ".join(map(digest_of, [*KEYS, GREEDY, OTHER])),
    "BROADSHEET_REQUEST_SECONDS": "3",
    "BROADSHEET_THREADS": "4",
}
THREADS = 2 * 4  # of both workers
UNWRITTEN = 0.5  # seconds, of lines that wait to be written
EXPECTED_EVENTS = {
    "request",
    "bad request",
    "taken up",
    "refused",
    "rates are counted alone",
    "Worker (pid:%s) was sent %s! Perhaps out of memory?",
}


@dataclass(frozen=True)
class Attempt:
    """A request of the load, and what came of it: a status and a body, or the error that cut it off."""

    id: str
    phase: str
    headlines: list[str]
    began: float
    ended: float
    kept: bool  # on a connection that had served before: its server may close it at any time (RFC 9112, 9.3.1)
    status: int = 0
    body: Any = None
    error: str = ""


@dataclass
class Load:
    """Clients that post known headlines all the time, and remember every answer."""

    port: int
    headlines: list[str]
    phase: str = "start"
    attempts: list[Attempt] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start the clients: every other one keeps its connection."""
        for number, key in enumerate(KEYS):
            thread = threading.Thread(target=self._post, args=(number, key), name=key)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Let each client take its last answer."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _post(self, number: int, key: str) -> None:
        dice, keeps, connection, count = random.Random(number), number % 2 == 0, None, 0
        while not self._stop.wait(PAUSE):
            kept = connection is not None
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            count += 1
            attempt = self._once(
                connection, f"{key}.{count}", key, dice.sample(self.headlines, dice.randint(1, 5)), kept
            )
            self.attempts.append(attempt)
            if not keeps or attempt.error or connection.sock is None:  # the server said that it closes
                connection.close()
                connection = None
        if connection:
            connection.close()

    def _once(
        self, connection: http.client.HTTPConnection, name: str, key: str, headlines: list[str], kept: bool
    ) -> Attempt:
        asked = {"headlines": [{"id": f"{name}-{place}", "text": text} for place, text in enumerate(headlines)]}
        phase, began = self.phase, time.monotonic()
        try:
            status, _, body = post(connection, json.dumps(asked), key, name)
        except (OSError, http.client.HTTPException) as error:
            return Attempt(name, phase, headlines, began, time.monotonic(), kept, error=repr(error))
        return Attempt(name, phase, headlines, began, time.monotonic(), kept, status, body)


def post(
    connection: http.client.HTTPConnection, body: str | bytes, key: str, name: str = ""
) -> tuple[int, http.client.HTTPMessage, Any]:
    """Post to be scored; give status, headers and body."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}", "X-Request-ID": name}
    connection.request("POST", "/v1/score", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, json.loads(answer.read())


@dataclass
class Run:
    """The service, its store and its load."""

    process: "subprocess.Popen[bytes]"
    port: int
    store: Store
    load: Load
    log: Path
    killed: tuple[float, float] = (0, 0)  # when a worker was killed: a moment before, a moment after

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Name what is done, for the load's attempts and the report of a failure; all clients go on after it."""
        self.load.phase = name
        try:
            yield
            self.next_answers()
        except BaseException as error:
            error.add_note(f"in the phase: {name}; the log ends: {self.log.read_text()[-2000:]}")
            raise

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait for what must come."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, "the service has ended"
            assert time.monotonic() < end, "it did not come"
            time.sleep(0.05)

    def next_answers(self) -> list[Attempt]:
        """Wait until every client has had an answer to what it asks from now on; give these answers."""
        now = time.monotonic()

        def answers() -> list[Attempt]:
            return [one for one in self.load.attempts.copy() if one.began >= now and one.status]

        self.wait_until(lambda: len({one.id.rpartition(".")[0] for one in answers()}) == CLIENTS)
        return answers()

    def settles_on(self, version: str, refused: int = 0) -> None:
        """Wait until both workers serve a version; from then on, every answer must name it."""
        self.wait_until(lambda: self.metric("broadsheet_workers", f'{{model="{version}"}}') == 2)
        self.wait_until(lambda: self.metric("broadsheet_model_refused") == refused)
        assert {one.body["model"] for one in self.next_answers()} == {version}

    def metric(self, name: str, labels: str = "") -> float | None:
        """Read a metric of all workers."""
        lines = self.get("/metrics")[1].decode().splitlines()
        found = [line for line in lines if line.startswith(f"{name}{labels} ")]
        return float(found[0].rpartition(" ")[2]) if found else None

    def get(self, path: str) -> tuple[int, bytes]:
        """Make a call on a connection of its own; status 0 where none is made."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    def post(self, body: str | bytes, key: str) -> tuple[int, http.client.HTTPMessage, Any]:
        """Post on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            return post(connection, body, key)
        finally:
            connection.close()

    def workers(self) -> set[int]:
        """Give the ids of the workers' processes."""
        return set(map(int, Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()))

    def dial(self, sent: bytes) -> socket.socket:
        """Open a connection and send something."""
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        connection.sendall(sent)
        return connection


@pytest.fixture(scope="module")
def second_model(trained: Train, read: tuple[Corpus, list[Source]]) -> Path:
    """A candidate trained on every other of the fixtures' headlines."""
    corpus, sources = read
    return trained("second", corpus[np.arange(0, len(corpus), 2)], sources)


@pytest.fixture
def run(small_model: Path, second_model: Path, redis: OwnRedis, tmp_path: Path, scorer: Scorer) -> Iterator[Run]:
    """The service on a store with both models, the first of them current, under load."""
    if not Path("/proc/self/task").exists():
        pytest.skip("needs Linux's /proc to find the workers")
    store, log, port = Store(tmp_path / "store"), tmp_path / "log", free_port()
    store.add(second_model)
    store.promote(str(small_model))
    given = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
    address = {"BROADSHEET_MODELS": str(store.folder), "BROADSHEET_REDIS": redis.address}
    with log.open("wb") as file:
        command = [str(PROGRAM), "serve", "--port", str(port), "--workers", "2"]
        process = subprocess.Popen(command, stdout=file, stderr=file, env=given | SETTINGS | address)
    load = Load(port, known_headlines(scorer, Scorer.load(second_model)))
    yield Run(process, port, store, load, log)
    load.stop()
    if process.poll() is None:
        process.kill()
    process.wait()


def known_headlines(first: Scorer, second: Scorer) -> list[str]:
    """Give headlines whose probabilities tell the two models apart."""
    texts = [f"{start} {middle} {end}" for start in STARTS for middle in MIDDLES for end in ENDS]
    return [
        text
        for text, one, other in zip(texts, first.predict_proba(texts), second.predict_proba(texts), strict=True)
        if (one != other).all()
    ]


STARTS = ("Mayor", "You won't believe how a grandmother", "Fury as council", "Central bank", "Ten reasons a diary")
MIDDLES = ("approves", "SLAMS", "quietly sells", "cuts", "will never forgive")
ENDS = ("library budget", "800 jobs after loan losses", "the farmer who found it", "what happened next", "lamps")


def test_faults_reach_nobody_but_their_culprits(run: Run, redis: OwnRedis, scorer: Scorer, second_model: Path) -> None:
    """Every request that was accepted is answered once and right, whatever happens; and the service is well after."""
    scorers = {scorer.version: scorer, (second := Scorer.load(second_model)).version: second}
    assert len(run.load.headlines) > 50
    run.wait_until(lambda: run.get("/readyz")[0] == 200)
    run.load.start()
    workers_and_versions_come_and_go(run, scorer.version, second.version, second_model)
    rates_are_counted(run, redis)
    clients_misbehave(run)
    attackers_come(run)
    with run.phase("all is well"):
        run.settles_on(second.version)
        assert json.loads(run.get("/readyz")[1]) == {"status": "ready", "model": second.version}
    run.load.stop()
    stop(run)
    logged = read_log(run.log)
    check_answers(run.load.attempts, scorers)
    check_failures(run, logged)
    check_once(run.load.attempts, logged, run.killed[1])


def workers_and_versions_come_and_go(run: Run, first: str, second: str, second_model: Path) -> None:
    """Kill, promote, roll back, replace, damage, repair."""
    with run.phase("both workers serve the first version"):
        run.settles_on(first)
    with run.phase("a worker is killed"):
        kill_a_worker(run)
        run.settles_on(first)
    with run.phase("the second version is promoted"):
        run.store.promote(second)
        run.settles_on(second)
    with run.phase("it is rolled back"):
        run.store.rollback()
        run.settles_on(first)
    with run.phase("workers are replaced"):
        replace_workers(run)
        run.settles_on(first)
    with run.phase("current names a damaged version"):
        damage_and_name(run, second, first)
        run.settles_on(first, refused=1)
    with run.phase("workers are replaced while current is damaged"):
        replace_workers(run)
        run.settles_on(first, refused=1)
    with run.phase("the damaged version is put right"):
        run.store.promote(str(second_model))
        run.settles_on(second)


def rates_are_counted(run: Run, redis: OwnRedis) -> None:
    """A client passes the rate; Redis goes and comes back."""
    with run.phase("a client goes over the rate"):
        go_over_the_rate(run)
    with run.phase("Redis is away"):
        redis.stop()
        for _ in range(3):
            run.next_answers()
    with run.phase("Redis is back"):
        redis.start()
        run.wait_until(lambda: bool(redis.count()))


def clients_misbehave(run: Run) -> None:
    """Each is told what is wrong, or cut."""
    with run.phase("bodies come by the byte"):
        assert_told([send_slowly(run, HEAD + b"Content-Length: 99\r\n\r\n") for _ in range(3)], 408)
    with run.phase("headers come by the byte"):
        assert_told([send_slowly(run, b"POST /v1/score HTTP/1.1\r\nX: ") for _ in range(3)], 0)
    with run.phase("bodies are cut off"):
        cut_bodies_off(run)
    with run.phase("bodies are broken"):
        for body in (b'{"headlines": [', b"\xff\x00"):
            assert run.post(body, OTHER)[2]["code"] == "broken-json"
    with run.phase("bytes are no HTTP"):
        assert_told([run.dial(sent) for sent in (b"\x16\x03\x01\r\n\r\n", b"GET\r\n\r\n", b"\0" * 9999)], 400)
    with run.phase("more clients are slow than there are threads"):
        assert_told([run.dial(HEAD + b"Content-Length: 99\r\n\r\n") for _ in range(2 * THREADS + 1)], 408)


def attackers_come(run: Run) -> None:
    """What `tests/test_service_attacks.py` tries on a quiet service, at both its doors, on one that has work to do."""
    with run.phase("paths lead past the key"):
        for target in OTHER_PATHS:
            assert say(run.port, request(target)).status in {400, 404}, target
    with run.phase("headers lead past the key"):
        for name in ("SCRIPT__NAME", "X_Forwarded_Prefix"):
            assert say(run.port, request("/v1/v1/model", "GET", b"", **{name: "/v1"})).status in {400, 404}
    with run.phase("pages and headlines cost what they can"), ThreadPoolExecutor(8) as pool:
        costly = [("/v1/page", body) for body in PAGES.values()] + [("/v1/score", body) for body in SCORES.values()]
        asked = [
            pool.submit(say, run.port, request(path, body=body, Authorization=f"Bearer {OTHER}"))
            for path, body in costly
        ]
        assert {one.result().status for one in asked} <= {200, 400, 413, 422}
    with run.phase("hundreds of clients are slow"), ExitStack() as stack:
        for begun in BEGUN.values():
            for _ in range(80):
                stack.enter_context(run.dial(begun.replace(KEY.encode(), OTHER.encode())))
        run.next_answers()
    with run.phase("a crafted model is promoted"):
        promote_crafted(run)


def promote_crafted(run: Run) -> None:
    """A common word of 490 letters, whose hash is that of a short one; what is served stays so."""
    before = run.store.served()
    crafted = run.store.folder.parent / "crafted"
    shutil.copytree(run.store.path(before[0]), crafted)
    artefact = load(crafted)
    (crafted / "pipelines.joblib").unlink(missing_ok=True)
    save(replace(artefact, common=("lamp", "x" * 490)), crafted, {"name": "crafted"})
    with pytest.raises(RefusedError, match="at most 40 characters"):
        run.store.promote(str(crafted))
    assert run.store.served() == before


def kill_a_worker(run: Run) -> None:
    """SIGKILL, as the kernel sends it where memory runs out."""
    victim, before = min(run.workers()), time.monotonic()
    os.kill(victim, signal.SIGKILL)
    run.wait_until(lambda: victim not in run.workers() and len(run.workers()) == 2)
    run.killed = before, time.monotonic()


def replace_workers(run: Run) -> None:
    """SIGHUP."""
    before = run.workers()
    run.process.send_signal(signal.SIGHUP)
    run.wait_until(lambda: not before & run.workers() and len(run.workers()) == 2)


def damage_and_name(run: Run, damaged: str, before: str) -> None:
    """Flip a bit of a version and point the store at it by hand, since `promote` would refuse."""
    weights = run.store.path(damaged) / "weights.npy"
    content = weights.read_bytes()
    weights.unlink()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    beside = run.store.folder / "beside"
    beside.write_text(f"{damaged}\n{before}\n")
    beside.rename(run.store.pointer)
    run.wait_until(lambda: json.loads(run.get("/readyz")[1] or "{}").get("refused", {}).get("model") == damaged)


def go_over_the_rate(run: Run) -> None:
    """One client asks until it is told to wait; others are answered meanwhile, and it is once it has waited."""
    body, refused = json.dumps({"headlines": run.load.headlines[:1]}), None
    end = time.monotonic() + PATIENCE
    with http_connection(run.port) as connection:
        while refused is None:
            assert time.monotonic() < end
            status, headers, answer = post(connection, body, GREEDY)
            refused = headers if status == 429 else None
    assert answer["code"] == "too-many-requests"
    assert 1 <= int(refused["Retry-After"]) <= WINDOW
    assert run.post(body, OTHER)[0] == 200
    time.sleep(int(refused["Retry-After"]))
    assert run.post(body, GREEDY)[0] == 200


@contextmanager
def http_connection(port: int) -> Iterator[http.client.HTTPConnection]:
    """A connection, closed at the end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        yield connection
    finally:
        connection.close()


HEAD = (
    f"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer {OTHER}\r\n"
).encode()


def send_slowly(run: Run, head: bytes) -> socket.socket:
    """Begin a request whose rest comes by a byte a second."""
    connection = run.dial(head)

    def drip() -> None:
        with suppress(OSError):  # the server has cut it
            for _ in range(50):
                connection.sendall(b" ")
                time.sleep(1)

    threading.Thread(target=drip, daemon=True).start()
    return connection


def assert_told(connections: list[socket.socket], status: int) -> None:
    """Read each until the server closes it: one answer with the status, or none at all for status 0."""
    with ExitStack() as stack:
        for connection in connections:
            stack.enter_context(connection)
        for connection in connections:
            said = b""
            with suppress(ConnectionResetError):
                while some := connection.recv(65_536):
                    said += some
            assert len(re.findall(rb"HTTP/1.1 \d", said)) == bool(status)
            assert said.startswith(f"HTTP/1.1 {status} ".encode() if status else b"")


def cut_bodies_off(run: Run) -> None:
    """Some say that they send no more, some hang up without a word, in the middle of a chunk or of a length."""
    for rest in (b'Content-Length: 99\r\n\r\n{"headlines"', b"Transfer-Encoding: chunked\r\n\r\n20\r\n{"):
        told = run.dial(HEAD + rest)
        told.shutdown(socket.SHUT_WR)
        assert_told([told], 408)
        run.dial(HEAD + rest).close()


def stop(run: Run) -> None:
    """SIGTERM ends it, with exit code 0 and nothing in the log that was not provoked."""
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(PATIENCE) == 0
    first, *lines = run.log.read_text().splitlines()
    assert first.startswith("Broadsheet serves ")
    assert {json.loads(line)["event"] for line in lines} <= EXPECTED_EVENTS


def read_log(path: Path) -> list[dict[str, Any]]:
    """Give the requests that the service says it answered."""
    return [line for line in map(json.loads, path.read_text().splitlines()[1:]) if line["event"] == "request"]


def check_answers(attempts: list[Attempt], scorers: dict[str, Scorer]) -> None:
    """Every answer is whole, in order, and that of the version which it names."""
    for one in attempts:
        if one.error:
            continue
        assert one.status == 200, one
        expected = [
            {"id": f"{one.id}-{place}", **judgement.as_dict()}
            for place, judgement in enumerate(scorers[one.body["model"]].judge(one.headlines))
        ]
        assert one.body["results"] == expected, one


def check_failures(run: Run, logged: list[dict[str, Any]]) -> None:
    """No answer: for what the killed worker had in hand, and where a kept connection was closed before it was read."""
    before, after = run.killed
    answered = {line["request_id"] for line in logged}
    failures = [one for one in run.load.attempts if one.error]
    in_hand = [one for one in failures if one.began <= after and one.ended >= before]
    assert len(in_hand) <= CLIENTS, in_hand
    for one in failures:
        assert one in in_hand or (one.kept and one.id not in answered), one


def check_once(attempts: list[Attempt], logged: list[dict[str, Any]], killed: float) -> None:
    """What was answered was answered once, by the version that the log says; what the log says was provoked.

    A worker that is killed takes the lines of its last moment with it.
    """
    lines = Counter(line["request_id"] for line in logged)
    models = {line["request_id"]: line["model"] for line in logged}
    for one in attempts:
        kept = lines[one.id] == 1 or one.error or killed - UNWRITTEN < one.ended <= killed
        assert lines[one.id] <= 1, one
        assert kept, one
        assert one.error or models.get(one.id, one.body["model"]) == one.body["model"], one
    assert {line["status"] for line in logged} <= {200, 400, 404, 408, 413, 422, 429}
