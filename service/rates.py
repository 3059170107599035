"""How often each client may call: counted by this worker alone, or with the library `limits` in a Redis all share."""

import asyncio
import hashlib
import math
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

import structlog
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

_RETRY = 5.0  # seconds for which a Redis that failed is left alone, so that it costs few requests its time-out
_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "wrap_exceptions": True}
_CLIENTS = 100_000  # that a worker remembers, 20 MB; the one that came first is forgotten for one more
_ASKING = 16  # requests that wait for Redis at a time
_log = structlog.get_logger("broadsheet")


class Rates:
    """Counts requests of clients, for one event loop.

    A Redis that is away must not take the service with it: meanwhile, each worker counts alone.
    """

    def __init__(self, rate: str, redis: str | None) -> None:
        self._rate, self._limits = rate, parse_many(rate)
        self.is_shared = redis is not None
        # so that no store holds an address; the same on all hosts that share a Redis
        self._secret = hashlib.sha256(f"broadsheet {redis}".encode()).digest()
        self._alone = [Windows(limit) for limit in self._limits]
        self._shared = FixedWindowRateLimiter(_redis(redis)) if redis else None
        self._asking = ThreadPoolExecutor(_ASKING, "rates") if redis else None
        self._away_until = 0.0

    def __str__(self) -> str:
        return self._rate

    def count(self, client: str) -> int | None:
        """Count a request here; give nothing, or the seconds to wait where a limit is passed."""
        return self._count_alone(self._name(client))

    async def count_shared(self, client: str) -> int | None:
        """Count a request in the Redis, or here while it is away."""
        name = self._name(client)
        if self._shared and time.monotonic() >= self._away_until:
            try:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._asking, self._count_in, self._shared, name)
            except Exception as error:  # noqa: BLE001  # what answers there may be anything, or no Redis
                if time.monotonic() >= self._away_until:
                    cause = error.storage_error if isinstance(error, StorageError) else error
                    _log.warning("rates are counted alone", error=type(cause).__name__)
                self._away_until = time.monotonic() + _RETRY
        return self._count_alone(name)

    def _name(self, client: str) -> str:
        return hashlib.blake2b(client.encode("utf-8", "replace"), key=self._secret, digest_size=16).hexdigest()

    def _count_alone(self, name: str) -> int | None:
        for windows in self._alone:
            if (wait := windows.count(name)) is not None:
                return wait
        return None

    def _count_in(self, limiter: FixedWindowRateLimiter, name: str) -> int | None:
        for limit in self._limits:
            if not limiter.hit(limit, name):
                reset = limiter.get_window_stats(limit, name).reset_time
                return _wait(min(reset - time.time(), limit.get_expiry()))  # Redis' clock and ours may differ
        return None


class Windows:
    """Fixed windows in memory: each client's begins with its first request.

    The library's own storage has no bound on clients, and counts by a clock that may jump: back by an hour, and all
    who were at their limit are turned away for that hour.
    """

    def __init__(self, limit: RateLimitItem, most: int = _CLIENTS) -> None:
        self._amount, self._seconds, self._most = limit.amount, limit.get_expiry(), most
        self._open: OrderedDict[str, tuple[float, int]] = (
            OrderedDict()
        )  # when a window ends, and its count; oldest first

    def count(self, name: str) -> int | None:
        """Count a request; give nothing, or the seconds to wait."""
        now = time.monotonic()
        end, counted = self._open.get(name, (0.0, 0))
        if end <= now:
            self._forget(name, now)
            self._open[name] = now + self._seconds, 1
            return None
        if counted >= self._amount:
            return _wait(end - now)
        self._open[name] = end, counted + 1
        return None

    def _forget(self, name: str, now: float) -> None:
        self._open.pop(name, None)
        while self._open:
            first = next(iter(self._open))
            if self._open[first][0] > now and len(self._open) < self._most:
                return
            del self._open[first]


def _wait(seconds: float) -> int:
    return max(1, math.ceil(seconds))


def _redis(address: str) -> Storage:
    return storage_from_string(address, **_TIMEOUTS)  # type: ignore[return-value]
