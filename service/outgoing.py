"""Answers as the bytes that go out, and those that a connection gives without asking anybody."""

from functools import lru_cache
from http import HTTPStatus

from service.messages import Answer
from service.problems import TITLES, problem

LATE = problem("request-timeout", "the body did not arrive whole in time")
MALFORMED = problem("bad-request", "the body's chunks are malformed")
NO_HTTP = problem(
    "bad-request", "expected an HTTP/1.1 request with at most 100 headers of at most 8 KiB each, 32 KiB in all"
)


def head_of(answer: Answer, date: str, connection: bytes) -> bytes:
    """Give a response's head; `connection` is its header Connection, with the end of the line, or nothing."""
    length = "" if is_bare(answer.status) else f"Content-Length: {len(answer.body)}\r\n"
    return b"".join(
        (_first(answer.status), _lines(answer.headers), f"{length}Date: {date}\r\n".encode(), connection, b"\r\n")
    )


@lru_cache(maxsize=64)
def _first(status: int) -> bytes:
    return f"HTTP/1.1 {status} {TITLES.get(status) or HTTPStatus(status).phrase}\r\n".encode()


def _lines(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("latin-1")


def is_bare(status: int) -> bool:
    """Whether a response has neither body nor length (RFC 9110, 8.6)."""
    return status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
