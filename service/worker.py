"""gunicorn's threaded worker, with what it lacks: slow clients cost no more than a thread, and a while of it."""

import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.access import HEADERS
from service.problems import problem_body

_SILENCE = 5.0  # seconds until a new connection that has sent nothing is closed
_GRACE = 5.0  # seconds after the cut, in which a problem can be written to a client that reads
_LINGER = 2.0  # seconds for a client to close its end, once it has our last answer
_log = structlog.get_logger("broadsheet")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Cuts what has not arrived in time, so that slow clients give back their threads."""

    seconds = 30  # of `Settings.request_seconds`; `service.server` makes a subclass with the one chosen

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._begun: dict[TConn, float] = {}

    def enqueue_req(self, conn: TConn) -> None:
        """Give a connection a thread once something of a request is there.

        gunicorn lets a new connection have one for five seconds before: as many idle ones as threads stop everybody.
        """
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + _SILENCE
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        """Answer a connection's next request, in a thread of the pool; give whether the connection may have another."""
        self._begun[conn] = time.monotonic()
        try:
            goes_on = super().handle(conn)
        finally:
            self._begun.pop(conn, None)
        if not goes_on:
            _let_go(conn.sock)
        return goes_on

    def handle_quit(self, sig: int, frame: object) -> None:
        """End at once; gunicorn shuts its pool down here, and waits forever for a lock if it was handing work to it."""
        super(ThreadWorker, self).handle_quit(sig, frame)

    def murder_pending(self) -> None:
        """Cut connections that are late; gunicorn calls this every second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, begun in self._begun.copy().items():
            if now - begun > self.seconds:
                late = now - begun > self.seconds + _GRACE
                with suppress(OSError):  # the client has gone
                    conn.sock.shutdown(socket.SHUT_RDWR if late else socket.SHUT_RD)

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: Exception) -> None:  # noqa: ARG002
        """Answer what is not HTTP; gunicorn's own answer and log would repeat it."""
        _log.warning("bad request", error=type(exc).__name__)
        if isinstance(exc, ParseException):
            _write(client, 400, "bad-request", "expected an HTTP/1.1 request with headers of at most 8 KiB each")
        else:
            _write(client, 500, "internal-error", "the service failed to answer; the request was not at fault")


def _let_go(client: socket.socket) -> None:
    """Wait until a client has closed its end: to close ours before would take back an answer that it has not read.

    gunicorn does so in the thread that serves all connections, where fifteen clients that keep their ends open stop a
    worker for thirty seconds, and its master then kills it. It finds nothing to wait for after this.
    """
    end = time.monotonic() + _LINGER
    with suppress(OSError):  # the client has gone
        client.shutdown(socket.SHUT_WR)
        while (left := end - time.monotonic()) > 0:
            client.settimeout(left)
            if not client.recv(65_536):
                break
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _write(client: socket.socket, status: int, code: str, detail: str) -> None:
    body = problem_body(status, code, detail)
    headers = {"Content-Type": "application/problem+json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (*headers.items(), *HEADERS))
    with suppress(OSError):  # the client has gone
        client.sendall(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode() + body)
