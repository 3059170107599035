"""Who may call and from where: keys, the origins of pages, and the headers that stand on every answer."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from model.artefact import Artefact
from model.judgement import Judgement
from model.scorer import Scorer
from service.app import create_app
from service.settings import Settings
from tests.conftest import client_of

KEY, OTHER = "c29tZS1rZXktb2Ytb3Vycw", "YW5vdGhlci1rZXk"
DIGESTS = tuple(hashlib.sha256(key.encode()).hexdigest() for key in (KEY, OTHER))
BODY = {"headlines": ["Fury as lamps go out"]}
OURS = ("https://news.example", "http://localhost:3000")
CHROME, FIREFOX = f"chrome-extension://{'abcdefghijklmnop' * 2}", "moz-extension://01234567-89ab-cdef-0123-456789abcdef"
SAFARI = "safari-web-extension://01234567-89ab-cdef-0123-456789abcdef"
SAFARI_CAPITALS = "safari-web-extension://01234567-89AB-CDEF-0123-456789ABCDEF"
EXTENSIONS = (CHROME, FIREFOX, SAFARI, SAFARI_CAPITALS)
ALLOW = "Access-Control-Allow-Origin"

Make = Callable[..., Client]


class Broken(Scorer):
    """A scorer that fails on every headline."""

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:  # noqa: ARG002
        """Fail."""
        raise RuntimeError(f"cannot score {headlines[0]}")


@pytest.fixture
def service(stand_in: Artefact) -> Make:
    """Make a client of a service: `service(api_keys=DIGESTS)`."""

    def make(kind: type[Scorer] = Scorer, **settings: Any) -> Client:
        return client_of(create_app(Settings(**settings), kind(stand_in)))

    return make


def post(client: Client, **headers: str) -> TestResponse:
    """Ask for a verdict; `X_Y` names the header X-Y."""
    return client.post("/v1/score", json=BODY, headers={name.replace("_", "-"): headers[name] for name in headers})


def words_of(header: str) -> set[str]:
    """Give the names in a header that lists some, in lower case."""
    return {word.strip().lower() for word in header.split(",")}


def test_without_keys_the_service_is_open(service: Make) -> None:
    """Whatever a caller sends as a key."""
    client = service()
    assert post(client).status_code == 200
    assert post(client, Authorization="Bearer anything").status_code == 200


@pytest.mark.parametrize("given", [f"Bearer {KEY}", f"bearer {KEY}", f"BEARER  {KEY} ", f"Bearer {OTHER}"])
def test_each_key_opens_the_service(service: Make, given: str) -> None:
    """The scheme's case and blanks around the key do not matter (RFC 9110, 11.1)."""
    assert post(service(api_keys=DIGESTS), Authorization=given).status_code == 200


WRONG = (
    "",
    "Bearer",
    "Bearer ",
    f"Bearer {KEY}x",
    f"Bearer {KEY[:-1]}",
    f"Bearer {KEY.swapcase()}",
    f"Bearer {DIGESTS[0]}",
    f"Bearer {KEY} {OTHER}",
    f"Bearer {KEY},{OTHER}",
    f"Basic {KEY}",
    f"Bearer:{KEY}",
    KEY,
    "Bearer clé",
    "Bearer \xff\xfe",
    "Bearer " + "x" * 5000,
)


@pytest.mark.parametrize("given", [None, *WRONG], ids=range(len(WRONG) + 1))
def test_any_other_key_is_refused(service: Make, given: str | None) -> None:
    """None, a wrong one, another scheme, letters that no key has: 401, how to ask, and nothing of what was sent."""
    answer = post(service(api_keys=DIGESTS), **({} if given is None else {"Authorization": given}))
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="broadsheet"'
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "code": "unauthorized",
        "detail": "expected the header Authorization: Bearer <key>, a key of this service",
    }


def test_a_key_outside_ascii_opens_nothing_and_breaks_nothing(service: Make) -> None:
    """Its bytes come as Latin-1 through WSGI."""
    client = service(api_keys=DIGESTS)
    assert client.get("/v1/model", environ_overrides={"HTTP_AUTHORIZATION": "Bearer cl\xc3\xa9"}).status_code == 401


def test_keys_guard_every_call_under_v1_and_no_other(service: Make) -> None:
    """Probes and scrapers need none; what there is not is not there for anybody."""
    client = service(api_keys=DIGESTS)
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/"):
        assert client.get(path).status_code == 200
    for method, path in (("GET", "/v1/model"), ("POST", "/v1/page"), ("OPTIONS", "/v1/score")):
        assert client.open(path, method=method).status_code == 401
        assert client.open(path, method=method, headers={"Authorization": f"Bearer {KEY}"}).status_code != 401
    assert client.get("/v1/nothing").status_code == 404


def preflight(client: Client, origin: str, path: str = "/v1/score") -> TestResponse:
    """Ask as a browser does before a request from another origin."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return client.options(path, headers={**headers, "Access-Control-Request-Headers": "authorization,content-type"})


@pytest.mark.parametrize("origin", [*EXTENSIONS, *OURS])
def test_a_preflight_needs_no_key_and_says_what_may_be_sent(service: Make, origin: str) -> None:
    """Browsers send none with it; nor is it counted against a rate."""
    client = service(api_keys=DIGESTS, origins=OURS, rate_limit="1 per minute")
    for _ in range(3):
        answer = preflight(client, origin)
        assert (answer.status_code, answer.data) == (204, b"")
        assert answer.headers[ALLOW] == origin
        assert words_of(answer.headers["Access-Control-Allow-Methods"]) == {"get", "post"}
        assert {"authorization", "content-encoding", "content-type"} <= words_of(
            answer.headers["Access-Control-Allow-Headers"]
        )
        assert 0 < int(answer.headers["Access-Control-Max-Age"]) <= 7200  # the most that Chromium takes
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("origin", [*EXTENSIONS, *OURS])
def test_pages_of_allowed_origins_may_read_answers(service: Make, origin: str) -> None:
    """The origin comes back, never a star, and the headers that a page needs may be read."""
    answer = post(service(origins=OURS), Origin=origin)
    assert (answer.status_code, answer.headers.getlist(ALLOW)) == (200, [origin])
    assert words_of(answer.headers["Access-Control-Expose-Headers"]) == {
        "accept-encoding",
        "etag",
        "retry-after",
        "x-request-id",
    }


HOSTILE = (
    "null",
    "*",
    "",
    "https://evil.example",
    "https://news.example.evil.org",
    "https://evil-news.example",
    "https://evil.org/https://news.example",
    "https://news.example/",
    "https://news.example:8443",
    "https://news.exampl",
    "https://newsxexample",
    "https://NEWS.example",
    "https://news.example@evil.org",
    "https://sub.news.example",
    "http://news.example",
    "http://localhost:30000",
    "http://localhost:300",
    "https://news.example\n",
    "https://news.example\r\nX-Evil: 1",
    "https://news.example, https://evil.org",
    "https://evil.org https://news.example",
    f"{CHROME}x",
    CHROME[:-1],
    f"chrome-extension://{'q' * 32}",
    f"chrome-extension://{'A' * 32}",
    f"chrome-extension://{'a' * 32}.evil.org",
    f"https://evil.org/{CHROME}",
    f"x{CHROME}",
    f"{CHROME}\n",
    FIREFOX.upper(),
    FIREFOX.replace("-", ""),
    f"{FIREFOX}0",
    FIREFOX.replace("moz", "chrome"),
    f"{SAFARI}/",
    f"{SAFARI}:443",
    f"{SAFARI}.evil.org",
    f"https://evil.org/{SAFARI}",
    f"x{SAFARI}",
    SAFARI.upper(),
    SAFARI.replace("ab", "aB"),
    SAFARI.replace("safari-web", "safari"),
    "safari-web-extension://",
    "safari-web-extension://*",
    "safari-web-extension://evil.example",
    SAFARI.replace("-", ""),
)


@pytest.mark.parametrize("origin", HOSTILE, ids=range(len(HOSTILE)))
def test_pages_of_other_origins_may_not(service: Make, origin: str) -> None:
    """What resembles an allowed origin is another one; their preflights get no permission either."""
    client = service(origins=OURS)
    for method, path, more in (
        ("GET", "/v1/model", {}),
        ("OPTIONS", "/v1/score", {"HTTP_ACCESS_CONTROL_REQUEST_METHOD": "POST"}),
    ):
        answer = client.open(path, method=method, environ_overrides={"HTTP_ORIGIN": origin, **more})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]
        assert answer.headers["Vary"] == "Origin"


def test_without_origins_in_the_settings_extensions_alone_may_read(service: Make) -> None:
    """Browser extensions are ours by default; a page is nobody's."""
    client = service()
    for origin in EXTENSIONS:
        assert post(client, Origin=origin).headers[ALLOW] == origin
    for origin in OURS:
        assert ALLOW not in post(client, Origin=origin).headers


def test_caches_keep_answers_apart_by_origin(service: Make) -> None:
    """Every answer under /v1 varies, also the one to a caller without an origin, a 304 and an error."""
    client = service(origins=OURS)
    etag = client.get("/v1/model").headers["ETag"]
    answers = [
        post(client),
        post(client, Origin=OURS[0]),
        preflight(client, OURS[0]),
        client.get("/v1/model", headers={"If-None-Match": etag}),
        client.get("/v1/score"),
        client.post("/v1/score", data="x"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 204, 304, 405, 415]
    assert [answer.headers.get("Vary") for answer in answers] == ["Origin"] * len(answers)


def test_refusals_can_be_read_by_the_page_that_is_refused(service: Make) -> None:
    """A 401 and a 429 carry the origin, so that a page or extension can say what is wrong and wait."""
    unauthorized = post(service(api_keys=DIGESTS), Origin=CHROME)
    client = service(rate_limit="1 per minute")
    post(client)
    limited = post(client, Origin=CHROME)
    for answer, status in ((unauthorized, 401), (limited, 429)):
        assert (answer.status_code, answer.headers[ALLOW], answer.headers["Vary"]) == (status, CHROME, "Origin")
    assert "retry-after" in words_of(limited.headers["Access-Control-Expose-Headers"])


def test_only_v1_is_shared_with_other_origins(service: Make) -> None:
    """Metrics and readiness are none of a page's business."""
    client = service(origins=OURS)
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/", "/nothing"):
        answer = client.get(path, headers={"Origin": OURS[0]})
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


def every_answer(service: Make) -> Iterable[tuple[int, TestResponse]]:
    """Give an answer of each kind, with the status that it must have."""
    client = service(max_bytes=100)
    for path in ("/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/", "/v1/model"):
        yield 200, client.get(path)
    yield 200, post(client)
    yield 204, preflight(client, CHROME)
    yield 404, client.get("/nothing")
    yield 405, client.delete("/v1/score")
    yield 413, client.post("/v1/score", json={"headlines": ["x" * 200]})
    yield 415, client.post("/v1/score", data="x")
    yield 422, client.post("/v1/score", json={})
    yield 401, post(service(api_keys=DIGESTS))
    limited = service(rate_limit="1 per minute")
    yield 200, post(limited)
    yield 429, post(limited)
    yield 500, post(service(Broken))


def test_every_answer_carries_the_security_headers(service: Make) -> None:
    """Nothing may frame, sniff or be run; the documentation alone may style itself."""
    seen = set()
    for status, answer in every_answer(service):
        assert answer.status_code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        styled = {"style-src": "'unsafe-inline'"} if answer.request.path == "/docs" else {}
        locked = dict.fromkeys(("default-src", "frame-ancestors", "base-uri", "form-action"), "'none'")
        assert directives == locked | styled
        seen.add(status)
    assert seen == {200, 204, 401, 404, 405, 413, 415, 422, 429, 500}


@pytest.mark.parametrize("given", ["a", "a1.B_2-c", "0" * 64, "01234567-89ab-cdef-0123-456789abcdef"])
def test_a_well_formed_request_id_comes_back(service: Make, given: str) -> None:
    """On answers and errors alike."""
    client = service()
    assert post(client, X_Request_ID=given).headers.getlist("X-Request-ID") == [given]
    assert client.get("/nothing", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


MALFORMED = ("", " ", "0" * 65, "two words", "a\n", "a\r\nX-Evil: 1", "é", "<script>", "a/b", 'a"b', "a;b", "a\x00")


@pytest.mark.parametrize("given", MALFORMED, ids=range(len(MALFORMED)))
def test_any_other_request_id_is_replaced(service: Make, given: str) -> None:
    """By one of our own, another for each request, so that no header and no line of the log can be made up."""
    client = service()
    answers = [client.get("/livez", environ_overrides={"HTTP_X_REQUEST_ID": given}) for _ in range(2)]
    ids = [answer.headers["X-Request-ID"] for answer in answers]
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)
    assert ids[0] != ids[1]
    assert "X-Evil" not in answers[0].headers


def test_every_answer_has_a_request_id(service: Make) -> None:
    """To be quoted when something is wrong."""
    ids = [answer.headers["X-Request-ID"] for _, answer in every_answer(service)]
    assert len(set(ids)) == len(ids) > 0
