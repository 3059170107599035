"""Every error as `application/problem+json` (RFC 9457) with a stable `code`, and nothing of the request in it."""

import json
import logging
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from model.errors import BroadsheetError

CODES = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    408: "request-timeout",
    413: "body-too-large",
    415: "not-json",
    500: "internal-error",
    503: "not-ready",
}
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # RFC 9110's names; Python has them since 3.13
DETAILS = {
    404: "there is nothing at this path; see / for the calls",
    405: "this path does not take this method; see the header Allow",
}
_log = logging.getLogger("broadsheet.service")


class RequestError(Exception):
    """A request that cannot be answered: its HTTP status, a stable code, and what was expected."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail


def problem(status: int, code: str, detail: str) -> Response:
    """Build a problem response."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(json.dumps(body) + "\n", status, content_type="application/problem+json")


def handle_problems(app: Flask) -> None:
    """Answer each kind of error; the one place where errors meet HTTP."""

    @app.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return problem(error.status, error.code, error.detail)

    @app.errorhandler(BroadsheetError)
    def unprocessable(error: BroadsheetError) -> Response:
        return problem(422, error.code, str(error))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        answer = problem(status, CODES.get(status, "http-error"), DETAILS.get(status, error.description or error.name))
        for name, value in error.get_headers():
            if name.lower() not in {"content-type", "content-length"}:
                answer.headers[name] = value
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        # the type alone: an exception's text may hold a headline
        _log.error("unexpected %s", type(error).__name__)
        return problem(500, "internal-error", "the service failed to answer; the request was not at fault")
