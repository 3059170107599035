"""The origins of pages: which one a browser would send, and which may read our answers (the Fetch standard's CORS).

A browser sends one spelling of each (https://url.spec.whatwg.org/#origin): a setting in another one would never hold.
"""

import ipaddress
import re
from collections.abc import Iterable

from service.messages import RequestHead

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Anchored: a pattern that is not lets https://news.example.evil.org in for https://news.example. Firefox makes a new
# UUID at each installation, Safari at each start, so that nobody is tracked by it: a scheme is all that can be allowed.
# Safari's is written in capitals where it is an address, in small letters where WebKit makes an origin of that.
EXTENSIONS = (
    r"chrome-extension://[a-p]{32}",
    rf"moz-extension://{_UUID}",
    rf"safari-web-extension://(?:{_UUID}|{_UUID.replace('a-f', 'A-F')})",
)
FORM = "origins as browsers send them, such as https://news.example"
_EXTENSION = re.compile("|".join(EXTENSIONS))
_PARTS = re.compile(r"(?P<scheme>https?)://(?P<host>\[[^\[\]]*\]|[^\[\]:/?#@\\]+)(?::(?P<port>[0-9]*))?", re.IGNORECASE)
_OWN_PORT = {"http": "80", "https": "443"}
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a host whose last label is one is an IPv4 address
_PREFLIGHT = (
    ("Access-Control-Allow-Methods", "GET, POST"),
    (
        "Access-Control-Allow-Headers",
        "Authorization, Content-Encoding, Content-Type, If-None-Match, X-Request-ID",
    ),
    ("Access-Control-Max-Age", "600"),
)
_EXPOSED = ("Access-Control-Expose-Headers", "Accept-Encoding, ETag, Retry-After, X-Request-ID")
_VARY = ("Vary", "Origin")


class Origins:
    """The web origins whose pages may read our answers."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = re.compile("|".join([*EXTENSIONS, *map(re.escape, allowed)]))

    def headers(self, head: RequestHead) -> tuple[tuple[str, str], ...]:
        """Give what the answer of a guarded call tells the browser."""
        origin = head.headers.get("origin")
        if origin is None or not self._allowed.fullmatch(origin):
            return (_VARY,)
        allowed = ("Access-Control-Allow-Origin", origin)
        return (allowed, _VARY, *_PREFLIGHT) if is_preflight(head) else (allowed, _VARY, _EXPOSED)


def is_preflight(head: RequestHead) -> bool:
    """Tell the question that a browser asks before a request from another origin."""
    return head.method == "OPTIONS" and "access-control-request-method" in head.headers


def objection(origin: str) -> str:
    """Say why no browser sends an origin, or nothing where one does."""
    if _EXTENSION.fullmatch(origin):
        return ""
    parts = _PARTS.fullmatch(origin)
    if not parts:
        return _misshapen(origin)
    scheme, host, port = parts["scheme"], parts["host"], parts["port"]
    if scheme != scheme.lower() or host != host.lower():
        return "browsers write it in small letters"
    return _odd_port(scheme, port) or (_odd_address(host) if host[0] == "[" else _odd_name(host))


def _misshapen(origin: str) -> str:
    scheme, separator, rest = origin.partition("://")
    if scheme.lower().endswith("-extension"):
        return "an extension needs no entry; its origin is its scheme and its id"
    if not separator or scheme.lower() not in _OWN_PORT:
        return "it begins with http:// or https://"
    if "@" in rest:
        return "browsers leave out a user"
    return "it ends with the host, or a port" if re.search(r"[/?#\\]", rest) else "it has one host, and no *"


def _odd_port(scheme: str, port: str | None) -> str:
    if port is None:
        return ""
    if port == _OWN_PORT[scheme]:
        return f"browsers leave out {scheme}'s own port, {port}"
    is_plain = port.isdecimal() and len(port) <= 5 and port == str(int(port)) and 0 < int(port) < 2**16
    return "" if is_plain else "a port is a number from 1 to 65535"


def _odd_name(host: str) -> str:
    if not host.isascii():
        return "browsers write a host in punycode, as xn--..."
    labels = host.removesuffix(".").split(".")
    if not all(map(_LABEL.fullmatch, labels)):
        return "a host is letters, digits, - and _ between dots"
    if not _NUMBER.fullmatch(labels[-1]):
        return ""
    try:
        return "" if str(ipaddress.IPv4Address(host)) == host else "browsers write an address as 127.0.0.1"
    except ValueError:
        return "browsers write an address as 127.0.0.1"


def _odd_address(host: str) -> str:
    try:
        address = ipaddress.IPv6Address(host[1:-1].replace("%", "/"))  # a zone is none of an origin's
    except ValueError:
        return "browsers write an address as [2001:db8::1]"
    low = int(address) & 0xFFFFFFFF  # Python 3.13 writes it with dots
    mapped = f"::ffff:{low >> 16:x}:{low & 0xFFFF:x}"
    written = mapped if address.ipv4_mapped else address.compressed
    return "" if host == f"[{written}]" else f"browsers write it [{written}]"
