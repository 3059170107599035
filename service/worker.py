"""A worker process: one event loop that serves connections, under gunicorn's master.

What it stands on is not promised by gunicorn: `tests/test_service_gunicorn.py` lists it, with the reason for each.
"""

import asyncio
import os
import resource
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import uvloop
from gunicorn.workers.base import Worker as Base

if TYPE_CHECKING:
    from service.connections import Connections

_EVERY = 0.5  # seconds between two looks at what is late, and signs of life to the master
_GLANCE = 0.02  # seconds between two looks at whether all is answered, once the service stops
_DESCRIPTORS = 65_536  # asked of the system, which may allow fewer
_CONNECTIONS = 10_000
_SWITCH = 0.001  # seconds after which a thread that computes lets the loop go on; Python's own 0.005 add up


class Worker(Base):  # type: ignore[misc]  # gunicorn is untyped
    """Serves with what `service.app` builds; `service.server` makes a subclass with the settings chosen."""

    seconds = 30  # for a request to arrive
    keep_alive = 620  # seconds for another one to begin

    def run(self) -> None:
        """Serve until told to stop, and answer what is in flight."""
        sys.setswitchinterval(_SWITCH)
        signal.set_wakeup_fd(-1)  # gunicorn's own; the loop sets another
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        from service.connection import Connection  # here: nothing heavy is forked
        from service.connections import Connections

        loop = asyncio.get_running_loop()
        connections = Connections(self.wsgi, loop, self.seconds, self.keep_alive, _most_connections())
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        listeners = [
            await loop.create_server(partial(Connection, connections), sock=one.sock, backlog=self.cfg.backlog)
            for one in self.sockets
        ]
        while self.alive and not stopped.is_set() and self.ppid == os.getppid():
            self.notify()
            connections.sweep()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), _EVERY)
        for listener in listeners:
            listener.close()
        await self._drain(connections)
        await self.wsgi.close()

    async def _drain(self, connections: "Connections") -> None:
        connections.drain()
        end = time.monotonic() + self.cfg.graceful_timeout
        while len(connections) and time.monotonic() < end:
            self.notify()
            connections.sweep()
            await asyncio.sleep(_GLANCE)


def _most_connections() -> int:
    """Ask for as many descriptors as there may be, and give half of them to connections."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if most == resource.RLIM_INFINITY else min(_DESCRIPTORS, most)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return min(_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
