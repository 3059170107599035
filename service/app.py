"""The HTTP face of Broadsheet: each view parses, calls the model, and answers."""

import hashlib
import json
from typing import Any

import numpy as np
from flask import Flask, Response, request

from model.batch import judge_rows
from model.bodies import model_body, page_body
from model.errors import HeadlineError
from model.pages import read_html, read_text
from model.scorer import Scorer
from service.problems import handle_problems, problem
from service.requests import Item, page_request, require_at_most, score_request
from service.settings import Settings

SELF_TEST = "Council approves budget for new library"


def create_app(settings: Settings, scorer: Scorer | None = None) -> Flask:
    """Build the service; without `scorer`, load the model that the settings name, or raise `ArtefactError`."""
    app = Flask("broadsheet", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_bytes
    handle_problems(app)
    _add_score(app, settings, scorer := scorer or Scorer.load(settings.model))
    _add_page(app, settings, scorer)
    _add_model(app, scorer)
    _add_health(app, scorer)
    return app


def _add_score(app: Flask, settings: Settings, scorer: Scorer) -> None:
    @app.post("/v1/score")
    def score() -> Response:
        """Judge a batch of headlines, in order; a bad one is answered by an error in its place."""
        asked = score_request(request, settings.max_headlines)
        return _json({"model": scorer.version, "results": _results(scorer, asked.items, asked.explain)})


def _add_page(app: Flask, settings: Settings, scorer: Scorer) -> None:
    @app.post("/v1/page")
    def page() -> Response:
        """Judge every headline on a saved page; nothing is fetched."""
        asked = page_request(request)
        found = read_html(asked.html) if asked.html is not None else read_text(asked.text or "")
        require_at_most(settings.max_headlines, len(found))
        judged = scorer.judge([one.text for one in found], explain=asked.explain)
        return _json(page_body(scorer.version, found, judged))


def _add_model(app: Flask, scorer: Scorer) -> None:
    body = json.dumps(model_body(scorer.artefact, scorer.engine), ensure_ascii=False) + "\n"
    etag = hashlib.sha256(body.encode()).hexdigest()[:32]

    @app.get("/v1/model")
    def model() -> Response:
        """Tell which model is served; unchanged, 304 for its ETag."""
        answer = Response(body, content_type="application/json")
        answer.set_etag(etag)
        answer.make_conditional(request)  # in place
        return answer


def _add_health(app: Flask, scorer: Scorer) -> None:
    calls = sorted(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in {"GET", "POST"}.intersection(rule.methods or ())
    )

    @app.get("/")
    def index() -> Response:
        """Tell a person who opens the address what is there."""
        return _json({"name": "broadsheet", "model": scorer.version, "calls": [*calls, "GET /livez", "GET /readyz"]})

    @app.get("/livez")
    def livez() -> Response:
        """Say that the process answers."""
        return _json({"status": "live"})

    @app.get("/readyz")
    def readyz() -> Response:
        """Say that the model judges: a self-test headline is scored each time."""
        if not np.isfinite(scorer.predict_proba([SELF_TEST])).all():
            return problem(503, "not-ready", "the model does not pass its self-test")
        return _json({"status": "ready", "model": scorer.version})


def _results(scorer: Scorer, items: tuple[Item, ...], explain: bool) -> list[dict[str, Any]]:
    judged = judge_rows(scorer, ({"text": item.text} for item in items), "text", explain=explain)
    return [_result(item, outcome) for item, (_, outcome) in zip(items, judged, strict=True)]


def _result(item: Item, outcome: Any) -> dict[str, Any]:
    named = {} if item.id is None else {"id": item.id}
    if isinstance(outcome, HeadlineError):
        return {**named, "error": {"code": outcome.code, "detail": str(outcome)}}
    return {**named, **outcome.as_dict()}


def _json(body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False) + "\n", content_type="application/json")
