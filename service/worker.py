"""gunicorn's threaded worker, with what it lacks: a time by which a request has arrived, and our problems."""

import socket
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import structlog
from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.access import HEADERS
from service.problems import problem_body

_GRACE = 5.0  # seconds after the cut, in which a problem can be written to a client that reads
_log = structlog.get_logger("broadsheet")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn is untyped
    """Cuts what has not arrived in time, so that slow clients give back their threads."""

    seconds = 30  # of `Settings.request_seconds`; `service.server` makes a subclass with the one chosen

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._begun: dict[TConn, float] = {}

    def handle(self, conn: TConn) -> Any:
        """Answer a connection's next request, in a thread of the pool."""
        self._begun[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._begun.pop(conn, None)

    def murder_pending(self) -> None:
        """Cut connections that are late; gunicorn calls this every second."""
        super().murder_pending()
        now = time.monotonic()
        for conn, begun in list(self._begun.items()):
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


def _write(client: socket.socket, status: int, code: str, detail: str) -> None:
    body = problem_body(status, code, detail)
    headers = {"Content-Type": "application/problem+json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (*headers.items(), *HEADERS))
    with suppress(OSError):  # the client has gone
        client.sendall(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode() + body)
