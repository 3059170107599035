"""What happens to every request: its id, the model that answers it, its line in the log, its place in the metrics."""

import re
import time
import uuid

import structlog
from flask import Flask, Response, g, request

from service.champion import Champion
from service.metrics import Metrics

HEADER = "X-Request-ID"
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def trace(app: Flask, champion: Champion, metrics: Metrics) -> None:
    """Hang the first thing that is done with a request, and the last."""
    log = structlog.get_logger("broadsheet").bind()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        given = request.headers.get(HEADER, "")
        g.request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        g.scorer = champion.scorer
        g.headlines = 0

    @app.after_request
    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.began
        route = request.url_rule.rule if request.url_rule else "none"
        answer.headers[HEADER] = g.request_id
        metrics.answered(request.method, route, answer.status_code, seconds)
        log.info(
            "request",
            request_id=g.request_id,
            method=request.method,
            route=route,
            status=answer.status_code,
            ms=round(1000 * seconds, 3),
            headlines=g.headlines,
            model=g.scorer.version,
        )
        return answer
