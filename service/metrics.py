"""What Prometheus reads at /metrics: right with several workers, and after one of them has died.

Where PROMETHEUS_MULTIPROC_DIR is set, as `service.server` does, each worker counts in files of its own there and any of
them answers for all; see https://prometheus.github.io/client_python/multiprocess/.
"""

import os
import struct
import time
from collections import Counter as Counted
from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from model.judgement import AXES, Judgement
from model.scorer import Scorer
from service.champion import Champion
from service.settings import METRICS_FOLDER

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 3, 10, 30, 100, 300, 1000, 3000)
_PAUSES = (0.005, 0.02, 0.1)  # seconds, until a worker's file has its length
SAMPLED = 100  # one headline in so many is looked at for words that the model does not know: 50 us each


class Metrics:
    """The service's metrics; threads may share them."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "broadsheet_requests", "Requests answered.", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "broadsheet_request_seconds",
            "From the request's first line to its answer.",
            ["route"],
            buckets=SECONDS,
            registry=registry,
        )
        self._sizes = Histogram(
            "broadsheet_batch_headlines", "Headlines of one request.", ["route"], buckets=SIZES, registry=registry
        )
        self._headlines = Counter(
            "broadsheet_headlines", "Headlines judged, by label and model.", ["label", "model"], registry=registry
        )
        self._bad = Counter("broadsheet_bad_headlines", "Headlines that could not be judged.", registry=registry)
        self._probabilities = Counter(
            "broadsheet_probabilities",
            "Headlines by the tenth (0 to 9) in which a probability lies: its distribution, for drift.",
            ["axis", "tenth"],
            registry=registry,
        )
        self._tokens = Counter(
            "broadsheet_tokens",
            f"Tokens of one headline in {SAMPLED}, by whether the model knows them: out of vocabulary, for drift.",
            ["known"],
            registry=registry,
        )
        self._workers = Gauge(
            "broadsheet_workers",
            "Workers by the model that they serve.",
            ["model"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._refused = Gauge(
            "broadsheet_model_refused",
            "1 where a worker could not take up the store's current version and serves the one before.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._lost = Counter(
            "broadsheet_log_lines_lost",
            "Lines of the log that nobody took in time.",
            registry=registry,
        )
        # the children by their labels: looking them up takes as long as counting
        self._request = cache(self._requests.labels)
        self._second = cache(self._seconds.labels)
        self._size = cache(self._sizes.labels)
        self._headline = cache(self._headlines.labels)
        self._probability = cache(self._probabilities.labels)
        self._serving: str | None = None
        self._seen = 0

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._request(method, route, status).inc()
        self._second(route).observe(seconds)

    def lost_line(self) -> None:
        """Count a line of the log that could not be kept until it was written."""
        self._lost.inc()

    def judged(self, route: str, scorer: Scorer, judged: Sequence[Judgement], bad: int = 0) -> None:
        """Count the headlines of a request."""
        self._size(route).observe(len(judged) + bad)
        if bad:
            self._bad.inc(bad)
        for label, count in _tally([one.label for one in judged]):
            self._headline(label, scorer.version).inc(count)
        for axis in AXES:
            for tenth, count in _tally([min(int(getattr(one, axis) * 10), 9) for one in judged]):
                self._probability(axis, tenth).inc(count)
        first, self._seen = -self._seen % SAMPLED, self._seen + len(judged)  # a lost count between threads is no harm
        for one in judged[first::SAMPLED]:
            known, words, _ = scorer.known_words([one.headline])[0].tolist()
            self._count_tokens(known, words)

    def _count_tokens(self, known: int, tokens: int) -> None:
        self._tokens.labels("true").inc(known)
        self._tokens.labels("false").inc(tokens - known)

    def serves(self, champion: Champion) -> None:
        """Say which model this worker serves, and whether it refused another."""
        version = champion.scorer.version
        if self._serving not in {None, version}:
            self._workers.labels(self._serving).set(0)
        self._workers.labels(version).set(1)
        self._serving = version
        self._refused.set(int(champion.refused is not None))

    def exposition(self) -> bytes:
        """Give all workers' metrics in Prometheus' text format."""
        if METRICS_FOLDER not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        for pause in _PAUSES:
            try:
                return generate_latest(registry)
            except struct.error:  # a worker that starts has made its file and not yet written its length
                time.sleep(pause)
        return generate_latest(registry)


def _tally(values: Sequence[Hashable]) -> Iterable[tuple[Any, int]]:
    """Count equal values; `collections.Counter` takes 4 us before it counts anything, thrice in each request."""
    if len(values) == 1:
        return ((values[0], 1),)
    return Counted(values).items()
