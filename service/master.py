"""gunicorn's master, with what it lacks: workers that are replaced one by one, each once its successor answers.

What it stands on is not promised by gunicorn: `tests/test_service_gunicorn.py` lists it, with the reason for each.
"""

import signal
import time

import structlog
from gunicorn.arbiter import Arbiter

_GLANCE = 0.05  # seconds between two looks at a worker that is starting, or ending
_DEATH = 5.0  # seconds for a worker that was killed to be gone
_log = structlog.get_logger("broadsheet")


class Master(Arbiter):  # type: ignore[misc]  # gunicorn is untyped
    """Keeps the workers running."""

    def reload(self) -> None:
        """Replace the workers, on SIGHUP; where a new one cannot start, the old ones go on.

        gunicorn stops all old workers when the new ones begin to load: for that second nobody accepts a connection, and
        if the new ones find a damaged model, nobody ever does.
        """
        by_age = sorted(self.WORKERS, key=lambda pid: self.WORKERS[pid].age)
        for old in by_age[-self.num_workers :]:  # those before still end from the last time
            if not self._started():
                _log.error("workers are not replaced: a new one does not start")
                return
            self.kill_worker(old, signal.SIGTERM)

    def _started(self) -> bool:
        """Start a worker and wait until it accepts connections; tell whether it does."""
        pid = self.spawn_worker()
        worker = self.WORKERS[pid]
        born, end = worker.tmp.last_update(), time.monotonic() + self.timeout
        while time.monotonic() < end:
            self.reap_workers()
            if pid not in self.WORKERS:
                return False
            if worker.tmp.last_update() != born:  # it notifies us from its loop alone
                return True
            time.sleep(_GLANCE)
        self._end(pid)
        return False

    def _end(self, pid: int) -> None:
        """Kill a worker, and count it no more: for one too many, gunicorn ends the oldest, which answers."""
        self.kill_worker(pid, signal.SIGKILL)
        end = time.monotonic() + _DEATH
        while pid in self.WORKERS and time.monotonic() < end:
            self.reap_workers()
            time.sleep(_GLANCE)
        if stuck := self.WORKERS.pop(pid, None):  # in the kernel, where a signal does not reach it yet
            stuck.tmp.close()
