"""HTTP/1.1 with one client: its requests are read whole, in their time and size, before anything works on them.

`service.incoming` reads the protocol; what stands here is what a server must decide. A client that is slow
costs no thread, and memory within a bound, whatever it is slow with: heads, bodies, taking its answer, or hanging up.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable

import structlog

from service.access import HEADERS
from service.connections import Connections, State
from service.edge import Visit
from service.incoming import Incoming, MalformedError
from service.messages import Answer, RequestHead
from service.outgoing import LATE, MALFORMED, NO_HTTP, head_of, is_bare
from service.problems import answer_to

_UNREAD = 65_536  # bytes of a refused body that are read for the connection's sake; for a longer one it is closed
_SILENCE = 5.0  # seconds until a new connection that has sent nothing is closed
_TURNS = 16  # requests of one client that are answered before others have their turn
_LINGER, _LINGER_BYTES = 2.0, 2**24  # for a client to take our last answer and close its end
_SLICE, _REQUEST = 8192, 1024  # bytes that are read at a time; that a request takes which waits, beside its body
_log = structlog.get_logger("broadsheet")

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, connections: Connections) -> None:
        self._all, self._edge = connections, connections.edge
        self._transport: asyncio.Transport | None = None
        self._incoming = Incoming(self, "")
        self.state, self.served, self.weight = State.WAITING, False, 0
        self.deadline = time.monotonic() + _SILENCE
        self._visit: Visit | None = None  # the request that comes in
        self._body = bytearray()
        self._rest = b""  # has come, and is read once what was asked before is answered
        self._ready: deque[tuple[Visit, bytes, Answer | None, bool]] = deque()  # read whole, not answered yet
        self._task: asyncio.Task[None] | None = None
        self._paused = self._is_late = False  # the client does not take what we write; it has been waited for
        self._ended = self._broken = False  # it sends no more; or no more that is HTTP
        self._received = self._ready_bytes = self._turns = self._discarded = 0

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport  # type: ignore[assignment]
        peer = transport.get_extra_info("peername")
        self._incoming = Incoming(self, str(peer[0]) if peer else "")
        self._all.add(self)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._broken or self.state is State.LINGERING:
            self._discarded += len(data)
            if self._discarded > _LINGER_BYTES:
                self.cut()
            return
        self._turns, self._rest = 0, self._rest + data
        self._read_on()

    def _read_on(self) -> None:
        """Read what has come, a little at a time: nothing more while requests wait for their answers."""
        while self._rest and self._is_open() and not (self._broken or self._waits()):
            part, self._rest = self._rest[:_SLICE], self._rest[_SLICE:]
            try:
                self._incoming.feed(part)
            except MalformedError:
                self._refuse()
        if self._broken:
            self._rest = b""
        if self._rest:
            self._hold()
            self._weigh()

    def _waits(self) -> bool:
        return bool(self._task or self._paused or self._ready)

    def eof_received(self) -> bool:
        """Answer what was asked, though the client sends no more."""
        self._ended = True
        if self.state is State.READING and self._visit:
            self._complete(LATE)
        return self.state is State.ANSWERING

    def pause_writing(self) -> None:
        """Do nothing more for a client that does not take what it was sent."""
        self._paused = True
        self.deadline = time.monotonic() + self._all.seconds
        self._hold()
        self._weigh()

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        if self.state is State.ANSWERING:
            self.deadline = float("inf")
        else:
            self.deadline = time.monotonic() + (
                self._all.patience if self.state is State.WAITING else self._all.seconds
            )
        self._go_on()
        self._weigh()

    def connection_lost(self, _error: Exception | None) -> None:
        """End."""
        self._transport = None
        self._forget()
        self._all.remove(self)

    # what is told of requests that come in

    def head_began(self) -> None:
        """Give it its time."""
        self._visit = None
        if self.state is State.WAITING:
            self._reading()

    def head_ended(self, head: RequestHead) -> None:
        """Let the edge decide; a body that is refused, and long, is not waited for."""
        if not self._is_open():
            return
        self._visit, self._body, self._received = self._edge.begin(head), bytearray(), 0
        length = head.header("content-length")
        expects = head.header("expect").lower() == "100-continue"
        if self._visit.refusal:
            if expects or (length.isdecimal() and int(length) > _UNREAD):
                self._complete()
        elif expects and head.version != "1.0" and not (self._task or self._ready):  # or it would precede their answers
            self._write(_CONTINUE)

    def body_came(self, part: bytes) -> None:
        """Take a part of the body, of a refused one its length alone."""
        if self._visit is None:  # answered already
            return
        self._received += len(part)
        wanted = self._visit.call is not None and self._visit.call.body is not None
        if wanted:
            self._body += part
            self._weigh()
        if self._received > (self._edge.max_bytes if wanted else _UNREAD):
            self._complete()

    def body_ended(self, *, closing: bool) -> None:
        """Answer."""
        self._complete(closing=closing)

    # what happens to requests

    def _complete(self, fault: Answer | None = None, *, closing: bool = True) -> None:
        visit, self._visit = self._visit, None
        if visit:
            self._ready.append((visit, bytes(self._body), fault, closing))
            self._ready_bytes += len(self._body)
            self._body = bytearray()
            self._next()
            self._weigh()

    def _next(self) -> None:
        """Answer the next request, if there is one and the last has been answered and taken."""
        while self._ready and not (self._task or self._paused) and self._is_open():
            if self._turns == _TURNS:
                self._hold()
                self._all.loop.call_soon(self._go_on)
                return
            self._turns += 1
            visit, body, fault, closing = self._ready.popleft()
            self._ready_bytes -= len(body)
            self.state, self.deadline = State.ANSWERING, float("inf")
            outcome = self._edge.answer(visit, body, fault)
            if isinstance(outcome, Answer):
                self._send(visit.head, outcome, closing=closing)
            else:
                self._hold()
                self._task = self._all.loop.create_task(self._finish(visit, outcome, closing=closing))
        if self._broken and not (self._task or self._ready or self._paused) and self._is_open():
            self._refuse()

    async def _finish(self, visit: Visit, outcome: Awaitable[Answer], *, closing: bool) -> None:
        try:
            answer = await outcome
        except Exception as error:  # noqa: BLE001  # a connection that is never answered is never closed
            answer = answer_to(error)
        self._task = None
        if self._is_open():
            self._send(visit.head, answer, closing=closing)
            self._go_on()

    def _go_on(self) -> None:
        self._turns = 0
        self._next()
        self._read_on()
        if self._transport and not (self._rest or self._waits()):
            self._transport.resume_reading()

    def _weigh(self) -> None:
        """Tell how much memory this client's requests and answers take while they wait."""
        waiting = len(self._body) + len(self._rest) + self._ready_bytes + _REQUEST * len(self._ready)
        if self._transport is None or self._transport.is_closing():
            return
        if self._paused:
            waiting += self._transport.get_write_buffer_size()
        more, self.weight = waiting - self.weight, waiting
        self._all.weigh(more)

    def _hold(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()

    def _send(self, head: RequestHead, answer: Answer, *, closing: bool) -> None:
        closing = closing or ((self._all.draining or self._ended) and not self._ready)
        self.served, self._is_late = True, False
        self._all.answered(self)
        kept = b"" if head.version == "1.1" else b"Connection: keep-alive\r\n"
        self._write(head_of(answer, self._all.date, b"Connection: close\r\n" if closing else kept))
        if head.method != "HEAD" and answer.body and not is_bare(answer.status):
            self._write(answer.body)
        if closing:
            self._close_behind()
        elif self._visit or self._ready or self._incoming.in_head:
            self._reading()
        else:
            self.state = State.WAITING
            if not self._paused:
                self.deadline = time.monotonic() + self._all.patience

    def _reading(self) -> None:
        self.state, self.deadline = State.READING, time.monotonic() + self._all.seconds

    def _refuse(self) -> None:
        """Answer what is not HTTP, and close."""
        self._broken = True
        if self._visit:  # the head was good
            self._complete(MALFORMED)
            return
        if self._task or self._ready or not self._is_open():  # it comes after what was asked before
            return
        _log.warning("bad request")
        answer = NO_HTTP._replace(headers=(*NO_HTTP.headers, *HEADERS))
        self._write(head_of(answer, self._all.date, b"Connection: close\r\n") + answer.body)
        self._close_behind()

    def expire(self) -> None:
        """End what has not gone on in its time."""
        if self.state is State.READING and self._visit and not self._paused:
            self._complete(LATE)
        elif self._transport and self._transport.get_write_buffer_size():
            self._lose_patience()
        elif self._transport:
            self._transport.close()

    def _lose_patience(self) -> None:
        """Cut a client that has not taken its answer: `close` would wait for it for ever."""
        if self._paused or self._is_late:
            self.cut()
        else:
            self._is_late, self.deadline = True, time.monotonic() + self._all.seconds

    def cut(self) -> None:
        """End at once."""
        if self._transport:
            self._transport.abort()
        self._forget()

    def _forget(self) -> None:
        self._ready.clear()
        self._body, self._rest, self._ready_bytes, self._visit = bytearray(), b"", 0, None
        self._all.weigh(-self.weight)
        self.weight = 0

    def _close_behind(self) -> None:
        """Close our end, and wait until the client has closed its own.

        To close both would take back, with a reset, an answer that a client which still sends has not read (RFC 9112,
        9.6).
        """
        self._ready.clear()
        self._ready_bytes, self._rest = 0, b""
        if self.state is State.LINGERING or not self._transport:
            return
        self.state = State.LINGERING
        self.deadline = time.monotonic() + (self._all.seconds if self._paused else _LINGER)
        if self._ended:
            self._transport.close()
        else:
            self._transport.write_eof()

    def _is_open(self) -> bool:
        return self._transport is not None and self.state is not State.LINGERING

    def _write(self, content: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(content)
