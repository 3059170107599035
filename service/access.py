"""Who may call, how often, and from where: API keys, rates, origins, and the headers that tell browsers what to allow."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from flask import Flask, Request, Response, g, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from service.problems import problem
from service.rates import Rates
from service.settings import OFF, Settings

WSGI: TypeAlias = Callable[..., Iterable[bytes]]

GUARDED = "/v1/"
EXTENSIONS = (r"^chrome-extension://[a-p]{32}$", r"^moz-extension://[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def guard(app: Flask, settings: Settings) -> None:
    """Hang keys, rates, origins and headers before and after the app's views."""
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    if settings.api_keys:
        _require_keys(app, settings.api_keys)
    if settings.rate_limit != OFF:
        _limit_rate(app, settings)
    app.wsgi_app = _adding_headers(app.wsgi_app)  # type: ignore[method-assign]
    CORS(
        app,
        resources={f"{GUARDED}*": {}},
        origins=[*EXTENSIONS, *(f"^{re.escape(origin)}$" for origin in settings.origins)],
        methods=["GET", "POST"],
        allow_headers=["Authorization", "Content-Type", "If-None-Match", "X-Request-ID"],
        expose_headers=["ETag", "Retry-After", "X-Request-ID"],
        max_age=600,
        vary_header=True,
    )


def digest_of(key: str) -> str:
    """Give the SHA-256 of an API key, as the settings hold it; a key of 256 random bits needs no salt."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _require_keys(app: Flask, digests: tuple[str, ...]) -> None:
    @app.before_request
    def require_key() -> Response | None:
        """Answer 401 unless the bearer's key is one of ours; all are compared, so time tells nothing."""
        if not _is_guarded(request):
            return None
        given = digest_of(_bearer(request))
        if sum([hmac.compare_digest(given, digest) for digest in digests]):
            g.client = given
            return None
        answer = problem("unauthorized", "expected the header Authorization: Bearer <key> with a key of this service")
        answer.headers["WWW-Authenticate"] = 'Bearer realm="broadsheet"'
        return answer


def _bearer(asked: Request) -> str:
    scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _limit_rate(app: Flask, settings: Settings) -> None:
    limiter = Rates(settings.rate_limit, settings.redis)

    @app.before_request
    def count() -> Response | None:
        """Answer 429 to a client that asks too often."""
        if not _is_guarded(request):
            return None
        wait = limiter.count(g.get("client") or request.remote_addr or "")
        if wait is None:
            return None
        answer = problem("too-many-requests", f"a client may make {settings.rate_limit}; see the header Retry-After")
        answer.headers["Retry-After"] = str(wait)
        return answer


def _is_guarded(asked: Request) -> bool:
    return asked.path.startswith(GUARDED) and asked.method != "OPTIONS"


def _adding_headers(application: WSGI) -> WSGI:
    """Send `HEADERS` with every answer, unless it has one of its own; around Flask, where it costs the least."""

    def answer(environ: Any, start: Any) -> Iterable[bytes]:
        def start_with_headers(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            own = {name for name, _ in headers}
            return start(status, [*headers, *(item for item in HEADERS.items() if item[0] not in own)], *rest)

        return application(environ, start_with_headers)

    return answer
