"""What happens around every request: which call it is, its id, its model, keys, rates, origins, headers, log, count.

A request is decided once, from its target as sent, when its head is there; what decides is what is run.
"""

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from model.scorer import Scorer
from service.access import HEADERS, Keys
from service.champion import Champion
from service.messages import Answer, RequestHead
from service.metrics import Metrics
from service.openapi import CALLS, Call
from service.origins import Origins, is_preflight
from service.problems import NOT_ALLOWED, NOT_FOUND, answer_to, problem
from service.rates import Rates
from service.settings import OFF, Settings

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TARGET = re.compile(r"(?:https?://[^/?#]+)?(?P<path>/[^?#]*)(?:\?.*)?", re.IGNORECASE)  # RFC 9112, 3.2
_HOST = re.compile(r"[^\s/?#@\\,]*")  # one, of the form of RFC 9110, 7.2, and nothing else
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))


@dataclass(slots=True, eq=False)
class Visit:
    """A request on its way: what was decided of it when its head had come."""

    head: RequestHead
    id: str
    scorer: Scorer  # once: an answer never mixes two models
    began: float
    route: str = "none"  # one of our paths; any other may hold anything
    call: Call | None = None  # what to run, once admitted
    client: str = ""  # by whose name the rate is counted, still to be done where it takes a while
    refusal: Answer | None = None
    cors: tuple[tuple[str, str], ...] = ()
    headlines: int = 0


@dataclass(slots=True, frozen=True)
class Asked:
    """An admitted request, whole; only `Edge` makes one."""

    visit: Visit
    body: bytes

    @property
    def head(self) -> RequestHead:
        """Its head."""
        return self.visit.head

    @property
    def scorer(self) -> Scorer:
        """The model that answers it."""
        return self.visit.scorer


Outcome: TypeAlias = Answer | Awaitable[Answer]
View: TypeAlias = Callable[[Asked], Outcome]


class Edge:
    """The service: its views, and what stands before and behind them. For one event loop and its threads."""

    def __init__(
        self,
        views: Mapping[str, View],
        settings: Settings,
        champion: Champion,
        metrics: Metrics,
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.calls, self._close = CALLS, close
        self.max_bytes = settings.max_bytes
        self._views, self._champion, self.metrics = views, champion, metrics
        self._table: dict[str, dict[str, Call]] = {}
        for call in CALLS:
            self._table.setdefault(call.path, {})[call.method] = call
        self._keys = Keys(settings.api_keys, settings.proxies)
        self._origins = Origins(settings.origins)
        self._rates = None if settings.rate_limit == OFF else Rates(settings.rate_limit, settings.redis)
        self._log = structlog.get_logger("broadsheet").bind()

    async def close(self) -> None:
        """End what works for the views."""
        await self._close()

    def begin(self, head: RequestHead) -> Visit:
        """Decide what a request is, from its head alone: which call, and whether it is refused."""
        given = head.header("x-request-id")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        visit = Visit(head, request_id, self._champion.scorer, time.perf_counter())
        visit.refusal = self._refusal(visit)
        return visit

    def answer(self, visit: Visit, body: bytes, fault: Answer | None = None) -> Outcome:
        """Answer a request whose body has come, or came to grief: then `fault` is what it is told."""
        if fault is None and visit.client and self._rates:
            return self._counted(visit, body, self._rates)
        outcome = fault or visit.refusal or self._run(visit, body)
        return self._done(visit, outcome) if isinstance(outcome, Answer) else self._later(visit, outcome)

    def _refusal(self, visit: Visit) -> Answer | None:
        head = visit.head
        sent = _TARGET.fullmatch(head.target)
        calls = self._table.get(sent["path"]) if sent else None
        if sent is None or calls is None:
            return problem("not-found", NOT_FOUND)
        visit.route = sent["path"]
        if not _HOST.fullmatch(head.header("host")) or (head.version != "1.0" and "host" not in head.headers):
            return problem("bad-request", "expected one header Host, the name that the service was called by")
        guarded = any(call.is_guarded for call in calls.values())
        return (self._guard(visit) if guarded else None) or self._choose(visit, calls)

    def _guard(self, visit: Visit) -> Answer | None:
        """Give what answers a caller instead of a guarded call: preflights, wrong keys, too many requests."""
        visit.cors = self._origins.headers(visit.head)
        if is_preflight(visit.head):
            return Answer(204)
        client = self._keys.admit(visit.head)
        if client is None:
            detail = "expected the header Authorization: Bearer <key>, a key of this service"
            return problem("unauthorized", detail, ("WWW-Authenticate", 'Bearer realm="broadsheet"'))
        if self._rates is None:
            return None
        if self._rates.is_shared:
            visit.client = client
            return None
        return self._over_rate(self._rates, self._rates.count(client))

    @staticmethod
    def _over_rate(rates: Rates, wait: int | None) -> Answer | None:
        if wait is None:
            return None
        return problem("too-many-requests", f"over {rates}; see the header Retry-After", ("Retry-After", str(wait)))

    def _choose(self, visit: Visit, calls: Mapping[str, Call]) -> Answer | None:
        method = visit.head.method
        call = calls.get("GET" if method == "HEAD" else method)
        if call is None:
            allowed = ("Allow", ", ".join(sorted({*calls, *(["HEAD"] if "GET" in calls else []), "OPTIONS"})))
            return Answer(200, headers=(allowed,)) if method == "OPTIONS" else self._not_allowed(allowed)
        length = visit.head.header("content-length")
        if length.isdecimal() and int(length) > self.max_bytes:
            return self._too_large()
        visit.call = call
        return None

    @staticmethod
    def _not_allowed(allowed: tuple[str, str]) -> Answer:
        return problem("method-not-allowed", NOT_ALLOWED, allowed)

    def _too_large(self) -> Answer:
        return problem("body-too-large", f"the body must be at most {self.max_bytes} bytes")

    def _run(self, visit: Visit, body: bytes) -> Outcome:
        if visit.call is None:
            raise RuntimeError("a request was neither admitted nor refused")
        if len(body) > self.max_bytes:
            return self._too_large()
        try:
            return self._views[visit.call.name](Asked(visit, body))
        except Exception as error:  # noqa: BLE001  # each has its answer
            return answer_to(error)

    async def _counted(self, visit: Visit, body: bytes, rates: Rates) -> Answer:
        try:
            wait = await rates.count_shared(visit.client)
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is to hear of it
            return self._done(visit, answer_to(error))
        outcome = self._over_rate(rates, wait) or visit.refusal or self._run(visit, body)
        return self._done(visit, outcome) if isinstance(outcome, Answer) else await self._later(visit, outcome)

    async def _later(self, visit: Visit, outcome: Awaitable[Answer]) -> Answer:
        try:
            answer = await outcome
        except Exception as error:  # noqa: BLE001  # each has its answer
            answer = answer_to(error)
        return self._done(visit, answer)

    def _done(self, visit: Visit, answer: Answer) -> Answer:
        """Count and log a request, and give its answer with what stands on every one."""
        seconds = time.perf_counter() - visit.began
        method = visit.head.method if visit.head.method in _METHODS else "other"
        self.metrics.answered(method, visit.route, answer.status, seconds)
        self._log.info(
            "request",
            request_id=visit.id,
            method=method,
            route=visit.route,
            status=answer.status,
            ms=round(1000 * seconds, 3),
            headlines=visit.headlines,
            model=visit.scorer.version,
        )
        own = {name for name, _ in answer.headers}
        common = (header for header in HEADERS if header[0] not in own)
        return answer._replace(headers=(*answer.headers, *common, ("X-Request-ID", visit.id), *visit.cors))
