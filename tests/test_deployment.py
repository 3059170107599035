"""What stands in deploy/: nginx really run before the real service, and names and numbers that must agree."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from model.store import Store
from service.metrics import Metrics
from service.problems import problem_body
from service.settings import PREFIX, Settings
from tests.servers import free_port

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
CONF = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
UNIT = (DEPLOY / "broadsheet.service").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
PROGRAM = Path(sys.executable).with_name("broadsheet")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
PATIENCE = 60  # seconds until a test gives up
THREADS, SLOW = 4, 30  # of each of two workers; more clients than all of them
INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.2"  # nginx.conf lets the first one see what monitors see
MOST = Settings().max_bytes


class Running(NamedTuple):
    """A service, and nginx before it."""

    process: "subprocess.Popen[bytes]"
    port: int


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]


def ask(
    port: int,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    headers: dict[str, str] | None = None,
    address: str = INSIDE,
    patience: float = PATIENCE,
) -> Answer:
    """Make one call, from an address of the loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience, source_address=(address, 0))
    try:
        method = "GET" if body is None else "POST"
        connection.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


def score(*headlines: str) -> bytes:
    """Give a body for /v1/score."""
    return json.dumps({"headlines": headlines}).encode()


def page_of(size: int) -> bytes:
    """Give a body for /v1/page of so many bytes, most of them a comment."""
    head, tail = b'{"html": "<h2>Council approves budget for new library</h2><!--', b'-->"}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


def wait_until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    """Wait for what must come; give up when the process has ended or patience has."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert process.poll() is None, process.args
        assert time.monotonic() < end
        time.sleep(0.02)


def answers(port: int, path: str, *expected: int) -> bool:
    """Tell whether a call is answered so."""
    try:
        return ask(port, path).status in expected
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def running(command: list[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program for as long as the block lasts."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@contextmanager
def service(model: Path, log: Path, **settings: str) -> Iterator[Running]:
    """Run `broadsheet serve` behind one proxy."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    given |= {"BROADSHEET_MODEL": str(model), "BROADSHEET_PROXIES": "1", "BROADSHEET_THREADS": str(THREADS), **settings}
    port = free_port()
    with log.open("wb") as stderr, running([str(PROGRAM), "serve", "--port", str(port)], env=given, stderr=stderr) as p:
        wait_until(lambda: answers(port, "/readyz", 200), p)
        yield Running(p, port)


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[Running]:
    """Run nginx with our configuration, its ports alone replaced, before a port."""
    if NGINX is None:
        pytest.skip("needs nginx; Debian has it in nginx-light")
    port, folder = free_port(), folder / f"before-{upstream}"
    folder.mkdir()
    conf = folder / "nginx.conf"
    conf.write_text(
        CONF.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
        encoding="utf-8",
    )
    # root's nginx would give its workers to another user, who cannot enter pytest's folders
    also = "daemon off;" + (" user root;" if os.getuid() == 0 else "")
    with running([NGINX, "-p", str(folder), "-c", str(conf), "-g", also], stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: answers(port, "/livez", 200, 502), process)
        yield Running(process, port)


@pytest.fixture(scope="module")
def behind(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service without a rate limit, of two workers."""
    with service(small_model, tmp_path_factory.mktemp("log") / "log", BROADSHEET_RATE_LIMIT="off") as started:
        yield started


@pytest.fixture(scope="module")
def front(behind: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx before it."""
    with nginx(tmp_path_factory.mktemp("nginx"), behind.port) as started:
        yield started.port


def test_a_verdict_comes_through(front: int) -> None:
    """From outside, with the service's own headers."""
    answer = ask(front, "/v1/score", score("Council approves budget for new library"), address=OUTSIDE)
    assert answer.status == 200
    assert [one["headline"] for one in json.loads(answer.body)["results"]] == [
        "Council approves budget for new library"
    ]
    assert "X-Request-ID" in answer.headers


@pytest.mark.parametrize("size", [int(3.9 * 2**20), MOST])
def test_a_body_within_the_limit_comes_through(front: int, size: int) -> None:
    """To the last byte."""
    answer = ask(front, "/v1/page", page_of(size))
    assert answer.status == 200, answer.body
    assert len(json.loads(answer.body)["results"]) == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused_as_the_service_refuses_it(front: int, chunked: bool) -> None:
    """By nginx, before a worker hears of it; whether its length was said before or not."""
    body = page_of(MOST + 1)
    pieces = (body[at : at + 2**16] for at in range(0, len(body), 2**16))
    answer = ask(front, "/v1/page", pieces if chunked else body)
    assert answer[:2] == (413, problem_body(413, "body-too-large", f"the body must be at most {MOST} bytes"))
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_slow_clients_hold_nobody_up(front: int) -> None:
    """More of them than the workers have threads send byte by byte; without nginx, the next would wait 30 seconds."""
    assert SLOW > 2 * THREADS
    body = score("Bank holds rates")
    lines = "POST /v1/score HTTP/1.1", "Host: a", "Content-Type: application/json", f"Content-Length: {len(body)}"
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", front), PATIENCE)) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall("\r\n".join((*lines, "", "")).encode())
        for at in range(10):
            for connection in slow:
                connection.sendall(body[at : at + 1])
            assert ask(front, "/v1/score", score("Council approves budget"), patience=10).status == 200
            time.sleep(0.05)
        for connection in slow:
            connection.sendall(body[10:])
        assert {connection.recv(100)[:15] for connection in slow} == {b"HTTP/1.1 200 OK"}


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/readyz",
        "/metrics?a",
        "//metrics",
        "/%6detrics",
        "/./metrics",
        "/a/../readyz",
        "/metrics/",
        "/METRICS",
    ],
)
def test_what_monitors_see_is_closed_to_others(front: int, path: str) -> None:
    """However it is written; some other spellings are no path of the service's."""
    answer = ask(front, path, address=OUTSIDE)
    assert answer.status == 403 or (answer.status, path.strip("/").lower()) == (404, "metrics")
    assert json.loads(answer.body)["status"] == answer.status
    assert b"broadsheet_" not in answer.body


def test_monitors_and_liveness_are_answered(front: int) -> None:
    """The first from inside, the last to all."""
    assert b"broadsheet_requests_total" in ask(front, "/metrics").body
    assert ask(front, "/readyz").status == 200
    assert ask(front, "/livez", address=OUTSIDE).status == 200


def test_replacing_the_workers_loses_no_request(behind: Running, front: int) -> None:
    """SIGHUP, as `systemctl reload` sends it, while requests come in on kept and on new connections."""
    old = workers_of(behind.process.pid)
    behind.process.send_signal(signal.SIGHUP)
    statuses = []

    def replaced() -> bool:
        statuses.append(ask(front, "/v1/score", score("Bank holds rates")).status)
        return not old & workers_of(behind.process.pid)

    wait_until(replaced, behind.process)
    assert set(statuses) == {200}


def workers_of(master: int) -> set[int]:
    """Give the processes that a master has started."""
    return set(map(int, Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()))


def test_a_lie_about_the_sender_gets_no_rate_of_its_own(small_model: Path, tmp_path: Path) -> None:
    """BROADSHEET_PROXIES=1 believes nginx alone; two senders have a rate each all the same."""
    with (
        service(small_model, tmp_path / "log", BROADSHEET_RATE_LIMIT="3 per hour", BROADSHEET_REDIS="") as behind,
        nginx(tmp_path, behind.port) as front,
    ):
        statuses = [
            ask(
                front.port, "/v1/score", score("Bank holds rates"), {"X-Forwarded-For": f"192.0.2.{n}, 10.0.0.{n}"}
            ).status
            for n in range(12)  # each of two workers counts alone, and either may get the last of them
        ]
        assert statuses.count(200) <= 6
        assert set(statuses) == {200, 429}
        assert ask(front.port, "/v1/score", score("Bank holds rates"), address=OUTSIDE).status == 200
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "192.0.2." not in log
    assert OUTSIDE not in log


@pytest.mark.slow
def test_a_service_that_is_away_is_said_as_a_problem(tmp_path: Path) -> None:
    """Nothing listens behind."""
    with nginx(tmp_path, free_port()) as front:
        answer = ask(front.port, "/v1/score", score("Bank holds rates"))
    assert (answer.status, json.loads(answer.body)["code"]) == (502, "bad-gateway")


def test_a_log_that_nobody_takes_costs_no_answer(small_model: Path) -> None:
    """A pipe whose reader has gone, as a full disk under a file, refuses each line."""
    port = free_port()
    environment = {**os.environ, "BROADSHEET_MODEL": str(small_model)}
    command = [str(PROGRAM), "serve", "--port", str(port), "--workers", "1"]
    with running(command, env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr
        process.stderr.readline()
        process.stderr.close()
        wait_until(lambda: answers(port, "/readyz", 200), process)
        assert [ask(port, "/v1/score", score("Bank holds rates")).status for _ in range(5)] == [200] * 5


def test_a_worker_without_a_model_leaves_the_others_alone(small_model: Path, tmp_path: Path) -> None:
    """A store that breaks while the service runs, and a worker that dies then: replaced once the store is whole."""
    store = Store(tmp_path / "store")
    version = store.promote(str(small_model))
    with service(small_model, tmp_path / "log", BROADSHEET_MODEL="", BROADSHEET_MODELS=str(store.folder)) as behind:
        two = f'broadsheet_workers{{model="{version}"}} 2.0'.encode()
        wait_until(lambda: two in ask(behind.port, "/metrics").body, behind.process)
        store.pointer.write_text("nonsense\n", encoding="ascii")
        os.kill(min(workers_of(behind.process.pid)), signal.SIGKILL)
        wait_until(lambda: b"worker without a model" in (tmp_path / "log").read_bytes(), behind.process)
        assert json.loads(ask(behind.port, "/readyz").body)["model"] == version
        store.pointer.write_text(f"{version}\n", encoding="ascii")
        wait_until(lambda: two in ask(behind.port, "/metrics").body, behind.process)


def test_nginx_refuses_in_the_form_of_the_service() -> None:
    """Each of its problems is what the service would write."""
    refusals = re.findall(r"^ +(\d{3}) '(\{.*\})\\n';$", CONF, re.MULTILINE)
    assert [status for status, _ in refusals] == re.findall(r"error_page ([\d ]+) @problem;", CONF)[0].split()
    for status, text in refusals:
        said = json.loads(text)
        assert problem_body(int(status), said["code"], said["detail"]) == f"{text}\n".encode()


def test_nginx_and_the_service_have_the_same_limits() -> None:
    """Numbers that two files repeat."""
    assert int(re.findall(r"client_max_body_size (\d+);", CONF)[0]) == MOST
    assert int(re.findall(r"proxy_read_timeout (\d+)s;", CONF)[0]) == Settings().timeout_seconds
    assert int(re.findall(r"TimeoutStopSec=(\d+)", UNIT)[0]) > Settings().graceful_seconds


def test_every_variable_is_a_setting() -> None:
    """In all files of deploy/ and in what describes them."""
    known = {PREFIX + one.name.upper() for one in fields(Settings)}
    for path in (*DEPLOY.iterdir(), ROOT / "docs" / "deployment.md"):
        named = set(re.findall(rf"{PREFIX}\w+", path.read_text(encoding="utf-8")))
        assert named <= known, path


def test_every_metric_of_an_alert_is_one() -> None:
    """An alert on a metric that is not there never fires."""
    known = set(re.findall(r"^# TYPE (\w+)", Metrics().exposition().decode(), re.MULTILINE))
    for path in (DEPLOY / "alerts.yml", ROOT / "docs" / "deployment.md"):
        named = set(re.findall(r"\bbroadsheet_\w+", path.read_text(encoding="utf-8")))
        assert named
        assert {re.sub("_(bucket|sum)$", "", name) for name in named} <= known


def test_the_image_is_built_from_every_package() -> None:
    """And `.dockerignore`, which lets through what it names, lets them through."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        included = tomllib.load(file)["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = {name.removesuffix(".*") for name in included}
    assert packages <= set(re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE))
    assert packages <= set(re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))


def test_the_port_and_the_user_are_the_same_everywhere() -> None:
    """The unit, the image and its health check, nginx, the readme of it all."""
    document = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    ports = [re.findall(r"--port\W+(\d+)", UNIT), re.findall(r"127\.0\.0\.1:(\d+)", CONF)]
    ports += [re.findall(pattern, DOCKERFILE) for pattern in (r"EXPOSE (\d+)", r'"--port", "(\d+)"', r"1', (\d+), ")]
    ports += [re.findall(r"127\.0\.0\.1:8000:(\d+)", document)]
    assert all(found and set(found) == {"8000"} for found in ports), ports
    assert "127.0.0.1" in re.findall(r"--host (\S+)", UNIT)
    user, uid = re.findall(r"User=(\w+)", UNIT)[0], re.findall(r"^USER (\d+)", DOCKERFILE, re.MULTILINE)[0]
    assert re.search(rf"useradd --system --uid {uid} --gid {user} .* {user} ", DOCKERFILE)
    assert re.search(rf"useradd --system .*{user}$", document, re.MULTILINE)
