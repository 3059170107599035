"""Runs the service under gunicorn: a master, its workers, and a stop that lets requests in flight finish."""

import ctypes
import fcntl
import logging
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from gunicorn.app.base import BaseApplication

from model.errors import BroadsheetError
from model.scoring import engine_name
from service.champion import Champion
from service.logs import GunicornLogger, Lines, configure
from service.master import Master
from service.settings import METRICS_FOLDER, OFF, Settings
from service.worker import Worker

if TYPE_CHECKING:
    from service.edge import Edge

_MEMORY = "/dev/shm"  # noqa: S108  # Linux's file system in memory
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of glibc's malloc.h
_PREFIX, _LOCK = "broadsheet-metrics-", "lock"
AGAIN = 1.0  # seconds after which a worker that found no model is replaced


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn without its own command line or configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any], lines: Lines | None = None) -> None:
        self.settings, self._options, self._lines = settings, options, lines
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> "Edge":
        """Build the app in a worker: nothing heavy is forked.

        A worker without a model tries again as another process; gunicorn would end the service, and its other workers.
        """
        from service.app import create_app

        try:
            app = create_app(self.settings)
        except (BroadsheetError, OSError) as error:
            structlog.get_logger("broadsheet").error("worker without a model", detail=str(error))
            time.sleep(AGAIN)
            sys.exit(1)
        if self._lines:
            self._lines.when_lost = app.metrics.lost_line
        return app

    def run(self) -> None:
        """Serve until stopped."""
        Master(self).run()


def serve(settings: Settings, host: str, port: int, workers: int, server: type[Server] = Server) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP replaces the workers one by one.

    Raises a `BroadsheetError` for a model or an address that cannot be used.
    """
    _open_streams()
    lines = configure()
    _give_memory_back()
    # a damaged model is said here, in one line, not by every worker; which load it themselves: nothing heavy is forked
    version = Champion.open(settings.model, settings.models).scorer.version
    _require_free(host, port)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    served = f"model {version}, {engine_name()} scorer"
    _say(f"Broadsheet serves http://{address} with {served}; Ctrl-C stops it")
    if workers > 1 and settings.rate_limit != OFF and not settings.redis:
        note = f"each of {workers} workers counts its clients' rate alone; BROADSHEET_REDIS lets them count together"
        _say(note)
    options = {
        "bind": address,
        "workers": workers,
        "worker_class": type("Worker", (Worker,), _times(settings)),
        "timeout": settings.timeout_seconds,
        "graceful_timeout": settings.graceful_seconds,
        "control_socket_disable": True,
        "worker_tmp_dir": _in_memory(),
        "child_exit": _forget,
        "logger_class": GunicornLogger,
        "proc_name": "broadsheet",
        "loglevel": "warning",
    }
    logging.captureWarnings(True)
    with _folder_of_metrics():
        server(settings, options, lines).run()


def _times(settings: Settings) -> dict[str, int]:
    return {"seconds": settings.request_seconds, "keep_alive": settings.keep_alive_seconds}


def _open_streams() -> None:
    """Open what the shell has closed of stdin, stdout and stderr: a socket would take its number, and be written to."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # which takes the lowest number that is free
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _say(text: str) -> None:
    """Tell whoever started the service, if stderr takes it; a full disk is no reason not to serve."""
    with suppress(OSError):
        os.write(2, f"{text}\n".encode())


def _give_memory_back() -> None:
    """Let threads share two arenas, and arrays come from the system and go back to it.

    glibc gives each thread an arena of its own, and large blocks a place there once some were freed; both keep what
    they once needed: after six promotions under load, two workers held 217 MB, so 101 (docs/performance.md, 10).
    """
    with suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, 2)
        mallopt(_M_MMAP_THRESHOLD, 1 << 18)


@contextmanager
def _folder_of_metrics() -> Iterator[None]:
    """Make the folder in which workers count, empty at each start, and sweep those whose service was killed."""
    _sweep(Path(_in_memory() or tempfile.gettempdir()))
    folder, master = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_in_memory())), os.getpid()
    os.environ[METRICS_FOLDER] = str(folder)  # before prometheus_client is imported, which only workers do
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until the last of master and workers has ended
        try:
            yield
        finally:
            if os.getpid() == master:  # a worker that ends leaves by here as well
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(place: Path) -> None:
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:  # another user's cannot be opened
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> str | None:
    """Give where counts and heartbeats are kept: a full disk would kill the workers, whose counts are mapped files.

    TMPDIR is taken where it is set.
    """
    return _MEMORY if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) else None


def _forget(_server: object, worker: Any) -> None:
    """Drop the gauges of a worker that has ended; what it counted stays counted."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _require_free(host: str, port: int) -> None:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "no name of a host"
        raise BroadsheetError(f"cannot listen on {host}:{port}: {said}; choose another --host or --port") from error
