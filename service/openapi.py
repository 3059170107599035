"""The OpenAPI 3.1 document: every call, its bodies from the types that validate them, its problems, its limits."""

import re
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import msgspec

from model.terms.cleaning import LONGEST
from service import schemas
from service.messages import JSON
from service.problems import PROBLEM, PROBLEMS, problem_body
from service.settings import OFF, Settings

TEXT, HTML = "text/plain", "text/html"
GUARDED = "/v1/"
_EVERYWHERE = ("bad-request", "internal-error")
_BODY = (
    "broken-json",
    "request-timeout",
    "body-too-large",
    "too-many-headlines",
    "not-json",
    "invalid-body",
)
_LIMITED = ("unauthorized", "too-many-requests")


@dataclass(frozen=True, slots=True)
class Call:
    """One operation: where, what it says of itself, its types, the codes of its problems, an example of its request."""

    method: str
    path: str
    name: str
    says: str
    answer: type | str
    body: type | None = None
    problems: tuple[str, ...] = ()
    examples: dict[str, Any] = field(default_factory=dict)

    @property
    def is_guarded(self) -> bool:
        """Whether it asks for a key, counts against the rate, and answers pages of other origins."""
        return self.path.startswith(GUARDED)


CALLS = (
    Call(
        "POST",
        "/v1/score",
        "score",
        "Judge headlines, in order; a bad one is answered by an error in its place, and the others are judged.",
        schemas.ScoreAnswer,
        schemas.ScoreRequest,
        (*_BODY, *_LIMITED),
        {
            "two": {
                "headlines": ["Bank holds rates", {"id": "a1", "text": "You won't BELIEVE what the bank did next"}]
            },
            "explained": {"headlines": ["Sobbing mum slams WRONG bus"], "explain": True},
        },
    ),
    Call(
        "POST",
        "/v1/page",
        "page",
        "Find the headlines on a saved page, HTML or text, and judge them; nothing is fetched.",
        schemas.PageAnswer,
        schemas.PageRequest,
        (*_BODY, "page-too-large", "page-too-costly", "bad-headline", "overloaded", *_LIMITED),
        {
            "html": {"html": "<h2><a href='/a'>Council opens new library after long delay</a></h2>"},
            "text": {"text": "Council opens new library after long delay\n\nBank holds rates as inflation slows"},
        },
    ),
    Call("GET", "/v1/model", "model", "Tell which model is served; unchanged, 304.", schemas.Model, None, _LIMITED),
    Call("GET", "/livez", "livez", "Say that the process answers.", schemas.Live),
    Call(
        "GET",
        "/readyz",
        "readyz",
        "Say that the model judges: the self-test's headlines are scored each time.",
        schemas.Ready,
        None,
        ("not-ready",),
    ),
    Call("GET", "/metrics", "metrics", "Give all workers' metrics to Prometheus.", TEXT),
    Call("GET", "/openapi.json", "openapi", "Give this document.", JSON),
    Call("GET", "/docs", "docs", "Give this document for people to read.", HTML),
    Call("GET", "/", "index", "Tell what is there.", schemas.Index),
)
_HEADERS = {
    "X-Request-ID": {
        "description": "The request's own, where it had one of up to 64 letters, digits, dots, dashes; else a new one.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 6750.", "schema": {"type": "string"}}}
_ETAG = {"ETag": {"description": "Of the model's summary.", "schema": {"type": "string"}}}


def document(settings: Settings) -> dict[str, Any]:
    """Give the document of a service with these settings."""
    types = [
        schemas.Problem,
        schemas.Judgement,
        schemas.BadItem,
        *{t for call in CALLS for t in (call.answer, call.body) if isinstance(t, type)},
    ]
    types.sort(key=lambda one: one.__name__)
    _, components = msgspec.json.schema_components(types, ref_template=f"{schemas.COMPONENTS}{{name}}")
    components["ScoreRequest"]["properties"]["headlines"]["maxItems"] = settings.max_headlines
    components["PageRequest"]["oneOf"] = [{"required": ["html"]}, {"required": ["text"]}]
    described: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Broadsheet",
            "version": version("broadsheet"),
            "summary": "Tells measured news headlines from sensational and clickbait ones, and says how sure it is.",
            "description": _limits(settings),
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {call.path: {call.method.lower(): _operation(call, settings)} for call in CALLS},
        "components": {"schemas": components},
    }
    if settings.api_keys:
        described["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return described


def _limits(settings: Settings) -> str:
    rate = "any rate" if settings.rate_limit == OFF else settings.rate_limit
    return (
        f"A request may have {settings.max_headlines:,} headlines of {LONGEST} characters each, and "
        f"{settings.max_bytes:,} bytes; requests of one client under /v1: {rate}. "
        "What is over a limit is refused, never cut."
    )


def _operation(call: Call, settings: Settings) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.says,
        "responses": {"200": _success(call), **_problems(call)},
    }
    if call.body:
        examples = {name: {"value": value} for name, value in call.examples.items()}
        content = {JSON: {"schema": _ref(call.body), "examples": examples}}
        described["requestBody"] = {"required": True, "content": content}
    if call.name == "model":
        described["parameters"] = [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}]
        described["responses"]["304"] = {"description": "Unchanged.", "headers": {**_HEADERS, **_ETAG}}
    if settings.api_keys and call.is_guarded:
        described["security"] = [{"key": []}]
    return described


def _success(call: Call) -> dict[str, Any]:
    headers = {**_HEADERS, **(_ETAG if call.name == "model" else {})}
    if isinstance(call.answer, str):
        schema = {"type": "object"} if call.answer == JSON else {"type": "string"}
        return {"description": call.says, "headers": headers, "content": {call.answer: {"schema": schema}}}
    description = re.sub(r"\s+", " ", call.answer.__doc__ or "")
    return {"description": description, "headers": headers, "content": {JSON: {"schema": _ref(call.answer)}}}


def _problems(call: Call) -> dict[str, Any]:
    """Give a response for each status, with an example for each of its codes."""
    codes: dict[int, list[str]] = {}
    for code in (*call.problems, *_EVERYWHERE):
        codes.setdefault(PROBLEMS[code][0], []).append(code)
    return {str(status): _problem(status, of_status) for status, of_status in codes.items()}


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    headers = {**_HEADERS, **(_RETRY if status == 429 else _CHALLENGE if status == 401 else {})}
    examples = {code: {"value": msgspec.json.decode(problem_body(status, code, PROBLEMS[code][1]))} for code in codes}
    content = {PROBLEM: {"schema": _ref(schemas.Problem), "examples": examples}}
    return {"description": "; or ".join(PROBLEMS[code][1] for code in codes), "headers": headers, "content": content}


def _ref(one: type) -> dict[str, str]:
    return {"$ref": f"{schemas.COMPONENTS}{one.__name__}"}
