"""What happens around every request: its id, its model, keys, rates, origins, headers, its line in the log, its count.

It stands around Flask and reads the WSGI environment: as hooks within, with Flask-Limiter and Flask-CORS, a request
took 630 microseconds in the application, so 305.
"""

import re
import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import structlog
from flask import Response

from service.access import GUARDED, HEADERS, Keys, Origins, is_preflight
from service.champion import Champion
from service.metrics import Metrics
from service.problems import DETAILS, problem
from service.rates import Rates
from service.settings import OFF, Settings

WSGI: TypeAlias = Callable[..., Iterable[bytes]]
Environ: TypeAlias = dict[str, Any]

# what the environment holds: our model, a count, and that this request passed what guards its call
SCORER, HEADLINES, ADMITTED = "broadsheet.scorer", "broadsheet.headlines", "broadsheet.admitted"
_TARGET = re.compile(r"(?:https?://[^/?#]+)?(?P<path>/[^?#]*)(?:\?.*)?", re.IGNORECASE)  # RFC 9112, 3.2
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Edge:
    """The service around a Flask application; threads share it."""

    def __init__(
        self, application: WSGI, settings: Settings, champion: Champion, metrics: Metrics, routes: Iterable[str]
    ) -> None:
        self._application, self._champion, self._metrics = application, champion, metrics
        self._routes = frozenset(routes)
        self._keys, self._origins = Keys(settings.api_keys), Origins(settings.origins)
        self._rates = None if settings.rate_limit == OFF else Rates(settings.rate_limit, settings.redis)
        self._log = structlog.get_logger("broadsheet").bind()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        began = time.perf_counter()
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        environ[SCORER], environ[HEADLINES] = self._champion.scorer, 0  # once: an answer never mixes two models
        added = [*HEADERS, ("X-Request-ID", request_id), *self._origins.headers(environ)]
        status = 500

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = int(line[:3])
            own = {name for name, _ in headers}
            return start_response(line, [*headers, *(header for header in added if header[0] not in own)], *rest)

        answer = (self._refusal(environ) or self._admitted(environ))(environ, start)
        self._record(environ, request_id, status, time.perf_counter() - began)
        return answer

    def _refusal(self, environ: Environ) -> Response | None:
        """Give what answers a caller instead of the application: other paths, preflights, wrong keys, rates."""
        if self._route(environ) is None:
            return problem("not-found", DETAILS[404])
        if not environ["PATH_INFO"].startswith(GUARDED):
            return None
        if is_preflight(environ):
            return Response(status=204)
        client = self._keys.admit(environ)
        if client is None:
            answer = problem("unauthorized", "expected the header Authorization: Bearer <key>, a key of this service")
            answer.headers["WWW-Authenticate"] = 'Bearer realm="broadsheet"'
            return answer
        if self._rates and (wait := self._rates.count(client)) is not None:
            answer = problem("too-many-requests", f"over {self._rates}; see the header Retry-After")
            answer.headers["Retry-After"] = str(wait)
            return answer
        return None

    def _route(self, environ: Environ) -> str | None:
        """Give which of our paths a request is for, to the letter.

        Flask's router finds a view for `//v1/score` too, and for `/v1/score` below any SCRIPT_NAME, past every guard.
        """
        path, sent = environ["PATH_INFO"], _TARGET.fullmatch(environ["RAW_URI"])
        literal = sent is not None and sent["path"] == path and not environ.get("SCRIPT_NAME")
        return path if literal and path in self._routes else None

    def _admitted(self, environ: Environ) -> WSGI:
        environ[ADMITTED] = True
        return self._application

    def _record(self, environ: Environ, request_id: str, status: int, seconds: float) -> None:
        method = environ["REQUEST_METHOD"]
        method = method if method in _METHODS else "other"
        route = self._route(environ) or "none"  # any other path may hold anything
        self._metrics.answered(method, route, status, seconds)
        self._log.info(
            "request",
            request_id=request_id,
            method=method,
            route=route,
            status=status,
            ms=round(1000 * seconds, 3),
            headlines=environ[HEADLINES],
            model=environ[SCORER].version,
        )


_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"))
