"""What an attacker tries on a real server, in vain: ways around the key, and requests that cost others."""

import json
import socket
from typing import NamedTuple

import pytest

from service.access import digest_of
from tests.conftest import PATIENCE, Start

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


@pytest.fixture
def guarded(start: Start, small_model: object) -> int:
    """The port of a service that asks for a key, started in an environment that tries to move its paths."""
    return start(
        BROADSHEET_API_KEYS=digest_of(KEY),
        BROADSHEET_MODEL=str(small_model),
        SCRIPT_NAME="/v1",
        FORWARDED_ALLOW_IPS="*",
        ROOT_PATH="/v1",
    ).port


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
        assert say(guarded, request("/v1/score", method, b"")).status == 401, method
