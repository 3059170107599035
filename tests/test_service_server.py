"""The server as it really runs: processes, a socket, signals, and starts that are refused."""

import errno
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import pytest

from model.scoring import engine_name

PROGRAM = Path(sys.executable).with_name("broadsheet")
PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
HEADLINE = "Zyxwvut dad SLAMS council over lamps"

Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def serve(small_model: Path, port: int) -> Iterator[Serve]:
    """Start `broadsheet serve` with the small model; whatever a test does, the process has ended after it."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, log: int | TextIO = subprocess.PIPE, **settings: str) -> "subprocess.Popen[str]":
        given = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
        environment = given | {"BROADSHEET_MODEL": str(small_model)} | settings
        command = [str(PROGRAM), "serve", "--port", str(port), "--workers", "2", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
        process.communicate()


def ask(
    port: int, method: str, path: str, body: object = None, *, patience: float = PATIENCE
) -> tuple[int, dict[str, Any]]:
    """Make one call on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def wait_until(holds: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait for what must come; give up when the process has ended or patience has."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.02)


def is_ready(port: int, *, patience: float = PATIENCE) -> bool:
    """Tell whether a worker answers and its model judges."""
    try:
        return ask(port, "GET", "/readyz", patience=patience)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def is_closed(port: int) -> bool:
    """Tell whether nobody listens any more."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_a_headline_is_answered_and_a_stop_is_clean(serve: Serve, port: int, small_model: Path) -> None:
    """From start to stop: ready, a verdict, a refusal, SIGTERM, exit code 0, and no headline in what was logged."""
    process = serve()
    wait_until(lambda: is_ready(port), process)
    version = json.loads((small_model / "manifest.json").read_text())["version"]
    assert ask(port, "GET", "/readyz") == (200, {"status": "ready", "model": version})
    status, body = ask(port, "POST", "/v1/score", {"headlines": [HEADLINE, "Council approves library budget"]})
    assert (status, body["model"]) == (200, version)
    assert [result["headline"] for result in body["results"]] == [HEADLINE, "Council approves library budget"]
    assert body["results"][0]["sensational"] > body["results"][1]["sensational"]
    assert ask(port, "POST", "/v1/score", {"headlines": HEADLINE})[0] == 422
    assert ask(port, "GET", f"/{HEADLINE[:7]}")[0] == 404
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (0, "")
    first, second, *logged = err.splitlines()
    served = f"model {version}, {engine_name()} scorer"
    assert first == f"Broadsheet serves http://127.0.0.1:{port} with {served}; Ctrl-C stops it"
    assert second == "each of 2 workers counts its clients' rate alone; BROADSHEET_REDIS lets them count together"
    by_time = sorted(map(json.loads, logged), key=lambda line: str(line["timestamp"]))  # each worker writes its own
    lines = [(line["route"], line["status"]) for line in by_time if line["route"] != "/readyz"]
    assert lines == [("/v1/score", 200), ("/v1/score", 422), ("none", 404)]
    assert HEADLINE[:7] not in err
    assert is_closed(port)


def begin(port: int, body: bytes) -> socket.socket:
    """Send the head of a request and wait until a worker has it in hand: until it asks for the body."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    head = (
        "POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    connection.sendall(head.encode())
    assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
    return connection


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize("sent_before", [0.0, 0.5])
def test_a_request_in_flight_is_answered_before_the_stop(serve: Serve, port: int, sent_before: float) -> None:
    """SIGTERM comes when half of the body is sent; new callers get no answer any more, this one gets its verdict."""
    process = serve("--workers", "1")  # the one that is asked; another might still be starting
    wait_until(lambda: is_ready(port), process)
    body = json.dumps({"headlines": [HEADLINE]}).encode()
    half = int(len(body) * sent_before)
    with begin(port, body) as connection:
        connection.sendall(body[:half])
        process.send_signal(signal.SIGTERM)
        wait_until(lambda: not is_ready(port, patience=1), process)
        connection.sendall(body[half:])
        head, _, answer = read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(answer)["results"][0]["headline"] == HEADLINE
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert {json.loads(line)["event"] for line in err.splitlines()[1:]} == {"request"}


def test_ctrl_c_stops_it_without_a_traceback(serve: Serve, port: int) -> None:
    """At a terminal, the key reaches master and workers alike; here the master passes it on."""
    process = serve()
    wait_until(lambda: is_ready(port), process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert is_closed(port)


def assert_refused(process: "subprocess.Popen[str]", *expected: str) -> None:
    """Check exit code 2 and exactly one line on stderr, which says what was expected."""
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (2, "")
    assert err.startswith("Error: ")
    assert err.count("\n") == 1
    for text in expected:
        assert text in err


def test_a_port_in_use_is_said_in_one_line(serve: Serve, port: int) -> None:
    """With what to do; whoever has the port keeps it."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        assert_refused(
            serve(), f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another --host or --port"
        )


def test_an_address_of_somebody_else_is_said_in_one_line(serve: Serve, port: int) -> None:
    """192.0.2.1 is set aside for documentation, so it is nobody's here."""
    assert_refused(serve("--host", "192.0.2.1"), f"cannot listen on 192.0.2.1:{port}: ")


def test_a_damaged_model_is_said_in_one_line(serve: Serve, small_model: Path, tmp_path: Path) -> None:
    """By the master, once, before a worker starts."""
    damaged = tmp_path / "model"
    damaged.mkdir()
    for path in small_model.iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    content = (damaged / "weights.npy").read_bytes()
    (damaged / "weights.npy").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert_refused(
        serve(BROADSHEET_MODEL=str(damaged)), f"model {damaged} is damaged: weights.npy differs from the hash"
    )
    assert_refused(serve(BROADSHEET_MODEL=str(tmp_path)), f"{tmp_path} must be a model folder with a manifest.json")


@pytest.mark.parametrize(("name", "value"), [("BROADSHEET_MAX_BYTES", "4MB"), ("BROADSHEET_THREADS", "0")])
def test_a_bad_setting_is_said_in_one_line(serve: Serve, name: str, value: str) -> None:
    """The variable, what it must be, what it was."""
    assert_refused(serve(**{name: value}), f"{name} must be a whole number above 0, got '{value}'")


def test_a_bad_switch_of_the_scorer_is_said_in_one_line(serve: Serve) -> None:
    """By the master too."""
    assert_refused(serve(BROADSHEET_PORTABLE="yes"), "BROADSHEET_PORTABLE must be 0 or 1, got 'yes'")


def test_settings_reach_the_workers(serve: Serve, port: int) -> None:
    """A limit of one headline and a hundred bytes holds in each worker."""
    process = serve(BROADSHEET_MAX_HEADLINES="1", BROADSHEET_MAX_BYTES="100")
    wait_until(lambda: is_ready(port), process)
    assert ask(port, "POST", "/v1/score", {"headlines": ["Lamps lit"] * 2})[1]["code"] == "too-many-headlines"
    assert ask(port, "POST", "/v1/score", {"headlines": ["Lamps lit" * 20]})[1]["code"] == "body-too-large"
    assert ask(port, "POST", "/v1/score", {"headlines": ["Lamps lit"]})[0] == 200


def workers(process: "subprocess.Popen[str]") -> set[int]:
    """Give the ids of the processes that answer, or that are about to."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("needs Linux's /proc to find the workers")
    return set(map(int, children.read_text().split()))


def serving(port: int) -> float:
    """Count the workers that have a model."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        lines = read_all(connection).decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith("broadsheet_workers{"))


def test_a_reload_replaces_every_worker_while_others_answer(serve: Serve, port: int, tmp_path: Path) -> None:
    """SIGHUP, twice: new processes, and no call that fails meanwhile, though each has a connection of its own."""
    log = tmp_path / "log"  # a pipe that nobody reads would be full after 300 requests
    with log.open("w") as file:
        process = serve(log=file)
        wait_until(lambda: is_ready(port) and serving(port) == 2, process)
        for _ in range(2):
            before = workers(process)
            process.send_signal(signal.SIGHUP)
            while before & workers(process):
                assert ask(port, "GET", "/livez")[0] == 200
        wait_until(lambda: len(workers(process)) == 2, process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert {json.loads(line)["event"] for line in log.read_text().splitlines()[2:]} == {"request"}


def test_a_worker_that_cannot_start_leaves_those_that_answer(
    serve: Serve, port: int, small_model: Path, tmp_path: Path
) -> None:
    """The model is damaged behind the service: SIGHUP and kill -9 find no way to another worker until it is whole."""
    model, log = tmp_path / "model", tmp_path / "log"
    shutil.copytree(small_model, model)
    with log.open("w") as file:
        process = serve(log=file, BROADSHEET_MODEL=str(model))
        wait_until(lambda: is_ready(port) and serving(port) == 2, process)
        before = workers(process)
        (model / "weights.npy").unlink()  # not written over: workers have it mapped into their memory
        process.send_signal(signal.SIGHUP)
        wait_until(lambda: "workers are not replaced" in log.read_text(), process)
        assert before <= workers(process)
        os.kill(min(before), signal.SIGKILL)
        wait_until(lambda: log.read_text().count("worker without a model") > 1, process)
        assert ask(port, "POST", "/v1/score", {"headlines": [HEADLINE]})[0] == 200
        shutil.copyfile(small_model / "weights.npy", model / "whole")
        (model / "whole").rename(model / "weights.npy")
        wait_until(lambda: serving(port) == 2, process)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


HEAD = b"POST /v1/score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def dial(port: int, sent: bytes = b"") -> socket.socket:
    """Open a connection and send something."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.sendall(sent)
    return connection


def problem_on(connection: socket.socket) -> tuple[int, str]:
    """Read the one answer that comes before the server closes; give its status and its problem's code."""
    with connection:
        head, _, body = read_all(connection).partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/problem+json\r\n" in head
    return int(head[9:12]), json.loads(body)["code"]


def trickle(connection: socket.socket, content: bytes) -> None:
    """Send a byte at a time for as long as the other end lets us."""
    with suppress(OSError):
        for byte in content:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)


@pytest.fixture
def impatient(serve: Serve, port: int) -> "subprocess.Popen[str]":
    """A service with one worker of two threads, which gives a request a second to arrive."""
    process = serve("--workers", "1", BROADSHEET_THREADS="2", BROADSHEET_REQUEST_SECONDS="1")
    wait_until(lambda: is_ready(port), process)
    return process


@pytest.mark.usefixtures("impatient")
def test_a_body_that_does_not_arrive_is_answered_in_time(port: int) -> None:
    """One stops halfway, another comes by the byte, a third ends early: each is told so, and callers find a thread."""
    stopped = dial(port, HEAD + b'Content-Length: 1000\r\n\r\n{"headlines": ')
    dripping = dial(port, HEAD + b"Content-Length: 1000\r\n\r\n")
    sender = threading.Thread(target=trickle, args=(dripping, b" " * 600))
    sender.start()
    assert problem_on(stopped) == (408, "request-timeout")
    assert problem_on(dripping) == (408, "request-timeout")
    sender.join()
    short = dial(port, HEAD + b"Content-Length: 1000\r\n\r\n{")
    short.shutdown(socket.SHUT_WR)
    assert problem_on(short) == (408, "request-timeout")
    assert ask(port, "POST", "/v1/score", {"headlines": [HEADLINE]})[0] == 200


@pytest.mark.usefixtures("impatient")
def test_a_chunked_body_that_is_cut_off_or_malformed_is_not_our_fault(port: int) -> None:
    """It gets a 4xx as a body with a length does."""
    cut = dial(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n20\r\n{")
    assert problem_on(cut) == (408, "request-timeout")
    malformed = dial(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{")
    assert problem_on(malformed) == (400, "bad-request")


@pytest.mark.usefixtures("impatient")
def test_headers_that_do_not_arrive_are_cut(port: int) -> None:
    """Without an answer: there is no request yet."""
    with dial(port, b"POST /v1/score HTTP/1.1\r\nX-Slow: ") as slow:
        sender = threading.Thread(target=trickle, args=(slow, b"x" * 600))
        sender.start()
        with suppress(ConnectionResetError):
            assert read_all(slow) == b""
        sender.join()
    assert is_ready(port)


@pytest.mark.usefixtures("impatient")
def test_more_slow_clients_than_threads_are_cut_in_turn(port: int) -> None:
    """A caller who comes after them waits until their second is over."""
    slow = [dial(port, HEAD + b"Content-Length: 9\r\n\r\n") for _ in range(7)]
    assert ask(port, "POST", "/v1/score", {"headlines": [HEADLINE]})[0] == 200
    assert {problem_on(one) for one in slow} == {(408, "request-timeout")}


def test_connections_that_send_nothing_take_no_threads(serve: Serve, port: int) -> None:
    """With one thread, gunicorn's own worker would let a caller wait five seconds for each of them."""
    process = serve("--workers", "1", BROADSHEET_THREADS="1")
    wait_until(lambda: is_ready(port), process)
    idle = [dial(port) for _ in range(100)]
    assert ask(port, "POST", "/v1/score", {"headlines": [HEADLINE]})[0] == 200
    for connection in idle:
        connection.close()


def test_clients_that_do_not_hang_up_do_not_stop_a_worker(serve: Serve, port: int) -> None:
    """Each waits two seconds for them, in a thread; gunicorn would in the one that serves all, and then be killed."""
    process = serve("--workers", "1", BROADSHEET_TIMEOUT_SECONDS="10")
    wait_until(lambda: is_ready(port), process)
    before = workers(process)
    open_ends = [dial(port, b"no HTTP\r\n\r\n") for _ in range(40)]
    assert ask(port, "POST", "/v1/score", {"headlines": [HEADLINE]})[0] == 200
    assert {problem_on(one) for one in open_ends} == {(400, "bad-request")}
    assert workers(process) == before


GARBAGE = (
    b"zyxwvut\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00zyxwvut\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: zyxwvut\r\n\r\n",
    b"GET / HTTP/1.1\r\nZyxwvut zyxwvut\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: " + b"zyxwvut" * 10_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: zyxwvut\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: zyxwvut\r\n\r\n",
    b"GET /" + b"zyxwvut" * 10_000 + b" HTTP/1.1\r\n\r\n",
)


def test_garbage_is_answered_by_a_problem_that_does_not_repeat_it(serve: Serve, port: int) -> None:
    """Nor does the log; and the next caller is answered."""
    process = serve("--workers", "1")
    wait_until(lambda: is_ready(port), process)
    for sent in GARBAGE:
        with dial(port, sent) as connection:
            answer = read_all(connection)
        assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\n"), sent[:50]
        assert b"zyxwvut" not in answer.lower()
    assert is_ready(port)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    logged = [json.loads(line) for line in err.splitlines()[1:]]
    assert [line["event"] == "bad request" or line["status"] == 400 for line in logged].count(True) == len(GARBAGE)
    assert "zyxwvut" not in err.lower()
