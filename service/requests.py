"""Reads request bodies into typed values, or says what was expected."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request
from werkzeug.exceptions import RequestEntityTooLarge

from model.clean import HALF
from service.problems import RequestError

_FIELD = re.compile(r"\w{1,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Item:
    """One headline to judge, of whatever type came, and the caller's id for it."""

    text: object
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ScoreRequest:
    """The body of `POST /v1/score`."""

    items: tuple[Item, ...]
    explain: bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The body of `POST /v1/page`: one of the two is given."""

    html: str | None
    text: str | None
    explain: bool


def score_request(request: Request, most: int) -> ScoreRequest:
    """Read `{"headlines": [...], "explain": false}`; raise `RequestError`."""
    body = _json_object(request, {"headlines", "explain"})
    headlines = body.get("headlines")
    if not isinstance(headlines, list) or not headlines:
        raise _invalid("headlines must be a list of at least one headline")
    require_at_most(most, len(headlines))
    return ScoreRequest(tuple(_item(h, f"headlines[{n}]") for n, h in enumerate(headlines)), _flag(body, "explain"))


def page_request(request: Request) -> PageRequest:
    """Read `{"html": "..."}` or `{"text": "..."}`; raise `RequestError`."""
    body = _json_object(request, {"html", "text", "explain"})
    if len({"html", "text"} & body.keys()) != 1:
        raise _invalid("expected exactly one of html and text")
    page = body.get("html", body.get("text"))
    if not isinstance(page, str) or not page.strip():
        raise _invalid("html or text must be a string that is not blank")
    return PageRequest(body.get("html"), body.get("text"), _flag(body, "explain"))


def require_at_most(most: int, headlines: int) -> None:
    """Raise `RequestError` for more headlines than one request may have judged; nothing is cut silently."""
    if headlines > most:
        raise RequestError(413, "too-many-headlines", f"a request may have at most {most} headlines, got {headlines}")


def _item(value: object, place: str) -> Item:
    """Read a string, or an object with `text` and perhaps `id`; what `text` holds is judged with the others."""
    if not isinstance(value, dict):
        return Item(value)
    _refuse_unknown(value, {"id", "text"}, f"{place}.")
    if "id" in value and (not isinstance(value["id"], str) or HALF.search(value["id"])):
        raise _invalid(f"{place}.id must be a string")
    return Item(value.get("text"), value.get("id"))


def _json_object(request: Request, known: set[str]) -> Mapping[str, Any]:
    if request.mimetype != "application/json":
        raise RequestError(415, "not-json", "Content-Type must be application/json")
    try:
        body = json.loads(request.get_data(cache=False))
    except RequestEntityTooLarge as error:
        detail = f"the body must be at most {request.max_content_length} bytes"
        raise RequestError(413, "body-too-large", detail) from error
    except (ValueError, RecursionError) as error:
        raise RequestError(400, "broken-json", "the body must be JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise _invalid("the body must be a JSON object")
    _refuse_unknown(body, known, "")
    return body


def _refuse_unknown(body: Mapping[str, Any], known: set[str], prefix: str) -> None:
    if unknown := sorted(body.keys() - known):
        name = f" {prefix}{unknown[0]!r}" if _FIELD.fullmatch(unknown[0]) else ""  # anything else may be a headline
        raise _invalid(f"unknown field{name}; expected {', '.join(sorted(known))}")


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _invalid(f"{name} must be true or false")
    return value


def _invalid(detail: str) -> RequestError:
    return RequestError(422, "invalid-body", detail)
