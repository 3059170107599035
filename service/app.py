"""The HTTP face of Broadsheet: each view parses, calls the model, and answers."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, TypeAlias

import msgspec
from flask import Flask, Request, Response
from flask.globals import request_ctx
from werkzeug.middleware.proxy_fix import ProxyFix

from model.batch import judge_each
from model.bodies import model_body, page_body
from model.errors import ArtefactError, HeadlineError
from model.judgement import Judgement
from model.pages import read_html, read_text
from model.scorer import Scorer
from model.self_test import require_sound
from service.champion import Champion
from service.edge import ADMITTED, HEADLINES, SCORER, Edge
from service.metrics import Metrics
from service.openapi import CALLS, document
from service.pages import documentation, rendered
from service.problems import handle_problems, problem
from service.requests import page_request, require_at_most, score_request, text_of
from service.schemas import Item
from service.settings import Settings

View: TypeAlias = Callable[[Request, Scorer], Response]


def create_app(settings: Settings, scorer: Scorer | None = None) -> Flask:
    """Build the service; without `scorer`, serve what the settings name, or raise a `BroadsheetError`."""
    app = Flask("broadsheet", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes
    app.url_map.merge_slashes = False  # a path with two is answered 404, not with a redirection to the whole URL
    handle_problems(app)
    champion = Champion(scorer) if scorer else Champion.open(settings.model, settings.models)
    metrics = Metrics()
    champion.follow(lambda: metrics.serves(champion))
    views = {**_judging(settings, metrics), **_telling(champion, metrics), **_describing(settings)}
    for call in CALLS:
        app.add_url_rule(call.path, call.name, partial(_answer, views[call.name]), methods=[call.method])
    edge = Edge(app.wsgi_app, settings, champion, metrics, (call.path for call in CALLS))
    app.wsgi_app = ProxyFix(edge, x_for=settings.proxies) if settings.proxies else edge  # type: ignore[method-assign]
    return app


def _answer(view: View) -> Response:
    asked = request_ctx.request
    if ADMITTED not in asked.environ:
        raise RuntimeError("a request reached a view without passing the edge")
    return view(asked, asked.environ[SCORER])


def _judging(settings: Settings, metrics: Metrics) -> dict[str, View]:
    def score(request: Request, scorer: Scorer) -> Response:
        asked = score_request(request, settings.max_headlines)
        results, judged = _results(scorer, asked.headlines, asked.explain)
        _count(request, scorer, judged, len(results))
        return _json({"model": scorer.version, "results": results})

    def page(request: Request, scorer: Scorer) -> Response:
        asked = page_request(request)
        found = read_html(asked.html) if isinstance(asked.html, str) else read_text(str(asked.text))
        require_at_most(settings.max_headlines, len(found))
        judged = scorer.judge([one.text for one in found], explain=asked.explain)
        _count(request, scorer, judged, len(judged))
        return _json(page_body(scorer.version, found, judged))

    def _count(request: Request, scorer: Scorer, judged: Sequence[Judgement], headlines: int) -> None:
        request.environ[HEADLINES] = headlines
        metrics.judged(request.path, scorer, judged, headlines - len(judged))

    return {"score": score, "page": page}


def _results(scorer: Scorer, headlines: Sequence[Any], explain: bool) -> tuple[list[dict[str, Any]], list[Judgement]]:
    """Give what each headline is answered by, in order, and the judgements among them."""
    outcomes = judge_each(scorer, [text_of(one) for one in headlines], explain=explain)
    results = [_result(one, outcome) for one, outcome in zip(headlines, outcomes, strict=True)]
    return results, [outcome for outcome in outcomes if not isinstance(outcome, HeadlineError)]


def _result(one: Any, outcome: Judgement | HeadlineError) -> dict[str, Any]:
    named = {"id": one.id} if isinstance(one, Item) and isinstance(one.id, str) else {}
    if isinstance(outcome, HeadlineError):
        return {**named, "error": {"code": outcome.code, "detail": str(outcome)}}
    return {**named, **outcome.as_dict()}


def _telling(champion: Champion, metrics: Metrics) -> dict[str, View]:
    def model(request: Request, scorer: Scorer) -> Response:
        answer = _json(model_body(scorer.artefact, scorer.engine))
        answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
        answer.make_conditional(request)  # in place
        return answer

    def livez(_request: Request, _scorer: Scorer) -> Response:
        return _json({"status": "live"})

    def readyz(_request: Request, scorer: Scorer) -> Response:
        try:
            require_sound(scorer)
        except ArtefactError as error:
            return problem("not-ready", str(error))
        refused = {"refused": msgspec.to_builtins(champion.refused)} if champion.refused else {}
        return _json({"status": "ready", "model": scorer.version, **refused})

    def exposition(_request: Request, _scorer: Scorer) -> Response:
        return Response(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")

    return {"model": model, "livez": livez, "readyz": readyz, "metrics": exposition}


def _describing(settings: Settings) -> dict[str, View]:
    described = document(settings)
    page = cache(lambda: rendered(described))  # once, when it is asked for: anybody may ask, at any rate

    def index(_request: Request, scorer: Scorer) -> Response:
        calls = [f"{call.method} {call.path}" for call in CALLS]
        return _json({"name": "broadsheet", "model": scorer.version, "calls": calls})

    def openapi(_request: Request, _scorer: Scorer) -> Response:
        return _json(described)

    def docs(_request: Request, _scorer: Scorer) -> Response:
        return documentation(page())

    return {"index": index, "openapi": openapi, "docs": docs}


def _json(body: dict[str, Any]) -> Response:
    return Response(msgspec.json.encode(body) + b"\n", content_type="application/json")
