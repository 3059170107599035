"""The one place that decides which call a request is: whatever is asked, a guard ran or no view did."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.artefact import Artefact
from model.scorer import Scorer
from service.access import address_of, digest_of, network_of
from service.champion import Champion
from service.edge import Asked, Edge
from service.messages import Answer, RequestHead
from service.metrics import Metrics
from service.openapi import CALLS
from service.settings import Settings

KEY = "a-key-of-ours"
PATHS = {call.path for call in CALLS}
GUARDED = {"/v1/score", "/v1/page", "/v1/model"}


@dataclass
class Spied:
    """A service whose views do nothing but say that they ran."""

    edge: Edge
    ran: list[Asked] = field(default_factory=list)

    def ask(self, head: RequestHead, body: bytes = b"") -> Answer:
        """Ask it."""

        async def asked() -> Answer:
            outcome = self.edge.answer(self.edge.begin(head), body)
            return outcome if isinstance(outcome, Answer) else await outcome

        return asyncio.run(asked())


Spy = Callable[..., Spied]


@pytest.fixture(scope="module")
def spy(stand_in: Artefact) -> Spy:
    """Make such a service: `spy(api_keys=...)`."""

    def make(**settings: Any) -> Spied:
        ran: list[Asked] = []

        def view(asked: Asked) -> Answer:
            ran.append(asked)
            return Answer(200, b"ran")

        async def close() -> None:
            pass

        views = {call.name: view for call in CALLS}
        champion = Champion(Scorer(stand_in))
        return Spied(Edge(views, Settings(**settings), champion, Metrics(), close), ran)

    return make


PIECES = st.sampled_from(
    (
        "/ // v1 score page model livez metrics %2f %2F %76 1 . .. ; ? # \\ %00 % http:// x V1 SCORE * @ :80 /v1/ "
        "/v1/score a=b é \t"
    ).split(" ")
)
TARGETS = st.one_of(
    st.lists(PIECES, max_size=7).map("".join),
    st.sampled_from(sorted(PATHS)),
    st.tuples(st.sampled_from(sorted(PATHS)), st.lists(PIECES, max_size=3).map("".join)).map("".join),
    st.tuples(st.lists(PIECES, max_size=3).map("".join), st.sampled_from(sorted(PATHS))).map("".join),
    st.text(max_size=20),
)
METHODS = st.one_of(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "CONNECT"]), st.text())
NAMES = (
    "script_name path_info script-name x-original-url x-rewrite-url x-forwarded-prefix x-forwarded-for forwarded host "
    "authorization origin access-control-request-method upgrade"
).split()
VALUES = st.one_of(
    st.sampled_from(
        ["/v1/", "/v1/score", "localhost", "a, b", f"Bearer {KEY}", f"Bearer {KEY}x", "Bearer", "10.0.0.1"]
    ),
    st.text(max_size=10),
)
HEADS = st.builds(
    RequestHead,
    METHODS,
    TARGETS,
    st.dictionaries(st.sampled_from(NAMES), VALUES),
    st.sampled_from(["127.0.0.1", "::1", "192.0.2.1", ""]),
    st.sampled_from(["1.0", "1.1"]),
)


@given(head=HEADS, proxies=st.integers(0, 2))
def test_a_guard_ran_or_no_view_did(spy: Spy, head: RequestHead, proxies: int) -> None:
    """And what ran stands at the path that was sent, to the letter."""
    spied = spy(api_keys=(digest_of(KEY),), rate_limit="off", proxies=proxies)
    answer = spied.ask(head)
    for asked in spied.ran:
        path = asked.visit.route
        assert path in PATHS
        assert path in head.target
        assert asked.visit.call in CALLS
        if path in GUARDED:
            assert head.header("authorization").partition(" ")[2].strip() == KEY
    if not spied.ran:
        assert answer.status in {200, 204, 400, 401, 404, 405}
        assert answer.body != b"ran"


@given(head=HEADS)
def test_what_is_counted_is_what_ran(spy: Spy, head: RequestHead) -> None:
    """With a rate of one a day, a client's second request to any guarded call reaches none."""
    spied = spy(rate_limit="1 per day")
    first = RequestHead("GET", "/v1/model", {"host": "x"}, head.peer)
    assert spied.ask(first).status == 200
    spied.ran.clear()
    spied.ask(head)
    assert not [asked for asked in spied.ran if asked.visit.route in GUARDED]


@pytest.mark.parametrize(
    ("headers", "version", "status"),
    [
        ({}, "1.1", 400),
        ({"host": ""}, "1.1", 200),  # RFC 9112, 3.2: where the target has no authority
        ({"host": "a, b"}, "1.1", 400),
        ({"host": "a b"}, "1.1", 400),
        ({"host": "a/b"}, "1.1", 400),
        ({"host": "user@a"}, "1.1", 400),
        ({"host": "[::1]:8000"}, "1.1", 200),
        ({}, "1.0", 200),
    ],
)
def test_one_host_is_asked_for(spy: Spy, headers: dict[str, str], version: str, status: int) -> None:
    """HTTP/1.1 requires it, and one alone (RFC 9112, 3.2)."""
    assert spy(rate_limit="off").ask(RequestHead("GET", "/livez", headers, "", version)).status == status


def test_what_is_not_there_is_said_before_anything_else(spy: Spy) -> None:
    """Without a look at host, key or method."""
    spied = spy(api_keys=(digest_of(KEY),))
    for head in (RequestHead("GET", "/v1/nothing"), RequestHead("BREW", "/nothing", {"host": "a, b"})):
        answer = spied.ask(head)
        assert (answer.status, json.loads(answer.body)["code"]) == (404, "not-found")


def test_a_verdict_is_kept_by_no_cache(spy: Spy) -> None:
    """Whether it is one or a refusal; `/v1/model` may be kept and asked about."""
    spied = spy(rate_limit="off")
    for path in PATHS | {"/nothing"}:
        method = "POST" if path in {"/v1/score", "/v1/page"} else "GET"
        assert dict(spied.ask(RequestHead(method, path, {"host": "x"})).headers)["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("sent", "proxies", "address"),
    [
        ("", 0, "9.9.9.9"),
        ("1.1.1.1", 0, "9.9.9.9"),
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("1.1.1.1", 2, "9.9.9.9"),
        ("6.6.6.6,, ,1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, ", 1, "9.9.9.9"),
    ],
)
def test_only_our_own_proxies_are_believed(sent: str, proxies: int, address: str) -> None:
    """What stands before their values anybody may have written."""
    assert address_of(RequestHead("GET", "/", {"x-forwarded-for": sent}, "9.9.9.9"), proxies) == address


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("[2001:db8::1]", "2001:0DB8::2", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("unknown:1", "unknown:2", False),
        ("192.0.2.1:4000", "192.0.2.1:4001", True),
        ("192.0.2.1:4000", "192.0.2.1", True),
        ("[2001:db8::1]:443", "2001:db8::2", True),
    ],
)
def test_a_client_of_many_addresses_is_one(one: str, other: str, same: bool) -> None:
    """An IPv6 network of 64 bits is one household's (RFC 6177); an IPv4 address is one's, however it is written."""
    assert (network_of(one) == network_of(other)) is same


def test_an_awaited_view_that_fails_is_answered_too(spy: Spy) -> None:
    """As one that fails at once."""
    spied = spy(rate_limit="off")

    async def fails(_asked: Asked) -> Answer:
        raise RuntimeError("a headline of somebody's")

    def at_once(asked: Asked) -> Awaitable[Answer]:
        raise RuntimeError(asked.head.target)

    for view in (fails, at_once):
        spied.edge._views = {call.name: view for call in CALLS}
        answer = spied.ask(RequestHead("GET", "/livez", {"host": "x"}))
        assert (answer.status, json.loads(answer.body)["code"]) == (500, "internal-error")
