"""Runs the service under gunicorn: a master, its workers, and a stop that lets requests in flight finish."""

import ctypes
import logging
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication

from model.errors import BroadsheetError
from model.scorer import engine_name
from service.champion import Champion
from service.logs import GunicornLogger, configure
from service.master import Master
from service.settings import METRICS_FOLDER, OFF, Settings
from service.worker import Worker

_MEMORY = "/dev/shm"  # noqa: S108  # Linux's file system in memory
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of glibc's malloc.h
AGAIN = 1.0  # seconds after which a worker that found no model is replaced
# of one worker: gunicorn's 1,000 pass the usual 1,024 descriptors, at which a worker ends and all its requests with it
_CONNECTIONS = 500


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn without its own command line or configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings, self._options = settings, options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the app in a worker: nothing heavy is forked.

        A worker without a model tries again as another process; gunicorn would end the service, and its other workers.
        """
        from service.app import create_app

        try:
            return create_app(self.settings)
        except (BroadsheetError, OSError) as error:
            structlog.get_logger("broadsheet").error("worker without a model", detail=str(error))
            time.sleep(AGAIN)
            sys.exit(1)

    def run(self) -> None:
        """Serve until stopped."""
        Master(self).run()


def serve(settings: Settings, host: str, port: int, workers: int, server: type[Server] = Server) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP replaces the workers one by one.

    Raises a `BroadsheetError` for a model or an address that cannot be used.
    """
    configure()
    _give_memory_back()
    # a damaged model is said here, in one line, not by every worker; which load it themselves: nothing heavy is forked
    version = Champion.open(settings.model, settings.models).scorer.version
    _require_free(host, port)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    served = f"model {version}, {engine_name()} scorer"
    print(f"Broadsheet serves http://{address} with {served}; Ctrl-C stops it", file=sys.stderr, flush=True)
    if workers > 1 and settings.rate_limit != OFF and not settings.redis:
        note = f"each of {workers} workers counts its clients' rate alone; BROADSHEET_REDIS lets them count together"
        print(note, file=sys.stderr, flush=True)
    options = {
        "bind": address,
        "workers": workers,
        "worker_class": type("Worker", (Worker,), {"seconds": settings.request_seconds}),
        "threads": settings.threads,
        "worker_connections": max(settings.threads + 1, _CONNECTIONS),
        "timeout": settings.timeout_seconds,
        "graceful_timeout": settings.graceful_seconds,
        "control_socket_disable": True,
        # gunicorn takes SCRIPT_NAME and PATH_INFO from the headers of whoever connects from 127.0.0.1
        "forwarder_headers": "",
        "forwarded_allow_ips": "",
        "worker_tmp_dir": _in_memory(),
        "child_exit": _forget,
        "logger_class": GunicornLogger,
        "proc_name": "broadsheet",
        "loglevel": "warning",
    }
    os.environ.pop("SCRIPT_NAME", None)  # which gunicorn would take off every path
    logging.captureWarnings(True)
    with _folder_of_metrics():
        server(settings, options).run()


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
    """Make the folder in which workers count, empty at each start."""
    folder, master = tempfile.mkdtemp(prefix="broadsheet-metrics-", dir=_in_memory()), os.getpid()
    os.environ[METRICS_FOLDER] = folder  # before prometheus_client is imported, which only workers do
    try:
        yield
    finally:
        if os.getpid() == master:  # a worker that ends leaves by here as well
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
    except OSError as error:
        raise BroadsheetError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
