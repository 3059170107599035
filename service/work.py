"""Where what takes long is done: in threads of which few work at a time, beside the loop that serves connections."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, ParamSpec, TypeVar

from service.problems import RequestError

_WAITING = 64  # callers, with bodies of up to 4 MiB each and a third of a second of work

Given = ParamSpec("Given")
Made = TypeVar("Made")


class Work:
    """The threads of one worker process."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "work")
        self._waiting = 0

    def run(self, function: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Awaitable[Made]:
        """Call a function in a thread; the loop goes on."""
        return asyncio.get_running_loop().run_in_executor(self._pool, lambda: function(*given, **named))

    async def run_for_caller(self, function: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
        """Do so, unless too many callers wait for a thread already; raise `RequestError` then."""
        if self._waiting >= _WAITING:
            raise RequestError("overloaded", f"{_WAITING} large requests wait for their turn; try again")
        self._waiting += 1
        try:
            return await self.run(function, *given, **named)
        finally:
            self._waiting -= 1


class Shared(Generic[Made]):
    """What costs something to find out, and anybody may ask at any rate: found once for all who ask at a time."""

    def __init__(self, find: Callable[..., Awaitable[Made]], seconds: float = 0.0) -> None:
        self._find = find
        self._seconds = seconds  # for which it is given again
        self._about: object = None
        self._found: asyncio.Future[Made] | None = None
        self._until = 0.0

    async def one(self, about: str = "", *given: object) -> Made:
        """Give what `find` gives of what is given, named by `about`; an error is given to all who asked, not kept."""
        found = self._found
        if found is None or self._about != about or (found.done() and time.monotonic() >= self._until):
            found = self._found = asyncio.ensure_future(self._find(*given))
            self._about, self._until = about, time.monotonic() + self._seconds
        try:
            return await asyncio.shield(found)
        except Exception:
            self._until = 0.0
            raise
