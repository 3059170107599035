"""What the service writes down: a line of JSON a request, and nothing of what callers sent, wherever it stood."""

import errno
import json
import logging
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

import pytest
import structlog

from model.artefact import Artefact
from model.judgement import Judgement
from model.scorer import Scorer
from service.app import create_app
from service.logs import Lines, configure
from service.settings import Settings
from tests.conftest import client_of
from tests.servers import free_port

PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
WORD = "zyxwvut"  # in every request below, somewhere
FIELDS = {"request_id", "method", "route", "status", "ms", "headlines", "model", "event", "level", "timestamp"}

Make = Callable[..., Path]
Start = Callable[..., Any]


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is logged within this process, as the service is configured; what was configured before is so after."""
    before, handlers, level = structlog.get_config(), logging.root.handlers[:], logging.root.level
    stream = StringIO()
    configure(stream)
    yield stream
    structlog.configure(**before)
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


class Broken(Scorer):
    """A scorer that fails on every headline, and whose error holds the headline."""

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:  # noqa: ARG002
        """Fail."""
        raise RuntimeError(f"cannot score {headlines[0]} from /srv/secret/path")


def test_a_crash_within_the_model_logs_its_type_alone(stand_in: Artefact, written: StringIO) -> None:
    """And the request, as any other; neither the log nor the answer has the headline, a path or a traceback."""
    client = client_of(create_app(Settings(), Broken(stand_in)))
    answer = client.post("/v1/score", json={"headlines": [f"{WORD} over lamps"]}, headers={"X-Request-ID": "a1"})
    crash, request = map(json.loads, written.getvalue().splitlines())
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal-error")
    assert set(crash) == {"event", "error", "level", "timestamp"}
    assert (crash["event"], crash["error"], crash["level"]) == ("unexpected", "RuntimeError", "error")
    assert (request["request_id"], request["status"], request["headlines"]) == ("a1", 500, 0)
    for leak in (WORD, "cannot score", "/srv/secret", "Traceback"):
        assert leak not in written.getvalue() + answer.text


def test_a_request_is_logged_with_what_is_known_of_it(stand_in: Artefact, written: StringIO) -> None:
    """Each field, and no other."""
    client = client_of(create_app(Settings(), Scorer(stand_in)))
    client.post("/v1/score", json={"headlines": ["Fury", ""]}, headers={"X-Request-ID": "a1"})
    client.open(f"/{WORD}", method="FURY", headers={"X-Request-ID": "a2"})
    scored, strange = map(json.loads, written.getvalue().splitlines())
    for line in (scored, strange):
        assert line.pop("ms") > 0
        assert datetime.fromisoformat(line.pop("timestamp")).tzinfo
    common = {"event": "request", "level": "info", "model": stand_in.version}
    asked = {"method": "POST", "route": "/v1/score", "status": 200, "headlines": 2}
    assert scored == {**common, **asked, "request_id": "a1"}
    assert strange == {**common, "method": "other", "route": "none", "status": 404, "headlines": 0, "request_id": "a2"}


def test_a_librarys_warning_is_forwarded_without_what_it_was_told(written: StringIO) -> None:
    """Numbers alone may be shown of its arguments; a text without any may have been put together from a request."""
    log = logging.getLogger("library")
    log.warning("worker %s of %s gave up on %s", 7, f"/{WORD}", WORD)
    log.warning(f"gave up on /{WORD}")  # as libraries do
    log.info("worker 7 began")
    try:
        int(WORD)
    except ValueError:
        log.exception(f"Exception on /{WORD} [GET]")  # as Flask does
        log.exception("no answer to %s", WORD)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert WORD not in written.getvalue()
    assert [(line["event"], line.get("numbers"), line.get("error")) for line in lines] == [
        ("worker %s of %s gave up on %s", [7], None),
        ("a library's warning", None, None),
        ("a library's warning", None, "ValueError"),
        ("no answer to %s", [], "ValueError"),
    ]


def raw(port: int, request: bytes) -> str:
    """Send bytes, end them, and read what comes back."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        answer = b""
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                answer += part
        except OSError as error:  # the server has read enough, and says so
            assert error.errno in {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}  # noqa: PT017  # what else may come
        return answer.decode("latin-1")


def posted(path: str, body: str, *headers: str, length: int | None = None) -> bytes:
    """Write a request by hand."""
    length = len(body.encode()) if length is None else length
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {length}")
    return "\r\n".join([*lines, "Connection: close", *headers, "", body]).encode()


SCORE = f'{{"headlines": ["{WORD} over lamps"]}}'
# what is sent, and the status that it gets; none: the connection may be cut without an answer
REQUESTS: dict[str, tuple[bytes, int | None]] = {
    "good": (posted("/v1/score", SCORE), 200),
    "explained": (posted("/v1/score", SCORE[:-1] + ', "explain": true}'), 200),
    "bad items": (posted("/v1/score", f'{{"headlines": ["{WORD * 90}", {{"id": "{WORD}"}}, 5]}}'), 200),
    "page": (
        posted(
            "/v1/page", json.dumps({"html": f"<h2><a href='https://{WORD}.example/x'>{WORD} opens a door</a></h2>"})
        ),
        200,
    ),
    "broken json": (posted("/v1/score", SCORE[:-3]), 400),
    "unknown field": (posted("/v1/score", f'{{"headlines": ["x"], "{WORD} and more": 1}}'), 422),
    "wrong type": (posted("/v1/score", f'{{"headlines": "{WORD}"}}'), 422),
    "id": (posted("/v1/score", f'{{"headlines": [{{"id": ["{WORD}"], "text": "x"}}]}}'), 422),
    "too large": (posted("/v1/score", f'{{"headlines": ["{WORD * 1000}"]}}'), 413),
    "too many": (posted("/v1/score", json.dumps({"headlines": [WORD] * 9})), 413),
    "in the path": (posted(f"/v1/{WORD}", "{}"), 404),
    "slashes": (f"GET //{WORD}//x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 404),
    "slashes of a call": (f"GET /v1//model?{WORD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 404),
    "whole address": (f"GET http://{WORD}.example/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 404),
    "in the query": (posted(f"/v1/score?headline={WORD}", SCORE), 200),
    "query of nothing": (posted(f"/v1/nothing?headline={WORD}", SCORE), 404),
    "header": (posted("/v1/score", SCORE, f"X-{WORD}: {WORD}", f"Referer: https://{WORD}.example/"), 200),
    "request id": (posted("/v1/score", SCORE, f"X-Request-ID: {WORD} and more"), 200),
    "origin": (posted("/v1/score", SCORE, f"Origin: https://{WORD}.example"), 200),
    "key": (posted("/v1/score", SCORE, f"Authorization: Bearer {WORD}"), 200),
    "content type": (posted("/v1/score", SCORE).replace(b"application/json", WORD.encode()), 415),
    "method": (f"{WORD.upper()} /v1/score HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 400),
    "not allowed": (f"DELETE /v1/score?{WORD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 405),
    "head": (f"HEAD /{WORD} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(), 404),
    "preflight": (
        f"OPTIONS /v1/score HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: https://{WORD}.example\r\n"
        f"Access-Control-Request-Method: {WORD}\r\n\r\n".encode(),
        204,
    ),
    "expectation": (posted("/v1/score", SCORE, f"Expect: {WORD}"), None),
    "no http": (f"{WORD} over lamps\r\n\r\n".encode(), 400),
    "no version": (f"GET /{WORD}\r\n\r\n".encode(), 400),
    "bad version": (f"GET /{WORD} HTTP/{WORD}\r\n\r\n".encode(), 400),
    "bad method": (f"{WORD}<> / HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
    "bad header": (f"GET / HTTP/1.1\r\nHost: x\r\n{WORD} {WORD}\r\n\r\n".encode(), 400),
    "bad header name": (f"GET / HTTP/1.1\r\nHost: x\r\n{WORD}<>: x\r\n\r\n".encode(), 400),
    "large header": (posted("/v1/score", SCORE, f"X-Long: {WORD * 2000}"), 400),
    "large line": (f"GET /{WORD * 2000} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), 400),
    "bad length": (posted("/v1/score", SCORE).replace(b"Content-Length: ", f"Content-Length: {WORD}".encode()), 400),
    "two lengths": (posted("/v1/score", SCORE, "Content-Length: 3"), 400),
    "bad coding": (posted("/v1/score", SCORE, f"Transfer-Encoding: {WORD}"), None),
    "bad chunk": (
        f"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        f"{WORD}\r\n{SCORE}".encode(),
        None,
    ),
    "broken off": (posted("/v1/score", SCORE, length=1000), None),
    "broken off head": (f"GET /{WORD} HTTP/1.1\r\nHost: {WORD}".encode(), None),
    "bytes": (b"\x16\x03\x01\xff" + WORD.encode() + b"\x00\r\n\r\n", 400),
    "path of bytes": (
        f"GET /%ff%00{WORD}\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"),
        None,
    ),
    "host": (f"GET /livez HTTP/1.1\r\nHost: {WORD}.example\r\nConnection: close\r\n\r\n".encode(), 200),
    "proxy": (posted("/v1/score", SCORE, f"X-Forwarded-For: {WORD}", f"X-Forwarded-Host: {WORD}"), 200),
}


def test_nothing_of_a_request_is_written_down(start: Start, make: Make) -> None:
    """Not in the log, on stdout, in the metrics or in an error's body, whatever is sent, and however badly."""
    server = start(BROADSHEET_MODEL=str(make(1)), BROADSHEET_MAX_BYTES="2000", BROADSHEET_MAX_HEADLINES="5")
    for name, (request, status) in REQUESTS.items():
        answer = raw(server.port, request)
        if status:
            assert answer.startswith(f"HTTP/1.1 {status} "), (name, answer)
        if not answer.startswith("HTTP/1.1 200 "):
            assert WORD not in answer.lower(), name
            assert "://" not in answer, name
            assert "127.0.0.1" not in answer, name
    metrics = server.ask("GET", "/metrics")[2]
    server.stop()
    first, _, log = server.err.read_text().partition("\n")
    assert first.startswith(f"Broadsheet serves http://127.0.0.1:{server.port} with model ")
    assert server.out.read_text() == ""
    for written in (first, log, metrics):
        assert WORD not in written.lower()
    for written in (log, metrics):
        assert "127.0.0.1" not in written
        assert "://" not in written
        assert "Traceback" not in written
    requests = [json.loads(line) for line in log.splitlines() if '"event":"request"' in line]
    assert len(requests) >= sum(status not in {None, 400} for _, status in REQUESTS.values())
    for line in requests:
        assert set(line) == FIELDS
        assert re.fullmatch(r"[0-9a-f]{32}", line["request_id"])
    for line in map(json.loads, log.splitlines()):
        assert line["event"] in {"request", "bad request"}
        assert set(line) - FIELDS <= {"error"}


@pytest.fixture
def pipe() -> Iterator[tuple[int, TextIO]]:
    """A pipe that nobody reads but the test: its reading end, and a stream on its other."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        yield reading, stream
        os.set_blocking(reading, False)  # what a thread waits to write goes through, and the thread can end
        with suppress(BlockingIOError):
            while os.read(reading, 65_536):
                time.sleep(0.01)
    os.close(reading)


def test_a_pipe_that_nobody_reads_holds_up_nobody(pipe: tuple[int, TextIO], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines wait up to a limit, are lost beyond it, counted, and the loss is said once somebody reads."""
    monkeypatch.setattr("service.logs._WAITING", 50)
    reading, stream = pipe
    lines, lost = Lines(stream), []
    lines.when_lost = lambda: lost.append(1)
    text = "x" * 4000 + "\n"
    while not lost:
        lines.write(text)
        time.sleep(0.0005)
    for _ in range(9):
        lines.write(text)
    read = b""
    while b"log lines lost" not in read:
        read += os.read(reading, 65_536)
    said = json.loads(read.splitlines()[-1])
    assert said == {"event": "log lines lost", "level": "warning", "lost": len(lost)}
    assert len(lost) >= 9
    lines.write("after\n")
    lines.settle(PATIENCE)
    assert os.read(reading, 65_536).endswith(b"after\n")


def test_lines_come_out_in_order_and_whole(pipe: tuple[int, TextIO]) -> None:
    """From many threads at a time, and all of them by the end."""
    reading, stream = pipe
    lines = Lines(stream)

    def write(start: int) -> None:
        for number in range(200):
            lines.write(f"{start} {number}\n")

    threads = [threading.Thread(target=write, args=(start,)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines.settle(PATIENCE)
    written = [line.split() for line in os.read(reading, 1_000_000).decode().splitlines()]
    assert sorted(written) == sorted([str(start), str(n)] for start in range(4) for n in range(200))
    for start in range(4):
        assert [int(n) for first, n in written if first == str(start)] == list(range(200))


@pytest.mark.slow
@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-", "1>&- 2>&-", "<&- 1>&- 2>&-"])
def test_a_stderr_that_takes_nothing_does_not_prevent_a_start(make: Make, redirected: str) -> None:
    """A full disk, or a supervisor that closed it; no socket gets its number, and is written to."""
    port = free_port()
    program = Path(sys.executable).with_name("broadsheet")
    command = f"exec {program} serve --port {port} --workers 1 {redirected}"
    process = subprocess.Popen(["/bin/sh", "-c", command], env=os.environ | {"BROADSHEET_MODEL": str(make(1))})
    try:
        end = time.monotonic() + PATIENCE
        while not (answer := try_raw(port, posted("/v1/score", SCORE))):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        for _ in range(3):
            answer = raw(port, posted("/v1/score", SCORE))
            assert answer.startswith("HTTP/1.1 200 ")
            assert answer.count("request_id") == 0
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


@pytest.mark.slow
def test_on_a_terminal_the_lines_are_for_people(make: Make) -> None:
    """The same fields, and no JSON; still nothing of the request."""
    port = free_port()
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("broadsheet")), "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, stderr=theirs, env=os.environ | {"BROADSHEET_MODEL": str(make(1))})
    os.close(theirs)
    try:
        shown = read_until(ours, "Ctrl-C stops it")
        end = time.monotonic() + PATIENCE
        while not (answer := try_raw(port, posted("/v1/score", SCORE, "X-Request-ID: a1"))):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert answer.startswith("HTTP/1.1 200 ")
        shown = shown.partition("\n")[2] + read_until(ours, "a1")
    finally:
        process.send_signal(signal.SIGTERM)
        shown += read_until(ours, None)
        os.close(ours)
        process.wait(PATIENCE)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    (line,) = [line for line in plain.splitlines() if "request_id=a1" in line]
    assert "request" in line.split()
    for field in ("method=POST", "route=/v1/score", "status=200", "headlines=1"):
        assert field in line.split()
    assert "{" not in plain
    assert WORD not in plain
    assert "127.0.0.1" not in plain


def try_raw(port: int, request: bytes) -> str:
    """Send bytes; nothing where nobody listens yet."""
    try:
        return raw(port, request)
    except ConnectionRefusedError:
        return ""


def read_until(descriptor: int, text: str | None) -> str:
    """Read from a terminal until a text has come, or its other side is closed."""
    read = b""
    while text is None or text.encode() not in read:
        try:
            part = os.read(descriptor, 65_536)
        except OSError:  # so Linux says that nobody holds the other side
            break
        if not part:
            break
        read += part
    return read.decode()
