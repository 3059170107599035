"""Every error as `application/problem+json` (RFC 9457) with a stable `code`, and nothing of the request in it."""

from http import HTTPStatus

import msgspec
import structlog

from model.errors import BroadsheetError
from service.messages import Answer

# By code, its status and when it is answered.
PROBLEMS = {
    "bad-request": (400, "the request is not HTTP, its chunks are malformed, or it has not one header Host"),
    "broken-json": (400, "the body is not JSON in UTF-8"),
    "broken-encoding": (400, "the body is not what Content-Encoding says, cut off, or has something behind its end"),
    "unauthorized": (401, "no known key in the header Authorization"),
    "not-found": (404, "no such path"),
    "method-not-allowed": (405, "see the header Allow"),
    "request-timeout": (408, "the body did not arrive whole in time"),
    "body-too-large": (413, "the body is larger than is read"),
    "page-too-large": (413, "the page has more of something than is read; the detail names the limit"),
    "page-too-costly": (413, "the page took more of the processor, or of memory, than one request may"),
    "too-many-headlines": (413, "more headlines in a request, or on a page, than one request may have judged"),
    "not-json": (415, "Content-Type is not application/json"),
    "not-a-form": (415, "Content-Type is not application/x-www-form-urlencoded"),
    "unknown-encoding": (415, "Content-Encoding is none that is read; the header Accept-Encoding names those that are"),
    "invalid-body": (422, "a field is missing, unknown or of the wrong type; the detail names it"),
    "bad-page": (422, "the page is neither HTML, a feed, MHTML nor text; the detail names what it is"),
    "bad-headline": (422, "a headline of the page holds half a surrogate pair, which is no Unicode text"),
    "too-many-requests": (429, "over the rate; the header Retry-After says for how many seconds"),
    "internal-error": (500, "our fault"),
    "overloaded": (
        503,
        "too many pages, or large requests, wait for their turn; the header Retry-After says for how many seconds",
    ),
    "not-ready": (503, "the model does not pass its self-test"),
}
PROBLEM = "application/problem+json"
CODINGS = "gzip, deflate"  # of bodies, that are read (RFC 9110, 8.4.1)
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110's names; Python has them since 3.13
NOT_FOUND = "there is nothing at this path; see / for the calls"
NOT_ALLOWED = "this path does not take this method; see the header Allow"
_TOLD = {  # headers by code (RFC 9110, 10.2.3 and 15.5.16)
    "overloaded": (("Retry-After", "1"),),
    "unknown-encoding": (("Accept-Encoding", CODINGS),),
}
_log = structlog.get_logger("broadsheet")


class RequestError(Exception):
    """A request that cannot be answered: a code of `PROBLEMS`, and what was expected."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def require_at_most(most: int, headlines: int) -> None:
    """Raise `RequestError` for more headlines than one request may have judged; nothing is cut silently."""
    if headlines > most:
        raise RequestError("too-many-headlines", f"a request may have at most {most} headlines, got {headlines}")


def problem_body(status: int, code: str, detail: str) -> bytes:
    """Give the body of a problem response."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return msgspec.json.encode(body) + b"\n"


def problem(code: str, detail: str, *headers: tuple[str, str]) -> Answer:
    """Give the answer to what went wrong; `code` is one of `PROBLEMS`."""
    status = PROBLEMS[code][0]
    return Answer(status, problem_body(status, code, detail), (("Content-Type", PROBLEM), *headers))


def answer_to(error: Exception) -> Answer:
    """Answer an error of whatever kind; the one place where errors meet HTTP."""
    if isinstance(error, RequestError):
        return problem(error.code, error.detail, *_TOLD.get(error.code, ()))
    if isinstance(error, BroadsheetError) and error.code in PROBLEMS:
        return problem(error.code, str(error))
    # the type alone: an exception's text may hold a headline
    _log.error("unexpected", error=type(error).__name__)
    return problem("internal-error", "the service failed to answer; the request was not at fault")
