"""Runs the service under gunicorn: a master, its workers, and a stop that lets requests in flight finish."""

import logging
import socket
import sys
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from model.artefact import load
from model.errors import BroadsheetError
from model.scorer import engine_name
from service.app import create_app
from service.settings import Settings


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn without its own command line or configuration files."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self._settings, self._options = settings, options
        super().__init__()

    def load_config(self) -> None:
        """Hand our options to gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Build the app in a worker: nothing heavy is forked."""
        return create_app(self._settings)


def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; raise a `BroadsheetError` for a model or an address that cannot be used."""
    version = load(settings.model).version  # a damaged model is said here, in one line, not by every worker
    _require_free(host, port)
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    served = f"model {version}, {engine_name()} scorer"
    print(f"Broadsheet serves http://{address} with {served}; Ctrl-C stops it", file=sys.stderr, flush=True)
    options = {
        "bind": address,
        "workers": workers,
        "worker_class": "gthread",
        "threads": settings.threads,
        "timeout": settings.timeout_seconds,
        "graceful_timeout": settings.graceful_seconds,
        "control_socket_disable": True,
        "proc_name": "broadsheet",
        "loglevel": "warning",
    }
    logging.captureWarnings(True)
    Server(settings, options).run()


def _require_free(host: str, port: int) -> None:
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise BroadsheetError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
