"""The HTTP face of Broadsheet: each view parses, calls the model, and answers."""

import hashlib
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import msgspec

from model.errors import ArtefactError
from model.judgement import Judgement
from model.scorer import Scorer, require_sound
from service.champion import Champion
from service.desk.views import desk_views
from service.edge import Asked, Edge, Outcome, View
from service.messages import JSON, Answer
from service.metrics import Metrics
from service.openapi import ASSETS, CALLS, document
from service.pages import documentation, rendered
from service.problems import problem
from service.reader import Reader
from service.requests import page_request, score_request, text_of
from service.schemas import Item
from service.settings import Settings
from service.verdicts import written
from service.work import Shared, Work

SMALL = 4096  # bytes of a body whose headlines are judged at once: 60 take half a millisecond, a thread 0.1 to reach


def create_app(settings: Settings, scorer: Scorer | None = None) -> Edge:
    """Build the service; without `scorer`, serve what the settings name, or raise a `BroadsheetError`."""
    champion = Champion(scorer) if scorer else Champion.open(settings.model, settings.models)
    metrics, work, reader = Metrics(), Work(settings.threads), Reader()
    champion.follow(lambda: metrics.serves(champion))
    views = {
        **_judging(settings, metrics, work, reader),
        **_telling(champion, metrics, work),
        **_describing(settings, work),
        **desk_views(settings, metrics, work, reader, _index),
    }
    return Edge(views, settings, champion, metrics, reader.close)


def _judging(settings: Settings, metrics: Metrics, work: Work, reader: Reader) -> dict[str, View]:
    def score(asked: Asked) -> Outcome:
        coded = "content-encoding" in asked.head.headers  # what it holds may be large
        small = len(asked.body) <= SMALL and b"explain" not in asked.body and not coded
        return scored(asked) if small else work.run_for_caller(scored, asked)

    def scored(asked: Asked) -> Answer:
        request = score_request(asked.head, asked.body, settings.max_bytes, settings.max_headlines)
        given, explain = request.headlines, request.explain
        judge = partial(asked.scorer.judge_each, explain=explain)
        texts = [text_of(one) for one in given]
        body, judged = written(
            asked.scorer.version, texts, judge, lambda n, said: _named(given[n], said), explain=explain
        )
        _count(asked, judged, len(given))
        return _as_json(body)

    async def page(asked: Asked) -> Answer:
        request = await work.run_for_caller(page_request, asked.head, asked.body, settings.max_bytes)
        if isinstance(request.html, str):
            found = await reader.read("html", request.html, settings.max_headlines)
        else:
            found = await reader.read("text", str(request.text), settings.max_headlines)
        return await work.run(judged_page, asked, found, request.explain)

    def judged_page(asked: Asked, found: Sequence[Any], explain: bool) -> Answer:
        judge = partial(asked.scorer.judge, explain=explain)
        texts = [one.text for one in found]
        body, judged = written(
            asked.scorer.version, texts, judge, lambda n, said: said | found[n].placed(), explain=explain
        )
        _count(asked, judged, len(judged))
        return _as_json(body)

    def _count(asked: Asked, judged: Sequence[Judgement], headlines: int) -> None:
        asked.visit.headlines = headlines
        metrics.judged(asked.visit.route, asked.scorer, judged, headlines - len(judged))

    return {"score": score, "page": page}


def _named(one: Any, said: dict[str, Any]) -> dict[str, Any]:
    return {"id": one.id, **said} if isinstance(one, Item) and isinstance(one.id, str) else said


def _telling(champion: Champion, metrics: Metrics, work: Work) -> dict[str, View]:
    soundness = Shared(lambda scorer: work.run(_unsound, scorer), seconds=1.0)
    counts = Shared(lambda: work.run(metrics.exposition))

    def model(asked: Asked) -> Answer:
        body = _json(asked.scorer.artefact.summary(asked.scorer.engine)).body
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = (("ETag", etag), ("Cache-Control", "no-cache"))  # ask again each time, with the ETag
        if _matches(asked.head.header("if-none-match"), etag):
            return Answer(304, headers=headers)
        return Answer(200, body, (("Content-Type", JSON), *headers))

    def livez(_asked: Asked) -> Answer:
        return _json({"status": "live"})

    async def readyz(asked: Asked) -> Answer:
        if error := await soundness.one(asked.scorer.version, asked.scorer):
            return problem("not-ready", error)
        refused = {"refused": msgspec.to_builtins(champion.refused)} if champion.refused else {}
        return _json({"status": "ready", "model": asked.scorer.version, **refused})

    async def exposition(_asked: Asked) -> Answer:
        body = await counts.one()
        return Answer(200, body, (("Content-Type", "text/plain; version=0.0.4; charset=utf-8"),))

    return {"model": model, "livez": livez, "readyz": readyz, "metrics": exposition}


def _matches(given: str, etag: str) -> bool:
    """Tell whether a caller has what an ETag names, by its header If-None-Match (RFC 9110, 13.1.2)."""
    return given.strip() == "*" or etag in {one.strip().removeprefix("W/") for one in given.split(",")}


def _unsound(scorer: Scorer) -> str | None:
    try:
        require_sound(scorer)
    except ArtefactError as error:
        return str(error)
    return None


def _describing(settings: Settings, work: Work) -> dict[str, View]:
    described = document(settings)
    as_json = _json(described)
    page = cache(lambda: rendered(described))  # once, when it is asked for

    def openapi(_asked: Asked) -> Answer:
        return as_json

    async def docs(_asked: Asked) -> Answer:
        return documentation(await work.run(page))

    return {"openapi": openapi, "docs": docs}


def _index(asked: Asked) -> Answer:
    calls = [f"{call.method} {call.path}" for call in CALLS if call.path not in ASSETS]
    told = _json({"name": "broadsheet", "model": asked.scorer.version, "calls": calls})
    return told._replace(headers=(*told.headers, ("Vary", "Accept")))


def _json(body: dict[str, Any]) -> Answer:
    return _as_json(msgspec.json.encode(body) + b"\n")


def _as_json(body: bytes) -> Answer:
    return Answer(200, body, (("Content-Type", JSON),))
