"""Who may call: API keys and clients' addresses; and the headers that keep browsers safe."""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable

from service.messages import RequestHead

CSP = "Content-Security-Policy"
HEADERS = (
    (CSP, "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
_WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):[0-9]+|\[(?P<v6>[^\[\]]*)\](?::[0-9]+)?")
_NETWORK = 64  # bits of an IPv6 address: a household has as many addresses as it likes below them (RFC 6177)


def digest_of(key: str) -> str:
    """Give the SHA-256 of an API key, as the settings hold it; a key of 256 random bits needs no salt."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


class Keys:
    """The API keys that open /v1; none: it is open."""

    def __init__(self, digests: Iterable[str], proxies: int = 0) -> None:
        self._digests, self._proxies = tuple(digests), proxies

    def admit(self, head: RequestHead) -> str | None:
        """Give the name by which a caller's rate is counted: its key's digest, or its network where no key is needed.

        Nothing for a caller without a known key. All keys are compared, so that the time taken tells nothing.
        """
        if not self._digests:
            return network_of(address_of(head, self._proxies))
        scheme, _, key = head.header("authorization").partition(" ")
        given = digest_of(key.strip()) if scheme.lower() == "bearer" else ""
        known = [hmac.compare_digest(given, digest) for digest in self._digests]
        return given if any(known) else None


def address_of(head: RequestHead, proxies: int) -> str:
    """Give a client's address: what the outermost of our proxies says it is, else where the connection comes from.

    Of X-Forwarded-For the last values are our proxies' own, one each; what stands before them anybody may have written.
    """
    if not proxies:
        return head.peer
    named = [value.strip() for value in head.header("x-forwarded-for").split(",")]
    return (named[-proxies] if len(named) >= proxies else "") or head.peer


def network_of(address: str) -> str:
    """Give what one client has to itself: an IPv4 address, or the first 64 bits of an IPv6 one."""
    if with_port := _WITH_PORT.fullmatch(address):
        address = with_port["v4"] or with_port["v6"]
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address)
    except ValueError:  # a proxy may name a client by a word
        return address
    if whole.ipv4_mapped:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Network((whole.packed, _NETWORK), strict=False))
