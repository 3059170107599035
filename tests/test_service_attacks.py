"""What an attacker tries on a real server, in vain: ways around the key, and requests that cost others."""

import gzip
import json
import os
import signal
import socket
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from service.access import digest_of
from tests.servers import PATIENCE, Server, Start, starting
from tests.test_deployment import nginx

KEY = "a-key-of-ours"
BODY = json.dumps({"headlines": ["Fury as lamps go out"]}).encode()


class Said(NamedTuple):
    """An answer as it came: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def say(port: int, content: bytes) -> Said:
    """Send bytes on a connection of their own, and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(content)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Said(int(first.split()[1]), headers, body)


def request(target: str, method: str = "POST", body: bytes = BODY, **headers: str) -> bytes:
    """Put a request together, to the letter; `x__y` names the header x_y, `x_y` the header x-y."""
    given = {
        "Host": "localhost",
        "Connection": "close",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **{name.replace("__", "\0").replace("_", "-").replace("\0", "_"): value for name, value in headers.items()},
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


class Doors(NamedTuple):
    """A service that asks for a key, and its two doors: its own port, and nginx before it."""

    server: Server
    direct: int
    nginx: int

    def alive(self) -> set[int]:
        """Give its workers, once a well-behaved caller was answered at each door."""
        for port in (self.direct, self.nginx):
            said = say(port, request("/v1/score", Authorization=f"Bearer {KEY}"))
            assert (said.status, b'"label"' in said.body) == (200, True)
        pid = self.server.process.pid
        return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


@pytest.fixture(scope="module")
def doors(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Two workers, started in an environment that tries to move their paths."""
    folder = tmp_path_factory.mktemp("attacks")
    settings = {
        "BROADSHEET_API_KEYS": digest_of(KEY),
        "BROADSHEET_MODEL": str(small_model),
        "BROADSHEET_RATE_LIMIT": "off",
        "BROADSHEET_PROXIES": "1",
        "SCRIPT_NAME": "/v1",
        "FORWARDED_ALLOW_IPS": "*",
        "ROOT_PATH": "/v1",
    }
    with starting(folder) as start, nginx(folder, (server := start(workers=2, **settings)).port) as before:
        yield Doors(server, server.port, before.port)


@pytest.fixture(params=["direct", "nginx"])
def guarded(doors: Doors, request: pytest.FixtureRequest) -> int:
    """The port of one of the doors."""
    return doors.direct if request.param == "direct" else doors.nginx


OTHER_PATHS = (
    "//v1/score",
    "///v1/score",
    "/%2fv1/score",
    "/%2F/v1/score",
    "http://x//v1/score",
    "http://x/%2Fv1/score",
    "/v1//score",
    "/v1/score/",
    "/v1/score//",
    "/v1/./score",
    "/v1/../v1/score",
    "/x/../v1/score",
    "/%76%31/score",
    "/v1%2Fscore",
    "/v1/score;x",
    "/v1/score%00",
    "/v1/score%20",
    "/v1/score%3F",
    "/V1/score",
    "/v1/score.json",
    "/v1\\score",
    "\\v1/score",
)


@pytest.mark.parametrize("key", ["", f"Bearer {KEY}"], ids=["without-key", "with-key"])
def test_a_path_that_is_not_ours_to_the_letter_is_not_there(guarded: int, key: str) -> None:
    """However a router might read it."""
    for target in OTHER_PATHS:
        said = say(guarded, request(target, Authorization=key))
        assert said.status in {400, 404}, target  # a server may refuse a target that is no URI
        if said.headers["content-type"] == "application/problem+json":  # nginx has words of its own for what is no URI
            assert json.loads(said.body)["code"] in {"not-found", "bad-request"}, target


def test_a_header_moves_no_path(guarded: int) -> None:
    """What gunicorn, uWSGI and others take from a trusted proxy; 127.0.0.1 is none."""
    for name in ("SCRIPT__NAME", "PATH__INFO", "Script_Name", "X_Script_Name", "X_Forwarded_Prefix", "X_Original_URL"):
        for target, value in (("/v1/v1/model", "/v1/"), ("/v1/v1/model", "/v1"), ("/x/v1/model", "/x")):
            said = say(guarded, request(target, "GET", b"", **{name: value}))
            assert said.status in {400, 404}, (name, target)
        said = say(guarded, request("/livez", "GET", b"", **{name: "/v1/model"}))
        assert said.status in {200, 400}, name
        assert b"sensational" not in said.body, name


def test_the_guarded_calls_ask_for_the_key(guarded: int) -> None:
    """Under the one name that each has, in each form of a request's target, by each method."""
    for target in ("/v1/score", "/v1/score?x=/livez", "http://x/v1/score", "http://localhost/v1/score"):
        assert say(guarded, request(target)).status == 401, target
        assert say(guarded, request(target, Authorization=f"Bearer {KEY}")).status == 200, target
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        assert say(guarded, request("/v1/score", method, b"")).status in {401, 405}, method  # nginx knows no TRACE


def _html(page: str) -> bytes:
    return json.dumps({"html": page}).encode()


PAGES = {
    "attributes": _html("<p" + "".join(f" a{n}=x" for n in range(60_000)) + ">x</p>"),
    "paragraphs": _html("<p>x" * 900_000),
    "headings in a deep place": _html(
        "<div>" * 240 + "".join(f"<h2>Council opens hall {n}</h2>" for n in range(16_000))
    ),
    "linked data": _html('<script type="application/ld+json">' + '{"a":' * 900 + "1" + "}" * 900 + "</script>" * 400),
    "lines": json.dumps({"text": "x\n" * 1_300_000}).encode(),
    "headlines": _html("".join(f"<h2><a href=/{n}>Council opens hall number {n}</a></h2>" for n in range(20_000))),
}


def post_page(port: int, body: bytes) -> Said:
    """Have a page judged."""
    return say(port, request("/v1/page", body=body, Authorization=f"Bearer {KEY}"))


def test_pages_that_cost_hold_up_nobody(doors: Doors, guarded: int) -> None:
    """Sixteen of the worst at a time: each has its answer, liveness has its own before them, no worker goes."""
    before = doors.alive()
    worst = list(PAGES.values())
    with ThreadPoolExecutor(16) as pool:
        asked = [pool.submit(post_page, guarded, worst[number % len(worst)]) for number in range(16)]
        while not any(one.done() for one in asked):
            assert say(doors.direct, request("/livez", "GET", b"")).status == 200
        answers = [one.result() for one in asked]
    for answer in answers:
        assert answer.status in {200, 413}
        assert answer.status == 200 or json.loads(answer.body)["code"].endswith(("-large", "-costly", "-headlines"))
    assert doors.alive() == before


SCORES = {
    "one letter of another script": json.dumps({"headlines": ["α" * 500] * 700, "explain": True}).encode(),
    "letters apart": json.dumps({"headlines": ["a " * 250] * 1000, "explain": True}).encode(),
    "what C leaves alone": json.dumps({"headlines": ["İΣ́" * 160] * 1000, "explain": True}).encode(),
    "a million items": b'{"headlines": [' + b"1," * 1_000_000 + b"1]}",
    "a million lists": b'{"headlines": [' + b"[]," * 1_000_000 + b"[]]}",
    "a deep list": b'{"headlines": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}",
    "a number": b'{"headlines": [' + b"1" * 1_000_000 + b"]}",
    "escapes": b'{"headlines": ["' + b"\\ud83d" * 600_000 + b'"]}',
}


def test_headlines_that_cost_hold_up_nobody(doors: Doors, guarded: int) -> None:
    """As with pages."""
    before = doors.alive()
    with ThreadPoolExecutor(16) as pool:
        headers = {"Authorization": f"Bearer {KEY}"}
        asked = [
            pool.submit(say, guarded, request("/v1/score", body=list(SCORES.values())[number % 8], **headers))
            for number in range(16)
        ]
        while not all(one.done() for one in asked):
            assert say(doors.direct, request("/livez", "GET", b"")).status == 200
        answers = [one.result().status for one in asked]
    assert answers == [200, 200, 200, 413, 413, 400, 422, 200] * 2
    assert doors.alive() == before


SMALL = gzip.compress(BODY)
BOMB = gzip.compress(b" " * 400_000_000, 9)
CODED = {  # by Content-Encoding and body, the status
    "compressed": ("gzip", SMALL, 200),
    "by its old name": ("x-gzip", SMALL, 200),
    "with a mark": ("gzip", gzip.compress(b"\xef\xbb\xbf" + BODY), 200),
    "a bomb": ("gzip", BOMB, 413),
    "a bomb by another name": ("deflate", zlib.compress(b" " * 400_000_000, 9), 413),
    "a bomb in a bomb": ("gzip, gzip", gzip.compress(BOMB), 415),
    "cut off": ("gzip", SMALL[:-1], 400),
    "followed by another request": ("gzip", SMALL + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "files of nothing": ("gzip", gzip.compress(b"") * 200_000, 400),
    "of another kind": ("br", SMALL, 415),
    "not compressed": ("gzip", BODY, 400),
}


def test_compressed_bodies_hold_up_nobody(doors: Doors, guarded: int) -> None:
    """As with pages: what they hold is bounded, not only what they are."""
    before = doors.alive()
    cases = [CODED[name] for name in CODED] * 2
    with ThreadPoolExecutor(16) as pool:
        asked = [
            pool.submit(
                say,
                guarded,
                request(path, body=body, Authorization=f"Bearer {KEY}", Content_Encoding=coding),
            )
            for path in ("/v1/score", "/v1/page")
            for coding, body, _ in cases
        ]
        while not all(one.done() for one in asked):
            assert say(doors.direct, request("/livez", "GET", b"")).status == 200
        answers = [one.result() for one in asked]
    statuses = [status for _, _, status in cases]
    assert [one.status for one in answers] == statuses + [422 if status == 200 else status for status in statuses]
    assert {one.headers.get("accept-encoding") for one in answers if one.status == 415} == {"gzip, deflate"}
    assert doors.alive() == before


HEAD = (
    f"POST /v1/score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n".encode()
)
BEGUN = {
    "nothing": b"",
    "heads": HEAD,
    "bodies": HEAD + b"Content-Length: 1000\r\n\r\n{",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    "answers that are not read": b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 30,
    "ends that stay open": b"no HTTP\r\n\r\n",
}


@pytest.mark.parametrize("begun", BEGUN)
def test_slow_clients_hold_up_nobody(doors: Doors, guarded: int, begun: str) -> None:
    """Hundreds of them, slow with whatever they do; at nginx, as many as it lets one address have."""
    before = doors.alive()
    count = 500 if guarded == doors.direct else 200
    with ExitStack() as stack:
        for _ in range(count):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", guarded), PATIENCE))
            slow.sendall(BEGUN[begun])
        for _ in range(20):
            assert say(guarded, request("/v1/score", Authorization=f"Bearer {KEY}")).status == 200
    assert doors.alive() == before


def test_an_ipv6_network_is_one_client(start: Start, small_model: Path) -> None:
    """Whoever has one address of it has 2^64."""
    server = start(BROADSHEET_MODEL=str(small_model), BROADSHEET_RATE_LIMIT="3 per hour", BROADSHEET_PROXIES="1")

    def asked(address: str) -> int:
        return say(server.port, request("/v1/score", X_Forwarded_For=address)).status

    assert [asked(f"2001:db8:1:2::{number}") for number in range(5)] == [200, 200, 200, 429, 429]
    assert asked("2001:db8:1:3::1") == 200
    assert [asked(address) for address in ("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1")][-1] == 429


def test_what_a_killed_service_left_is_swept(start: Start, small_model: Path, tmp_path: Path) -> None:
    """Its counts in memory; not those of one that runs."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    settings = {"BROADSHEET_MODEL": str(small_model), "TMPDIR": str(temporary)}
    killed = start(**settings)
    children = Path(f"/proc/{killed.process.pid}/task/{killed.process.pid}/children").read_text().split()
    runs = start(**settings)
    (left, beside) = sorted(temporary.iterdir(), key=lambda folder: folder.stat().st_mtime)
    for pid in (killed.process.pid, *map(int, children)):
        os.kill(pid, signal.SIGKILL)
    killed.process.wait()
    third = start(**settings)
    folders = set(temporary.iterdir())
    assert left not in folders
    assert beside in folders
    assert len(folders) == 2
    assert runs.is_ready()
    assert third.is_ready()
