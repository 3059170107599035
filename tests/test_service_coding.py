"""Bodies that come compressed, or with a byte order mark: what clients and proxies send, and what is made to cost."""

import gzip
import json
import time
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from model.artefact import Artefact
from model.scorer import Scorer
from service.app import create_app
from service.coding import plain_body
from service.messages import RequestHead
from service.problems import RequestError
from service.settings import Settings
from tests.conftest import client_of

HEADLINES = json.dumps({"headlines": ["Fury as lamps go out", "Bank holds rates"]}).encode()
PAGE = json.dumps({"text": "Fury as lamps go out again in the harbour\n"}).encode()
MOST = 100_000  # bytes of a body
BOMB = gzip.compress(b" " * (MOST + 1))


def bare(body: bytes) -> bytes:
    """Deflate without a zlib head, which some clients call deflate."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(body) + engine.flush()


CODED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    " gzip ": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": bare,
    "identity": bytes,
    "gzip, identity": gzip.compress,
    "identity,identity": bytes,
    ",": bytes,
}


@pytest.fixture
def client(stand_in: Artefact) -> Client:
    """A client of a service with a limit that is soon reached."""
    return client_of(create_app(Settings(max_bytes=MOST), Scorer(stand_in)))


def post(client: Client, body: bytes, coding: str | None, path: str = "/v1/score") -> TestResponse:
    """Send a body of JSON, coded as it is said to be."""
    headers = {} if coding is None else {"Content-Encoding": coding}
    return client.post(path, data=body, content_type="application/json", headers=headers)


def code_of(answer: TestResponse) -> tuple[int, Any]:
    """Give an answer's status and the code of its problem."""
    return answer.status_code, answer.get_json().get("code")


@pytest.mark.parametrize("coding", CODED)
def test_a_compressed_body_is_answered_like_a_plain_one(client: Client, coding: str) -> None:
    """By whatever name a client has for it; what is no coding codes nothing."""
    answer = post(client, CODED[coding](HEADLINES), coding)
    assert (answer.status_code, answer.data) == (200, post(client, HEADLINES, None).data)


@pytest.mark.slow
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_page_is_answered_like_a_plain_one(client: Client, coding: str) -> None:
    """The other call that takes a body."""
    answer = post(client, CODED[coding](PAGE), coding, "/v1/page")
    assert (answer.status_code, answer.data) == (200, post(client, PAGE, None, "/v1/page").data)


@pytest.mark.parametrize("path", ["/v1/score", "/v1/page"])
@pytest.mark.parametrize(
    "coding",
    ["br", "zstd", "compress", "gzip, gzip", "deflate, gzip", "gzip;q=1", "*", "gz", "gzip br", "utf-8", "x" * 500],
)
def test_a_coding_that_is_not_read_is_told_which_are(client: Client, path: str, coding: str) -> None:
    """415 with Accept-Encoding (RFC 9110, 12.5.3 and 15.5.16), and no word of what was sent."""
    answer = post(client, gzip.compress(HEADLINES), coding, path)
    assert code_of(answer) == (415, "unknown-encoding")
    assert answer.headers["Accept-Encoding"] == "gzip, deflate"


def test_no_other_415_speaks_of_codings(client: Client) -> None:
    """A coding that is read is not what is wrong with a form."""
    answer = client.post("/v1/score", data=b"x", content_type="text/plain")
    assert code_of(answer) == (415, "not-json")
    assert "Accept-Encoding" not in answer.headers


WHOLE = gzip.compress(HEADLINES)
BROKEN = {
    "nothing": b"",
    "plain": HEADLINES,
    "cut off": WHOLE[:-1],
    "without its sum": WHOLE[:-8],
    "its head alone": WHOLE[:10],
    "another sum": WHOLE[:-5] + bytes([WHOLE[-5] ^ 1]) + WHOLE[-4:],
    "garbage behind it": WHOLE + b"garbage",
    "zeros behind it": WHOLE + bytes(512),
    "half a file behind it": WHOLE + WHOLE[:-1],
    "files without an end": gzip.compress(b"") * 2000 + WHOLE,
    "a zip file": b"PK\x03\x04" + bytes(60),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_gzip_body_is_the_callers_fault(client: Client, name: str) -> None:
    """Nothing of it is judged, cut where it broke."""
    assert code_of(post(client, BROKEN[name], "gzip")) == (400, "broken-encoding")


@pytest.mark.parametrize("broken", [b"", HEADLINES, zlib.compress(HEADLINES)[:-1], zlib.compress(HEADLINES) + b"x"])
def test_a_broken_deflate_body_is_the_callers_fault_too(client: Client, broken: bytes) -> None:
    """With a zlib head or without."""
    assert code_of(post(client, broken, "deflate")) == (400, "broken-encoding")


def test_gzip_files_behind_each_other_are_one_body(client: Client) -> None:
    """RFC 1952, 2.2: what `cat` and parallel compressors make."""
    parts = b"".join(gzip.compress(HEADLINES[start : start + 9]) for start in range(0, len(HEADLINES), 9))
    assert post(client, parts, "gzip").data == post(client, HEADLINES, None).data


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate"])
def test_the_limit_is_on_what_a_body_holds(client: Client, coding: str) -> None:
    """A byte more than may be is refused, however few were sent; as many as may be are read."""
    for size, expected in ((MOST, 200), (MOST + 1, 413), (50 * MOST, 413)):
        answer = post(client, CODED[coding](HEADLINES.ljust(size)), coding)
        assert answer.status_code == expected
        assert expected == 200 or answer.get_json()["code"] == "body-too-large"


def test_a_bomb_takes_the_memory_of_its_limit() -> None:
    """A gigabyte in a megabyte is never held, nor read to its end."""
    piece = gzip.compress(bytes(2**24), 9)
    bomb = piece * 64
    head = RequestHead("POST", "/v1/score", {"content-encoding": "gzip"})
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(RequestError, match="at most 1000000 bytes, uncompressed"):
        plain_body(head, bomb, 1_000_000)
    spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert spent < 1  # a gigabyte takes three


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"") * 200_000, b"\x00\x00\x00\xff\xff" * 800_000, gzip.compress(bytes(99_999)) * 40],
    ids=["files of nothing", "blocks of nothing", "many of the limit"],
)
def test_what_is_made_to_take_long_takes_a_moment(body: bytes) -> None:
    """Four megabytes of whatever: a limit is reached, or the work is in proportion."""
    for coding in ("gzip", "deflate"):
        began = time.process_time()
        with pytest.raises(RequestError):
            plain_body(RequestHead("POST", "/", {"content-encoding": coding}), body, MOST)
        assert time.process_time() - began < 1


@pytest.mark.parametrize("coding", [None, "gzip"])
@pytest.mark.parametrize("path", ["/v1/score", pytest.param("/v1/page", marks=pytest.mark.slow)])
def test_a_byte_order_mark_before_json_is_passed_over(client: Client, path: str, coding: str | None) -> None:
    """RFC 8259, 8.1: what PowerShell and .NET write before it."""
    plain = PAGE if path == "/v1/page" else HEADLINES
    body = CODED[coding or "identity"](b"\xef\xbb\xbf" + plain)
    assert post(client, body, coding, path).data == post(client, plain, None, path).data


@pytest.mark.parametrize(
    "body",
    [b"\xef\xbb\xbf" * 2 + HEADLINES, b"\xef\xbb" + HEADLINES, b"\xef\xbb\xbf", b" \xef\xbb\xbf" + HEADLINES,
     HEADLINES.decode().encode("utf-16"), HEADLINES.decode().encode("utf-32")],
    ids=["two", "half", "alone", "after a blank", "of UTF-16", "of UTF-32"],
)  # fmt: skip
def test_any_other_mark_is_no_json(client: Client, body: bytes) -> None:
    """One, of UTF-8, at the very beginning."""
    assert code_of(post(client, body, None)) == (400, "broken-json")


def test_a_call_without_a_body_passes_over_its_coding(client: Client) -> None:
    """Some clients name one with every request."""
    assert client.get("/v1/model", headers={"Content-Encoding": "br"}).status_code == 200


def test_headlines_that_come_compressed_and_cost_are_judged_beside_the_loop(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes may hold a thousand headlines."""
    ran: list[str] = []
    run = "service.work.Work.run_for_caller"

    async def spy(_work: object, function: Any, *given: Any) -> Any:
        ran.append(function.__name__)
        return function(*given)

    monkeypatch.setattr(run, spy)
    assert post(client, WHOLE, "gzip").status_code == 200
    assert post(client, HEADLINES, None).status_code == 200
    assert ran == ["scored"]
