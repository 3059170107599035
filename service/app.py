"""The HTTP face of Broadsheet: each view parses, calls the model, and answers."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from flask import Flask, Response, g, request

from model.batch import judge_rows
from model.bodies import model_body, page_body
from model.errors import ArtefactError, HeadlineError
from model.pages import read_html, read_text
from model.scorer import Scorer
from model.self_test import require_sound
from service.access import guard
from service.champion import Champion
from service.metrics import Metrics
from service.openapi import CALLS, document
from service.pages import documentation
from service.problems import handle_problems, problem
from service.requests import page_request, require_at_most, score_request, text_of
from service.schemas import Item
from service.settings import Settings
from service.tracing import trace

View = Callable[[], Response]


def create_app(settings: Settings, scorer: Scorer | None = None) -> Flask:
    """Build the service; without `scorer`, serve what the settings name, or raise a `BroadsheetError`."""
    app = Flask("broadsheet", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes
    champion = Champion(scorer) if scorer else Champion.open(settings.model, settings.models)
    metrics = Metrics()
    champion.follow(lambda: metrics.serves(champion))
    trace(app, champion, metrics)
    handle_problems(app)
    guard(app, settings)
    views = {**_judging(settings, metrics), **_telling(champion, metrics), **_describing(settings)}
    for call in CALLS:
        app.add_url_rule(call.path, call.name, views[call.name], methods=[call.method])
    return app


def _judging(settings: Settings, metrics: Metrics) -> dict[str, View]:
    def score() -> Response:
        asked = score_request(request, settings.max_headlines)
        results, judged = _results(g.scorer, asked.headlines, asked.explain)
        return _judged({"model": g.scorer.version, "results": results}, judged, len(results))

    def page() -> Response:
        asked = page_request(request)
        found = read_html(asked.html) if isinstance(asked.html, str) else read_text(str(asked.text))
        require_at_most(settings.max_headlines, len(found))
        judged = g.scorer.judge([one.text for one in found], explain=asked.explain)
        return _judged(page_body(g.scorer.version, found, judged), judged, len(judged))

    def _judged(body: dict[str, Any], judged: Sequence[Any], headlines: int) -> Response:
        g.headlines = headlines
        metrics.judged(request.path, g.scorer, judged, headlines - len(judged))
        return _json(body)

    return {"score": score, "page": page}


def _results(scorer: Scorer, headlines: Sequence[Any], explain: bool) -> tuple[list[dict[str, Any]], list[Any]]:
    """Give what each headline is answered by, in order, and the judgements among them."""
    rows = ({"text": text_of(one)} for one in headlines)
    outcomes = [outcome for _, outcome in judge_rows(scorer, rows, "text", explain=explain)]
    results = [_result(one, outcome) for one, outcome in zip(headlines, outcomes, strict=True)]
    return results, [outcome for outcome in outcomes if not isinstance(outcome, HeadlineError)]


def _result(one: Any, outcome: Any) -> dict[str, Any]:
    named = {"id": one.id} if isinstance(one, Item) and isinstance(one.id, str) else {}
    if isinstance(outcome, HeadlineError):
        return {**named, "error": {"code": outcome.code, "detail": str(outcome)}}
    return {**named, **outcome.as_dict()}


def _telling(champion: Champion, metrics: Metrics) -> dict[str, View]:
    def model() -> Response:
        answer = _json(model_body(g.scorer.artefact, g.scorer.engine))
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)  # in place
        return answer

    def livez() -> Response:
        return _json({"status": "live"})

    def readyz() -> Response:
        try:
            require_sound(g.scorer)
        except ArtefactError as error:
            return problem("not-ready", str(error))
        refused = {"refused": msgspec.to_builtins(champion.refused)} if champion.refused else {}
        return _json({"status": "ready", "model": g.scorer.version, **refused})

    def exposition() -> Response:
        return Response(metrics.exposition(), content_type="text/plain; version=1.0.0; charset=utf-8")

    return {"model": model, "livez": livez, "readyz": readyz, "metrics": exposition}


def _describing(settings: Settings) -> dict[str, View]:
    described = document(settings)

    def index() -> Response:
        calls = [f"{call.method} {call.path}" for call in CALLS]
        return _json({"name": "broadsheet", "model": g.scorer.version, "calls": calls})

    def openapi() -> Response:
        return _json(described)

    def docs() -> Response:
        return documentation(described)

    return {"index": index, "openapi": openapi, "docs": docs}


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body) + b"\n", content_type="application/json")
