"""Reads request bodies into typed values, or says what was expected."""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec
from flask import Request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from model.clean import HALF
from service.problems import RequestError
from service.schemas import Item, PageRequest, ScoreRequest

_SAID = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_FIELD = re.compile(r"\w{1,40}", re.ASCII)
_MARKED = re.compile(r"`(\w+)`")
_JSON_TYPES = {"str": "string", "bool": "boolean", "int": "number", "float": "number"}

Body = TypeVar("Body")


def score_request(request: Request, most: int) -> ScoreRequest:
    """Read the body of `POST /v1/score`; raise `RequestError`."""
    asked = _body(request, ScoreRequest)
    require_at_most(most, len(asked.headlines))
    for place, one in enumerate(asked.headlines):
        if isinstance(one, Item) and isinstance(one.id, str) and HALF.search(one.id):
            raise _invalid(f"expected Unicode text, got half a surrogate pair at headlines[{place}].id")
    return asked


def page_request(request: Request) -> PageRequest:
    """Read the body of `POST /v1/page`; raise `RequestError`."""
    asked = _body(request, PageRequest)
    if isinstance(asked.html, str) == isinstance(asked.text, str):
        raise _invalid("expected exactly one of html and text")
    return asked


def require_at_most(most: int, headlines: int) -> None:
    """Raise `RequestError` for more headlines than one request may have judged; nothing is cut silently."""
    if headlines > most:
        raise RequestError("too-many-headlines", f"a request may have at most {most} headlines, got {headlines}")


def _body(request: Request, expected: type[Body]) -> Body:
    if request.mimetype != "application/json":
        raise RequestError("not-json", "Content-Type must be application/json")
    try:
        return _decoded(_content(request), expected)
    except msgspec.ValidationError as error:
        raise _invalid(_reworded(str(error), expected)) from error
    except RequestEntityTooLarge as error:
        raise RequestError("body-too-large", f"the body must be at most {request.max_content_length} bytes") from error
    except ClientDisconnected as error:
        raise RequestError("request-timeout", "the body did not arrive whole in time") from error
    except ParseException as error:
        raise RequestError("bad-request", "the body's chunks are malformed") from error
    except (ValueError, RecursionError) as error:
        raise RequestError("broken-json", "the body must be JSON in UTF-8") from error


def _content(request: Request) -> bytes:
    """Read the whole body; what gunicorn gives of one that was cut off looks as if it ended there."""
    content = request.get_data(cache=False)
    if len(content) < (request.content_length or 0):
        raise ClientDisconnected
    return content


def _decoded(body: bytes, expected: type[Body]) -> Body:
    try:
        return msgspec.json.decode(body, type=expected)
    except msgspec.ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError):
        # msgspec refuses a whole body for half a surrogate pair, which one headline may hold
        return msgspec.convert(_LENIENT.decode(body.decode()), expected)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_LENIENT = json.JSONDecoder(parse_constant=_no_number)


def _reworded(said: str, expected: type) -> str:
    """Say what msgspec says in JSON's words, and without the name of a field that may be somebody's headline."""
    found = _SAID.fullmatch(said)
    what, where = (found["what"], found["where"]) if found else (said, None)
    place = f" at {where}" if where else ""
    if unknown := _UNKNOWN.fullmatch(what):
        name = f" {unknown['name']!r}" if _FIELD.fullmatch(unknown["name"]) else ""
        known = msgspec.structs.fields(Item if where else expected)  # items are the only objects within a body
        return f"unknown field{name}{place}; expected {', '.join(field.name for field in known)}"
    what = what.replace("`str` matching regex '\\\\S'", "text that is not blank")
    what = _MARKED.sub(lambda marked: _JSON_TYPES.get(marked[1], marked[1]), what)
    return f"{what[0].lower()}{what[1:]}{place}; see /openapi.json"


def _invalid(detail: str) -> RequestError:
    return RequestError("invalid-body", detail)


def text_of(one: Any) -> object:
    """Give what a caller sent as a headline, of whatever type."""
    return one.text if isinstance(one, Item) else one
