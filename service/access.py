"""Who may call, and from where: API keys, the origins of pages, and the headers that tell browsers what to allow."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any

GUARDED = "/v1/"
# Anchored: a pattern that is not lets https://news.example.evil.org in for https://news.example.
EXTENSIONS = (r"chrome-extension://[a-p]{32}", r"moz-extension://[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CSP = "Content-Security-Policy"
HEADERS = (
    (CSP, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, X-Request-ID"),
    ("Access-Control-Max-Age", "600"),
)


def digest_of(key: str) -> str:
    """Give the SHA-256 of an API key, as the settings hold it; a key of 256 random bits needs no salt."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Keys:
    """The API keys that open /v1; none: it is open."""

    def __init__(self, digests: Iterable[str]) -> None:
        self._digests = tuple(digests)

    def admit(self, environ: Mapping[str, Any]) -> str | None:
        """Give the name by which a caller's rate is counted: its key's digest, or its address where no key is needed.

        Nothing for a caller without a known key. All keys are compared, so that the time taken tells nothing.
        """
        if not self._digests:
            return str(environ.get("REMOTE_ADDR", ""))
        scheme, _, key = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        given = digest_of(key.strip()) if scheme.lower() == "bearer" else ""
        known = [hmac.compare_digest(given, digest) for digest in self._digests]
        return given if any(known) else None


class Origins:
    """The web origins whose pages may read our answers (the Fetch standard's CORS protocol)."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = re.compile("|".join([*EXTENSIONS, *map(re.escape, allowed)]))

    def headers(self, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Give what an answer tells the browser."""
        if not environ["PATH_INFO"].startswith(GUARDED):
            return []
        origin, vary = environ.get("HTTP_ORIGIN"), ("Vary", "Origin")
        if origin is None or not self._allowed.fullmatch(origin):
            return [vary]
        allowed = [("Access-Control-Allow-Origin", origin), vary]
        if is_preflight(environ):
            return [*allowed, *_PREFLIGHT]
        return [*allowed, ("Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-ID")]


def is_preflight(environ: Mapping[str, Any]) -> bool:
    """Tell the question that a browser asks before a request from another origin."""
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
