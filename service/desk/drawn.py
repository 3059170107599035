"""Draws the desk: its pages from templates, and the files that they load, all of them our own."""

import hashlib
import math
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from model.judgement import AXES
from model.terms.cleaning import LONGEST
from service.access import CSP
from service.messages import Answer, RequestHead
from service.openapi import ASSETS

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_PAGE = (("Content-Type", "text/html; charset=utf-8"), (CSP, _POLICY), ("Vary", "Accept"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("service.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"stretched": stretched, "percent": percent, "signed": "{:+.1f}".format, "bare": bare}
    environment.globals |= {"axes": AXES, "longest": LONGEST}
    return environment


def stretched(probability: float) -> float:
    """Give a probability's place on the bar, 0 to 100: its root, since what decides lies below .1."""
    return round(100 * math.sqrt(probability), 2)


def percent(share: float) -> str:
    """Give a share as people read it."""
    return "under 1 %" if 0 < share < 0.01 else "over 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def bare(text: str) -> str:
    """Give words without the quotation marks around them, since they are shown in others."""
    return text.strip("'\"‘’“”") or text


def page(template: str, status: int = 200, headers: tuple[tuple[str, str], ...] = (), **values: Any) -> Answer:
    """Draw a page; whatever is put in is text there."""
    drawn = _environment().get_template(template).render(**values)
    return Answer(status, drawn.encode(), (*_PAGE, *headers))


@cache
def _assets() -> dict[str, Answer]:
    folder = files("service.desk") / "static"
    return {path: _asset((folder / path.rpartition("/")[2]).read_bytes(), kind) for path, kind in ASSETS.items()}


def _asset(content: bytes, kind: str) -> Answer:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = (("Content-Type", f"{kind}; charset=utf-8"), ("ETag", etag), ("Cache-Control", "no-cache"))
    return Answer(200, content, headers)


def asset(path: str, head: RequestHead) -> Answer:
    """Give one of the files by its path, or say that it is unchanged."""
    found = _assets()[path]
    is_known = (found.header("ETag") or "-") in head.header("if-none-match")
    return found._replace(status=304, body=b"", headers=found.headers[1:]) if is_known else found


def prefers_html(accept: str) -> bool:
    """Tell whether a header Accept (RFC 9110, 12.5.1) asks for a page rather than JSON; who names neither gets JSON."""
    named = {kind: q for kind, q in map(_weighed, accept.split(",")) if kind}
    return named.get("text/html", 0.0) > named.get("application/json", 0.0)


def _weighed(part: str) -> tuple[str, float]:
    kind, *parameters = (one.strip().lower() for one in part.split(";"))
    weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    try:
        return kind, float(weight)
    except ValueError:
        return kind, 0.0
