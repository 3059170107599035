"""One line for each request and event, for people on a terminal, else JSON. Never a headline, URL or address."""

import atexit
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import msgspec
import structlog
from gunicorn.glogging import Logger

from model.plain import escaped, plain

_WAITING = 10_000  # lines, 3 MB of them
_GATHERING = 0.02  # seconds in which lines gather: to wake the thread for each takes longer than to answer a request
_TOGETHER = 256  # lines that are written at a time


def configure(stream: TextIO | None = None) -> "Lines | None":
    """Send structlog's lines to `stream`, and those of libraries with them, without what they were told.

    Without a stream they go to stderr, by a thread of their own, whose `Lines` are given.
    """
    lines = None if stream else Lines(sys.stderr)
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    shown: list[Any] = [_plain, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[
            *shared,
            *(shown if stream.isatty() else [structlog.processors.JSONRenderer(serializer=_json)]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(lines or _Lossy(stream)),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Forwarder()], level=logging.WARNING, force=True)
    return lines


def _plain(_logger: object, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) if isinstance(value, str) else value for name, value in event.items()}


class _Lossy:
    """A stream that loses what cannot be written: neither a full disk nor a pipe without a reader costs an answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, if it can be."""
        with suppress(OSError, ValueError):  # of a stream that is closed
            self._stream.write(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        with suppress(OSError, ValueError):
            self._stream.flush()


class Lines(_Lossy):
    """A stream that a thread writes to, so that a pipe which is full stops that thread and nothing else.

    What waits is bounded; what is lost for that is counted, and said once lines go through again.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.when_lost: Callable[[], None] = lambda: None
        self._begin()
        os.register_at_fork(after_in_child=self._begin)  # a child has none of its parent's threads
        atexit.register(self.settle)

    def _begin(self) -> None:
        self._waiting: deque[str] = deque()
        self._filled, self._settled = threading.Event(), threading.Event()
        self._settled.set()
        self._starting, self._started, self._lost = threading.Lock(), False, 0

    def write(self, text: str) -> None:
        """Have a line written."""
        if len(self._waiting) >= _WAITING:
            self._lost += 1
            self.when_lost()
            return
        self._waiting.append(text)
        if not self._filled.is_set():
            self._settled.clear()
            self._filled.set()
            self._start()

    def flush(self) -> None:
        """Leave that to the thread."""

    def settle(self, seconds: float = 1.0) -> None:
        """Wait until all is written, for so long."""
        self._settled.wait(seconds)

    def _start(self) -> None:
        with self._starting:
            if not self._started:
                threading.Thread(target=self._write, name="lines", daemon=True).start()
                self._started = True

    def _write(self) -> None:
        while self._filled.wait():
            time.sleep(_GATHERING)
            self._filled.clear()
            while self._waiting:
                texts = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
                self._put("".join(texts))
            if lost := self._lost:
                self._lost = 0
                self._put(_json({"event": "log lines lost", "level": "warning", "lost": lost}) + "\n")
            if not self._filled.is_set():
                self._settled.set()

    def _put(self, text: str) -> None:
        """Write past Python's buffer, whose lock a thread that waits here would hold when the process is to end."""
        rest = text.encode("utf-8", "backslashreplace")
        with suppress(OSError, ValueError):
            while rest:
                rest = rest[os.write(self._stream.fileno(), rest) :]


class Forwarder(logging.Handler):
    """Hands a library's warning on with the numbers in it alone: any other text may be somebody's headline."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[0] if record.exc_info else None
        given = record.args if isinstance(record.args, tuple) else ()
        known = {"error": error.__name__} if error else {}
        numbers = {"numbers": [one for one in given if isinstance(one, int)]} if given else {}
        # a text without arguments may have been put together from a request, as Flask does of an error's
        event = str(record.msg) if given else "a library's warning"
        structlog.get_logger(record.name).log(record.levelno, event, **known, **numbers)


class GunicornLogger(Logger):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn's own events, by the same way; its workers' errors are ours (`service.worker`)."""

    def setup(self, cfg: object) -> None:  # noqa: ARG002  # gunicorn's signature
        """Leave handlers alone: records reach the root's."""
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)


def _json(event: dict[str, Any], **_options: object) -> str:
    return escaped(msgspec.json.encode(event).decode())
