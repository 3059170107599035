"""Every error as `application/problem+json` (RFC 9457) with a stable `code`, and nothing of the request in it."""

from http import HTTPStatus

import msgspec
import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from model.errors import BroadsheetError

# By code, its status and when it is answered.
PROBLEMS = {
    "bad-request": (400, "the request is not HTTP, or its chunks are malformed"),
    "broken-json": (400, "the body is not JSON in UTF-8"),
    "unauthorized": (401, "no known key in the header Authorization"),
    "not-found": (404, "no such path"),
    "method-not-allowed": (405, "see the header Allow"),
    "request-timeout": (408, "the body did not arrive whole in time"),
    "body-too-large": (413, "the body is larger than is read"),
    "too-many-headlines": (413, "more headlines in a request, or on a page, than one request may have judged"),
    "not-json": (415, "Content-Type is not application/json"),
    "invalid-body": (422, "a field is missing, unknown or of the wrong type; the detail names it"),
    "bad-headline": (422, "a headline of the page holds half a surrogate pair, which is no Unicode text"),
    "too-many-requests": (429, "over the rate; the header Retry-After says for how many seconds"),
    "internal-error": (500, "our fault"),
    "not-ready": (503, "the model does not pass its self-test"),
}
OF_STATUS = {status: code for code, (status, _) in reversed(PROBLEMS.items())}
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110's names; Python has them since 3.13
DETAILS = {
    404: "there is nothing at this path; see / for the calls",
    405: "this path does not take this method; see the header Allow",
    429: "too many requests; see the header Retry-After",
}
_log = structlog.get_logger("broadsheet")


class RequestError(Exception):
    """A request that cannot be answered: a code of `PROBLEMS`, and what was expected."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def problem_body(status: int, code: str, detail: str) -> bytes:
    """Give the body of a problem response."""
    title = TITLES.get(status) or HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    return msgspec.json.encode(body) + b"\n"


def problem(code: str, detail: str, status: int | None = None) -> Response:
    """Build a problem response."""
    status = status or PROBLEMS[code][0]
    return Response(problem_body(status, code, detail), status, content_type="application/problem+json")


def handle_problems(app: Flask) -> None:
    """Answer each kind of error; the one place where errors meet HTTP."""

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return problem(error.code, error.detail)

    @app.errorhandler(BroadsheetError)
    def unprocessable(error: BroadsheetError) -> Response:
        return problem(error.code, str(error), 422)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        code = OF_STATUS.get(status, "http-error")
        answer = problem(code, DETAILS.get(status, error.description or error.name), status)
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # the type alone: an exception's text may hold a headline
        _log.error("unexpected", error=type(error).__name__)
        return problem("internal-error", "the service failed to answer; the request was not at fault")
