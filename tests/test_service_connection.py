"""HTTP/1.1 with one client, byte by byte, on a transport that only remembers; with sockets, see test_service_server."""

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.artefact import Artefact
from model.scorer import Scorer
from service.app import create_app
from service.connection import Connection
from service.connections import Connections
from service.edge import Edge
from service.incoming import FIELD_BYTES, HEADERS_MOST
from service.settings import Settings

BODY = b'{"headlines": ["Fury"]}'
MOST = 2000  # bytes of a body


@dataclass
class Wire:
    """The other end: what it was sent, and how the connection stands."""

    loop: asyncio.AbstractEventLoop
    sent: bytes = b""
    closed: bool = False
    ended: bool = False
    calls: list[str] = field(default_factory=list)

    def get_extra_info(self, _name: str) -> tuple[str, int]:
        """Tell who is there."""
        return "192.0.2.1", 4711

    def write(self, content: bytes) -> None:
        """Take an answer."""
        assert not self.ended, "nothing may be written once our end is closed"
        self.sent += content

    def write_eof(self) -> None:
        """Close our end."""
        self.ended = True

    def close(self) -> None:
        """Close both."""
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        """Tell whether both are closed."""
        return self.closed

    def get_write_buffer_size(self) -> int:
        """Tell what is not taken: all of it."""
        return len(self.sent)

    def pause_reading(self) -> None:
        """Note it."""
        self.calls.append("pause")

    def resume_reading(self) -> None:
        """Note it."""
        self.calls.append("resume")


@pytest.fixture(scope="module")
def edge(stand_in: Artefact) -> Edge:
    """A service without a rate."""
    return create_app(Settings(rate_limit="off", max_bytes=MOST), Scorer(stand_in))


@pytest.fixture
def settle(loop: asyncio.AbstractEventLoop) -> Any:
    """Let the loop do what was put off, until nothing is."""

    def run() -> None:
        async def wait() -> None:
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)

        for _ in range(3):
            loop.run_until_complete(wait())

    return run


def connect(edge: Edge, loop: asyncio.AbstractEventLoop, most: int = 100) -> tuple[Connection, Wire, Connections]:
    """Begin a connection."""
    connections, wire = Connections(edge, loop, 30, 620, most), Wire(loop)
    connection = Connection(connections)
    connection.connection_made(cast("asyncio.Transport", wire))
    return connection, wire, connections


def post(body: bytes = BODY, *headers: str, length: bool = True) -> bytes:
    """Write a request."""
    lines = ["POST /v1/score HTTP/1.1", "Host: x", "Content-Type: application/json", *headers]
    lines += [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([*lines, "", ""]).encode() + body


def statuses(wire: Wire) -> list[int]:
    """Give those of all answers; a body holds no such line."""
    return [int(found[1]) for found in re.finditer(rb"HTTP/1\.1 (\d{3}) ", wire.sent)]


def without_what_differs(sent: bytes) -> bytes:
    """Give answers without dates and ids, and without what asks for a body, which may have come already."""
    return re.sub(rb"(?:Date|X-Request-ID): [^\r]*\r\n|HTTP/1.1 100 Continue\r\n\r\n", b"", sent)


REQUESTS = [
    post(),
    post(b"[]"),
    post(b"x" * (MOST + 1)),
    post(BODY, "Transfer-Encoding: chunked", length=False).replace(BODY, b"17\r\n" + BODY + b"\r\n0\r\n\r\n"),
    post(BODY, "Upgrade: h2c", "Connection: Upgrade"),
    post(BODY, "Expect: 100-continue"),
    b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /livez HTTP/1.0\r\n\r\n",
    b"HEAD /v1/model HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET //livez HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS /v1/score HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 9000 + b"\r\n\r\n",
    b"garbage\r\n\r\n",
    b"\r\n\r\n",
    b"\0\0\0",
    BODY,
]


@given(data=st.data())
def test_what_is_answered_does_not_hang_on_how_it_arrives(
    edge: Edge, loop: asyncio.AbstractEventLoop, data: st.DataObject
) -> None:
    """Whole, or cut anywhere: the same answers in the same order, and the same end."""
    asked = b"".join(data.draw(st.lists(st.sampled_from(REQUESTS), min_size=1, max_size=4)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(asked)), max_size=5)))
    parts = [asked[start:end] for start, end in zip([0, *cuts], [*cuts, len(asked)], strict=True)]

    def answered(pieces: list[bytes]) -> Wire:
        connection, wire, _ = connect(edge, loop)

        async def feed() -> None:
            for piece in pieces:
                connection.data_received(piece)
                while connection._waits() or connection._rest:  # a transport that is paused hands on no more
                    await asyncio.sleep(0)

        loop.run_until_complete(feed())
        return wire

    whole, split = answered([asked]), answered(parts)
    assert without_what_differs(whole.sent) == without_what_differs(split.sent)
    assert (whole.ended, whole.closed) == (split.ended, split.closed)


@given(noise=st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_get_an_answer_that_is_not_one(
    edge: Edge, loop: asyncio.AbstractEventLoop, noise: list[bytes]
) -> None:
    """Noise is refused, and nothing is raised."""
    connection, wire, _ = connect(edge, loop)
    for part in noise:
        connection.data_received(part)
    connection.eof_received()
    assert set(statuses(wire)) <= {400}


def test_requests_in_one_piece_are_answered_in_order(edge: Edge, loop: asyncio.AbstractEventLoop, settle: Any) -> None:
    """Those that a thread answers between those that are answered at once; more than have their turn together."""
    connection, wire, _ = connect(edge, loop)
    quick, slow = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"
    connection.data_received((quick + slow) * 30)
    settle()
    bodies = re.findall(rb'"status":"(live|ready)"', wire.sent)
    assert bodies == [b"live", b"ready"] * 30
    assert not wire.ended


def test_a_refused_body_that_is_long_is_not_waited_for(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """The answer comes at its head, our end is closed, and what comes still is let go by."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(post(b"", f"Content-Length: {10**8}", length=False))
    assert (statuses(wire), wire.ended, wire.closed) == ([413], True, False)
    for _ in range(100):
        connection.data_received(b"x" * 65_536)
    assert (statuses(wire), wire.closed) == ([413], False)
    for _ in range(200):
        connection.data_received(b"x" * 65_536)
    assert wire.closed  # not for ever


def test_a_refused_body_that_is_short_leaves_the_connection(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """It is read and forgotten, and the next request is answered."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(post(b"x" * 5000).replace(b"/v1/score", b"/v1/other") + post())
    assert (statuses(wire), wire.ended) == ([404, 200], False)


def test_a_body_of_chunks_without_end_is_cut_at_the_limit(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """Its length was not said before."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(post(b"", "Transfer-Encoding: chunked", length=False))
    for _ in range(MOST // 100 + 1):
        connection.data_received(b"64\r\n" + b"x" * 100 + b"\r\n")
    assert (statuses(wire), wire.ended) == ([413], True)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"X: " + b"a" * FIELD_BYTES + b"\r\n", 200),
        (b"X: " + b"a" * (FIELD_BYTES + 1) + b"\r\n", 400),
        (b"X: a\r\n" * (HEADERS_MOST - 3), 200),
        (b"X: a\r\n" * (HEADERS_MOST - 2), 400),
        ((b"X: " + b"a" * 8000 + b"\r\n") * 5, 400),
    ],
)
def test_a_head_has_its_limits(edge: Edge, loop: asyncio.AbstractEventLoop, head: bytes, status: int) -> None:
    """Each header, their number, and all together."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(post().replace(b"Host: x\r\n", b"Host: x\r\n" + head))
    assert statuses(wire) == [status]


@pytest.mark.parametrize(
    "begun", [b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX: ", post(b"", "X-Y: ", length=False)[:-4]]
)
def test_a_head_without_end_is_cut(edge: Edge, loop: asyncio.AbstractEventLoop, begun: bytes) -> None:
    """Before it has filled the memory."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(begun)
    for _ in range(10):
        connection.data_received(b"a" * 10_000)
    assert (statuses(wire), wire.ended) == ([400], True)


def test_a_client_that_does_not_read_is_given_no_more(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """What it asked is answered once it does; and it is cut after its time."""
    connection, wire, connections = connect(edge, loop)
    connection.data_received(post())
    connection.pause_writing()
    connection.data_received(post() + post())
    assert statuses(wire) == [200]
    assert set(wire.calls) == {"pause"}  # nor is more of it read
    connection.resume_writing()
    assert wire.calls[-1] == "resume"
    assert statuses(wire) == [200] * 3
    connection.pause_writing()
    connection.deadline = 0
    connections.sweep()
    assert wire.closed


def test_the_connection_that_has_kept_us_waiting_longest_gives_way(
    edge: Edge, loop: asyncio.AbstractEventLoop, settle: Any
) -> None:
    """Where there are too many; not one whose request is being answered."""
    connections = Connections(edge, loop, 30, 620, 3)
    made: list[tuple[Connection, Wire]] = []
    for _ in range(3):
        connection, wire = Connection(connections), Wire(loop)
        connection.connection_made(cast("asyncio.Transport", wire))
        made.append((connection, wire))
    made[0][0].data_received(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
    made[1][0].data_received(post()[:30])
    extra, last = Connection(connections), Wire(loop)
    extra.connection_made(cast("asyncio.Transport", last))
    assert [wire.closed for _, wire in made] == [False, True, False]
    assert not last.closed
    settle()
    assert statuses(made[0][1]) == [200]


def test_a_connection_that_is_used_outlives_one_that_is_not(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """A balancer's own has been there longest, and is the last that should give way."""
    connections = Connections(edge, loop, 30, 620, 3)
    made: list[tuple[Connection, Wire]] = []
    for _ in range(4):
        connection, wire = Connection(connections), Wire(loop)
        connection.connection_made(cast("asyncio.Transport", wire))
        made.append((connection, wire))
        connection.data_received(post())
        made[0][0].data_received(post())
    assert [wire.closed for _, wire in made] == [False, True, False, False]


@pytest.mark.parametrize("seconds", [1, 75, 620])
def test_an_answered_connection_is_kept_for_as_long_as_the_settings_say(
    edge: Edge, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """And then closed, without an answer to nothing; each answer begins its time anew."""
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    connections, wire = Connections(edge, loop, 30, seconds, 100), Wire(loop)
    connection = Connection(connections)
    connection.connection_made(cast("asyncio.Transport", wire))
    connection.data_received(post())
    wire.sent = b""  # taken
    for last in (False, True):
        now += seconds
        connections.sweep()
        assert not wire.closed
        if not last:
            connection.data_received(post())
            assert statuses(wire) == [200]
            wire.sent = b""
    now += 0.5
    connections.sweep()
    assert (wire.closed, wire.sent) == (True, b"")


def test_a_stop_does_not_wait_for_connections_that_are_kept(
    edge: Edge, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long they might be kept: longer than nginx keeps its own, and no more."""
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    connection, wire, connections = connect(edge, loop)
    connection.data_received(post())
    wire.sent = b""
    connections.drain()
    for seconds, closed in ((1.5, False), (1, True)):
        now += seconds
        connections.sweep()
        assert wire.closed is closed


@pytest.mark.parametrize("taken", [True, False], ids=["bodies", "answers"])
def test_what_waits_in_a_worker_has_an_end(
    edge: Edge, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """Bodies that do not come whole, and answers that nobody takes: the oldest of those that hold some gives way."""
    monkeypatch.setattr("service.connections._WEIGHT", 4500)
    connections, wires = Connections(edge, loop, 30, 620, 100), [Wire(loop) for _ in range(4)]
    made = [Connection(connections) for _ in wires]
    for connection, wire in zip(made, wires, strict=True):
        connection.connection_made(cast("asyncio.Transport", wire))
    idle, *busy = made
    for connection in busy:
        if taken:
            connection.data_received(post(b"x" * 1900)[:-10])
        else:
            connection.data_received(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.pause_writing()
    assert not wires[0].closed
    assert [wire.closed for wire in wires[1:]] == ([True, False, False] if taken else [True, True, True])
    idle.data_received(post())
    assert statuses(wires[0]) == [200]
    for connection in made:
        connection.connection_lost(None)
    assert connections._weight == 0


def test_many_that_hold_little_give_way_together(
    edge: Edge, loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until there is room: one byte that is given back for each thousand that come is no bound."""
    monkeypatch.setattr("service.connections._WEIGHT", 2000)
    connections, wires = Connections(edge, loop, 30, 620, 100), [Wire(loop) for _ in range(52)]
    made = [Connection(connections) for _ in wires]
    for number, (connection, wire) in enumerate(zip(made, wires, strict=True)):
        connection.connection_made(cast("asyncio.Transport", wire))
        connection.data_received(post(b"x" * 1500)[: -1499 if number < 50 else -1])
    assert connections._weight <= 2000
    assert [wire.closed for wire in wires] == [True] * 51 + [False]


def test_requests_that_wait_are_not_read(edge: Edge, loop: asyncio.AbstractEventLoop, settle: Any) -> None:
    """Thousands in one read are bytes until their turn comes, and weigh what they are."""
    connection, wire, connections = connect(edge, loop)
    asked = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 5000
    connection.pause_writing()
    connection.data_received(asked)
    assert len(connection._ready) == 0
    assert connections._weight >= len(asked)
    connection.resume_writing()
    settle()
    assert statuses(wire) == [200] * 5000


def test_an_answer_that_stays_in_our_buffer_is_not_waited_for_for_ever(
    edge: Edge, loop: asyncio.AbstractEventLoop
) -> None:
    """Too little of it for the transport to complain: the client has as long as for a request, and is cut."""
    connection, wire, connections = connect(edge, loop)
    connection.data_received(post())
    for closed in (False, True):
        connection.deadline = 0
        connections.sweep()
        assert wire.closed is closed


def test_an_upgrade_does_not_hide_a_close(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """Both stand in one header."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(post(BODY, "Connection: close, Upgrade", "Upgrade: h2c"))
    assert (statuses(wire), wire.ended) == ([200], True)


def test_a_body_that_a_call_does_not_want_is_not_kept(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """Whoever has no key may send one to /livez."""
    connection, wire, connections = connect(edge, loop)
    connection.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1500\r\n\r\n" + b"x" * 1000)
    assert connections._weight == 0
    connection.data_received(b"x" * 500 + post())
    assert statuses(wire) == [200, 200]


def test_a_head_that_a_long_read_ends_in_is_waited_for(
    edge: Edge, loop: asyncio.AbstractEventLoop, settle: Any
) -> None:
    """What came before it in the same read is none of its bytes."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n" * 3000 + b"GET /livez HTTP/1.1\r\nHo")
    settle()
    connection.data_received(b"st: x\r\n\r\n")
    settle()
    assert statuses(wire) == [200] * 3001


def test_many_upgrades_in_one_read_are_answered(edge: Edge, loop: asyncio.AbstractEventLoop, settle: Any) -> None:
    """One after the other, not one within the other."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n" * 1200)
    settle()
    assert statuses(wire) == [200] * 1200


@pytest.mark.parametrize(
    "sent",
    [
        post(BODY, "Transfer-Encoding: gzip, chunked", length=False),
        post(BODY, "Transfer-Encoding: gzip", "Upgrade: x", "Connection: Upgrade", length=False),
        post(BODY, "Transfer-Encoding: chunked", length=False).replace(b"HTTP/1.1", b"HTTP/1.0"),
        b"CONNECT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_a_coding_that_is_not_known_is_no_body(edge: Edge, loop: asyncio.AbstractEventLoop, sent: bytes) -> None:
    """RFC 9112, 6.1: two who read it apart would disagree about where it ends."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(sent)
    assert (statuses(wire), wire.ended) == ([400], True)


def test_a_stop_answers_what_comes_and_closes_behind_it(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """A new connection may have sent its request already; a kept one may be sending it."""
    new, new_wire, connections = connect(edge, loop)
    kept, kept_wire = Connection(connections), Wire(loop)
    kept.connection_made(cast("asyncio.Transport", kept_wire))
    kept.data_received(post())
    connections.drain()
    for connection, wire, before in ((new, new_wire, 0), (kept, kept_wire, 1)):
        assert not wire.closed
        connection.data_received(post())
        assert (statuses(wire), wire.ended) == ([200] * (before + 1), True)
    assert new_wire.sent.count(b"Connection: close\r\n") == 1


def test_what_stands_behind_a_body_changes_no_header(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """RFC 9110, 6.5.1: trailers are none of the head's."""
    connection, wire, _ = connect(edge, loop)
    chunked = post(b"", "Transfer-Encoding: chunked", length=False).replace(b"application/json", b"text/plain")
    connection.data_received(chunked + b"17\r\n" + BODY + b"\r\n0\r\nContent-Type: application/json\r\n\r\n")
    assert statuses(wire) == [415]


def test_http_1_0_is_told_that_it_may_go_on(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """It takes a connection for closed unless the answer says otherwise."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"Connection: keep-alive\r\n" in wire.sent
    assert not wire.ended


def test_what_has_no_body_has_no_length(edge: Edge, loop: asyncio.AbstractEventLoop) -> None:
    """204 and 304 (RFC 9110, 8.6); the answer to HEAD has its length and nothing else."""
    connection, wire, _ = connect(edge, loop)
    connection.data_received(b"OPTIONS /v1/score HTTP/1.1\r\nHost: x\r\nAccess-Control-Request-Method: POST\r\n\r\n")
    assert wire.sent.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in wire.sent
    wire.sent = b""
    connection.data_received(b"HEAD /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Content-Length: 18\r\n" in wire.sent
    assert wire.sent.endswith(b"\r\n\r\n")
