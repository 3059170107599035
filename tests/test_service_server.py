"""The server as it really runs: processes, a socket, signals, and starts that are refused."""

import errno
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model.scorer import engine_name

PROGRAM = Path(sys.executable).with_name("broadsheet")
PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
HEADLINE = "Zyxwvut dad SLAMS council over lamps"

Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    """A port of the loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@pytest.fixture
def serve(small_model: Path, port: int) -> Iterator[Serve]:
    """Start `broadsheet serve` with the small model; whatever a test does, the process has ended after it."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, **settings: str) -> "subprocess.Popen[str]":
        given = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
        environment = given | {"BROADSHEET_MODEL": str(small_model)} | settings
        command = [str(PROGRAM), "serve", "--port", str(port), "--workers", "2", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
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
    assert (
        err
        == f"Broadsheet serves http://127.0.0.1:{port} with model {version}, {engine_name()} scorer; Ctrl-C stops it\n"
    )
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
    assert err.count("\n") == 1


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
        assert_refused(serve(), f"cannot listen on 127.0.0.1:{port}: Address already in use; choose another --port")


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
