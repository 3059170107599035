"""Pages for people: the documentation of the interface, made of the OpenAPI document, without scripts or a network."""

from typing import Any

import msgspec
from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from service.access import CSP

_STYLED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


def documentation(described: dict[str, Any]) -> Response:
    """Give `/docs`."""
    environment = Environment(
        loader=PackageLoader("service", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["json"] = lambda value: msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    page = environment.get_template("docs.html.j2").render(api=described)
    answer = Response(page, content_type="text/html; charset=utf-8")
    answer.headers[CSP] = _STYLED
    return answer
