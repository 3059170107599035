"""The connections of one worker: how many there are, what they hold, and the times that they are held to."""

import asyncio
import time
from email.utils import formatdate
from enum import Enum
from typing import Protocol

from service.edge import Edge

_WEIGHT = 2**28  # bytes of requests that have not come whole, and of answers that are not taken, in one worker
_DRAIN = 1.0  # seconds that a new connection has for its request, once the service stops
_DRAIN_KEPT = 2.0  # that one has which was answered: deploy/nginx.conf lets go of it after 1, so nothing is lost


class State(Enum):
    """What a connection does."""

    WAITING = "waiting"  # for the first byte of a request
    READING = "reading"
    ANSWERING = "answering"
    LINGERING = "lingering"  # our end is closed, theirs is not


class Client(Protocol):
    """What is asked of a connection here; `service.connection` has it."""

    state: State
    served: bool  # whether it has been answered
    weight: int  # bytes that it holds
    deadline: float  # of the monotonic clock

    def expire(self) -> None:
        """End what has not gone on in its time."""

    def cut(self) -> None:
        """End at once."""


class Connections:
    """The connections of one worker: what they share, and the times that they are held to."""

    def __init__(
        self, edge: Edge, loop: asyncio.AbstractEventLoop, seconds: float, keep_alive: float, most: int
    ) -> None:
        self.edge, self.loop, self.seconds, self.patience = edge, loop, seconds, keep_alive
        self.draining = False
        self.date = formatdate(usegmt=True)
        self._most, self._weight = most, 0
        self._open: dict[Client, None] = {}  # in the order in which they came, or were last answered

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: Client) -> None:
        """Take a connection in; where there are too many, the one that has kept us waiting longest is cut."""
        self._open[connection] = None
        if len(self._open) > self._most:
            oldest = next((one for one in self._open if one.state is not State.ANSWERING), connection)
            oldest.cut()

    def answered(self, connection: Client) -> None:
        """Note that a connection has kept us waiting for no time, however long it has been there."""
        if connection in self._open:
            del self._open[connection]
            self._open[connection] = None

    def weigh(self, more: int) -> None:
        """Count bytes that wait; where there are too many, the oldest of the connections that hold some are cut."""
        self._weight += more
        if more > 0 and self._weight > _WEIGHT:
            for connection in list(self._open):
                if connection.weight and connection.state is not State.ANSWERING:
                    connection.cut()
                if self._weight <= _WEIGHT:
                    break

    def remove(self, connection: Client) -> None:
        """Forget a connection that has ended."""
        self._open.pop(connection, None)

    def sweep(self) -> None:
        """End what is late; to be called about twice a second."""
        self.date = formatdate(usegmt=True)
        now = time.monotonic()
        for connection in list(self._open):
            if now > connection.deadline:
                connection.expire()

    def drain(self) -> None:
        """Answer what is asked still, and close each connection behind it."""
        self.draining, self.patience = True, _DRAIN_KEPT
        now = time.monotonic()
        for connection in self._open:
            if connection.state is State.WAITING:
                end = now + (_DRAIN_KEPT if connection.served else _DRAIN)
                connection.deadline = min(connection.deadline, end)
