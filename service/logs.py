"""One line for each request and event, for people on a terminal, else JSON. Never a headline, URL or address."""

import logging
import sys
from contextlib import suppress
from typing import Any, TextIO

import msgspec
import structlog
from gunicorn.glogging import Logger


def configure(stream: TextIO | None = None) -> None:
    """Send structlog's lines to `stream` (stderr), and those of libraries with them, without what they were told."""
    stream = stream or sys.stderr
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = (
        structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer(serializer=_json)
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(_Lossy(stream)),  # type: ignore[arg-type]  # it writes and flushes
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Forwarder()], level=logging.WARNING, force=True)


class _Lossy:
    """A stream that loses what cannot be written: neither a full disk nor a pipe without a reader costs an answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, if it can be."""
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Flush, if it can be."""
        with suppress(OSError):
            self._stream.flush()


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
    return msgspec.json.encode(event).decode()
