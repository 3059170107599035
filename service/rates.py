"""How often each client may call, counted by Flask-Limiter's own library: in memory, or in a Redis that all share."""

import hashlib
import math
import time

import structlog
from limits import parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

_RETRY = 5.0  # seconds for which a Redis that failed is left alone, so that it costs few requests its time-out
_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "wrap_exceptions": True}
_log = structlog.get_logger("broadsheet")


class Rates:
    """Counts requests of clients; threads may share it.

    A Redis that is away must not take the service with it: meanwhile, each worker counts alone.
    """

    def __init__(self, rate: str, redis: str | None) -> None:
        self._rate, self._limits = rate, parse_many(rate)
        # so that no store holds an address; the same on all hosts that share a Redis
        self._secret = hashlib.sha256(f"broadsheet {redis}".encode()).digest()
        self._alone = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(_redis(redis)) if redis else None
        self._away_until = 0.0

    def __str__(self) -> str:
        return self._rate

    def count(self, client: str) -> int | None:
        """Count a request; give nothing, or the seconds to wait where a limit is passed."""
        name = hashlib.blake2b(client.encode(), key=self._secret, digest_size=16).hexdigest()
        if self._shared and time.monotonic() >= self._away_until:
            try:
                return self._count(self._shared, name)
            except StorageError as error:
                self._away_until = time.monotonic() + _RETRY
                _log.warning("rates are counted alone", error=type(error.storage_error).__name__)
        return self._count(self._alone, name)

    def _count(self, limiter: FixedWindowRateLimiter, name: str) -> int | None:
        for limit in self._limits:
            if not limiter.hit(limit, name):
                reset = limiter.get_window_stats(limit, name).reset_time
                return max(1, math.ceil(reset - time.time()))
        return None


def _redis(address: str) -> Storage:
    return storage_from_string(address, **_TIMEOUTS)  # type: ignore[return-value]
