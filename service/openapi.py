"""The OpenAPI 3.1 document: every call, its bodies from the types that validate them, its problems, its limits."""

import re
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import msgspec

from model.terms.cleaning import LONGEST
from service import schemas
from service.messages import JSON
from service.problems import CODINGS, PROBLEM, PROBLEMS, problem_body
from service.settings import OFF, Settings

TEXT, HTML = "text/plain", "text/html"
FORM = "application/x-www-form-urlencoded"
_SCRIPT = "text/javascript"
ASSETS = {  # what the desk's page loads, by path
    "/desk/desk.css": "text/css",
    "/desk/icon.svg": "image/svg+xml",
    **dict.fromkeys((f"/desk/{name}.js" for name in ("asking", "desk", "history", "list", "marks", "pasted")), _SCRIPT),
}
GUARDED = "/v1/"
_EVERYWHERE = ("bad-request", "internal-error")
_ANY_BODY = (
    "broken-encoding",
    "request-timeout",
    "body-too-large",
    "too-many-headlines",
    "unknown-encoding",
    "invalid-body",
)
_BODY = ("broken-json", *_ANY_BODY, "not-json")
_OF_PAGE = ("page-too-large", "page-too-costly", "bad-page", "bad-headline", "overloaded")
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
    takes: str = JSON
    also: str = ""  # a second kind of answer, for who asks for it

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
        "Find the headlines on a saved page or in a feed (RSS, Atom), and judge them; nothing is fetched.",
        schemas.PageAnswer,
        schemas.PageRequest,
        (*_BODY, *_OF_PAGE, *_LIMITED),
        {
            "html": {"html": "<h2><a href='/a'>Council opens new library after long delay</a></h2>"},
            "text": {"text": "Council opens new library after long delay\n\nBank holds rates as inflation slows"},
        },
    ),
    Call(
        "POST",
        "/v1/desk",
        "desk",
        "Give the copy desk's page on what was pasted: a headline, a list, or a page's text or HTML.",
        HTML,
        schemas.DeskForm,
        (*_ANY_BODY, *_OF_PAGE, "not-a-form", *_LIMITED),
        {"one": {"text": "Sobbing mum slams WRONG bus", "kind": "auto", "preset": "standard"}},
        FORM,
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
    Call("GET", "/about", "about", "Tell people about the model: what it learned from, its figures, its limits.", HTML),
    Call(
        "GET", "/", "index", "Tell what is there: programs the calls, browsers the copy desk.", schemas.Index, also=HTML
    ),
    *(
        Call("GET", path, path.rpartition("/")[2].replace(".", "_"), f"Give the copy desk's {path[6:]}.", kind)
        for path, kind in ASSETS.items()
    ),
)
_HEADERS = {
    "X-Request-ID": {
        "description": "The request's own, where it had one of up to 64 letters, digits, dots, dashes; else a new one.",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    }
}
_RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
_CODINGS = {"Accept-Encoding": {"description": "What may be sent (RFC 9110, 12.5.3).", "schema": {"type": "string"}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "RFC 6750.", "schema": {"type": "string"}}}
_OF_STATUS = {401: _CHALLENGE, 415: _CODINGS, 429: _RETRY}
_ETAG = {"ETag": {"description": "Of what is answered.", "schema": {"type": "string"}}}


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
        f"{settings.max_bytes:,} bytes, which may come compressed (Content-Encoding: {CODINGS}); "
        f"requests of one client under /v1: {rate}. "
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
        content = {call.takes: {"schema": _ref(call.body), "examples": examples}}
        described["requestBody"] = {"required": True, "content": content}
    if _has_etag(call):
        described["parameters"] = [{"name": "If-None-Match", "in": "header", "schema": {"type": "string"}}]
        described["responses"]["304"] = {"description": "Unchanged.", "headers": {**_HEADERS, **_ETAG}}
    if settings.api_keys and call.is_guarded:
        described["security"] = [{"key": []}]
    return described


def _success(call: Call) -> dict[str, Any]:
    headers = {**_HEADERS, **(_ETAG if _has_etag(call) else {})}
    if isinstance(call.answer, str):
        schema = {"type": "object"} if call.answer == JSON else {"type": "string"}
        return {"description": call.says, "headers": headers, "content": {call.answer: {"schema": schema}}}
    description = re.sub(r"\s+", " ", call.answer.__doc__ or "")
    also = {call.also: {"schema": {"type": "string"}}} if call.also else {}
    return {"description": description, "headers": headers, "content": {JSON: {"schema": _ref(call.answer)}, **also}}


def _has_etag(call: Call) -> bool:
    return call.name == "model" or call.path in ASSETS


def _problems(call: Call) -> dict[str, Any]:
    """Give a response for each status, with an example for each of its codes."""
    codes: dict[int, list[str]] = {}
    for code in (*call.problems, *_EVERYWHERE):
        codes.setdefault(PROBLEMS[code][0], []).append(code)
    pages = {HTML: {"schema": {"type": "string"}}} if call.answer == HTML and call.body else {}
    return {str(status): _problem(status, of_status, pages) for status, of_status in codes.items()}


def _problem(status: int, codes: list[str], pages: dict[str, Any]) -> dict[str, Any]:
    headers = {**_HEADERS, **_OF_STATUS.get(status, {})}
    examples = {code: {"value": msgspec.json.decode(problem_body(status, code, PROBLEMS[code][1]))} for code in codes}
    content = {PROBLEM: {"schema": _ref(schemas.Problem), "examples": examples}, **pages}
    return {"description": "; or ".join(PROBLEMS[code][1] for code in codes), "headers": headers, "content": content}


def _ref(one: type) -> dict[str, str]:
    return {"$ref": f"{schemas.COMPONENTS}{one.__name__}"}
