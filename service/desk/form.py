"""The desk's form as a browser posts it: `application/x-www-form-urlencoded`, fields that are known."""

from urllib.parse import parse_qsl

import msgspec

from service.coding import plain_body
from service.messages import RequestHead
from service.openapi import FORM
from service.problems import RequestError
from service.schemas import DeskForm

_FIELDS = ("text", "kind", "preset")
_FORM = f"a form with {', '.join(_FIELDS)}, each at most once"


def desk_form(head: RequestHead, body: bytes, largest: int) -> DeskForm:
    """Read the body of `POST /v1/desk`; raise `RequestError`."""
    if head.header("content-type").partition(";")[0].strip().lower() != FORM:
        raise RequestError("not-a-form", f"Content-Type must be {FORM}")
    sent = plain_body(head, body, largest)
    try:
        fields = parse_qsl(sent.decode("ascii"), keep_blank_values=True, max_num_fields=len(_FIELDS), errors="replace")
        if len(dict(fields)) < len(fields):
            raise RequestError("invalid-body", f"expected {_FORM}")
        return msgspec.convert(dict(fields), DeskForm)
    except (ValueError, msgspec.ValidationError) as error:
        raise RequestError("invalid-body", f"expected {_FORM}; see /openapi.json") from error
