"""Reads request bodies into typed values, or says what was expected."""

import json
import re
from codecs import BOM_UTF8
from typing import Any, NoReturn, TypeVar

import msgspec

from model.terms.cleaning import HALF
from service.coding import plain_body
from service.messages import JSON, RequestHead
from service.problems import RequestError, require_at_most
from service.schemas import Item, PageRequest, ScoreRequest

_AT, _UNKNOWN = " - at `$", "Object contains unknown field `"  # as msgspec says it
# such as headlines[3].text, and no more: a field's name may hold what looks like the end of msgspec's message
_PLACE = re.compile(r"\.?(?P<where>(?:\.?[A-Za-z_]{1,40}+|\[(?:\d{1,9}+|\.\.\.)\]){1,4}+)`")
_FIELD = re.compile(r"\w{1,40}", re.ASCII)
_MARKED = re.compile(r"`(\w+)`")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)  # of JSON
_NO_MARKS = bytes(set(range(256)).difference(b"[]{},"))
_COMMA = ord(",")
_LISTED = 2  # brackets around a headline
_DEEPEST = 1000  # lists in each other; what reads them gives up about there
_VALUES = 100_000  # of a whole body; of 1,000 headlines with ids there are 4,000
_JSON_TYPES = {"str": "string", "bool": "boolean", "int": "number", "float": "number"}

Body = TypeVar("Body")


def score_request(head: RequestHead, body: bytes, largest: int, most: int) -> ScoreRequest:
    """Read the body of `POST /v1/score`, of at most `largest` bytes and `most` headlines; raise `RequestError`."""
    asked = _read(head, body, ScoreRequest, largest, most)
    require_at_most(most, len(asked.headlines))
    for place, one in enumerate(asked.headlines):
        if isinstance(one, Item) and isinstance(one.id, str) and HALF.search(one.id):
            raise _invalid(f"expected Unicode text, got half a surrogate pair at headlines[{place}].id")
    return asked


def page_request(head: RequestHead, body: bytes, largest: int) -> PageRequest:
    """Read the body of `POST /v1/page`, of at most `largest` bytes; raise `RequestError`."""
    asked = _read(head, body, PageRequest, largest, 1)
    if isinstance(asked.html, str) == isinstance(asked.text, str):
        raise _invalid("expected exactly one of html and text")
    return asked


def _require_few(body: bytes, most: int) -> None:
    """Raise `RequestError` for a body of many more values than may be, before any is built: a million take 150 MB.

    Commas are counted, and brackets that open: lists may stand in each other without a comma. A value has at most two
    strings, itself and its name.
    """
    if body.count(b",") <= most and body.count(b"[") + body.count(b"{") <= _VALUES:
        return
    rest, strings = _STRING.subn(b"", body, 2 * _VALUES + 1)
    if strings > 2 * _VALUES:
        raise _many(most)
    depth = listed = values = 0  # listed: in the lists of the body, or its objects' fields, not what stands in those
    for mark in rest.translate(None, _NO_MARKS):
        if mark in b"]}":
            depth -= 1
            if depth <= 0:  # the end, or that of what is JSON; what reads it stops there
                return
            continue
        values += 1
        if mark == _COMMA:
            listed += depth == _LISTED
        else:
            depth += 1
        if depth > _DEEPEST:
            raise _broken()
        if listed > most or values > _VALUES:
            raise _many(most)


def _many(most: int) -> RequestError:
    detail = f"a request may have at most {most} headlines and {_VALUES} values in all, got many more"
    return RequestError("too-many-headlines", detail)


def _read(head: RequestHead, body: bytes, expected: type[Body], largest: int, most: int) -> Body:
    if head.header("content-type").partition(";")[0].strip().lower() != JSON:
        raise RequestError("not-json", "Content-Type must be application/json")
    body = plain_body(head, body, largest).removeprefix(BOM_UTF8)  # RFC 8259, 8.1
    _require_few(body, most)
    try:
        return _decoded(body, expected)
    except msgspec.ValidationError as error:
        raise _invalid(_reworded(str(error), expected)) from error
    except (ValueError, RecursionError) as error:
        raise _broken() from error


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
    what, _, after = said.rpartition(_AT)
    found = _PLACE.fullmatch(after)
    if not found:
        what = said
    place = f" at {found['where']}" if found else ""
    if what.startswith(_UNKNOWN):
        given = what.removeprefix(_UNKNOWN).removesuffix("`")
        name = f" {given!r}" if _FIELD.fullmatch(given) else ""
        known = msgspec.structs.fields(Item if found else expected)  # items are the only objects within a body
        return f"unknown field{name}{place}; expected {', '.join(field.name for field in known)}"
    what = what.replace("`str` matching regex '\\\\S'", "text that is not blank")
    what = _MARKED.sub(lambda marked: _JSON_TYPES.get(marked[1], marked[1]), what)
    return f"{what[0].lower()}{what[1:]}{place}; see /openapi.json"


def _invalid(detail: str) -> RequestError:
    return RequestError("invalid-body", detail)


def _broken() -> RequestError:
    return RequestError("broken-json", "the body must be JSON in UTF-8")


def text_of(one: Any) -> object:
    """Give what a caller sent as a headline, of whatever type."""
    return one.text if isinstance(one, Item) else one
