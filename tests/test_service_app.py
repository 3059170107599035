"""The HTTP API, call by call against the contract files in fixtures/contract, whole bodies.

The contract's model is a stand-in of three words whose figures can be worked out by hand. Both decision functions
begin at -2; `fury` (idf 3) adds 5 to sensational, `secret` (idf 4) 5 to clickbait, `maybe` 2 to sensational, each times
its weight. A word alone weighs 1; `fury` and `secret` together weigh 3/5 and 4/5. So: no word 1/(1+e^2) = 0.1192; fury
1/(1+e^-3) = 0.9526; both 1/(1+e^-1) and 1/(1+e^-2); maybe 1/2. The thresholds are 0.3 and 0.7.
"""

import io
import json
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
import structlog
from werkzeug.test import Client, TestResponse

from broadsheet.shown.programs import page_body
from model.artefact import Artefact, Head
from model.errors import ArtefactError
from model.judgement import AXES, Axis, Judgement, Thresholds
from model.pages import read_html
from model.scorer import Scorer
from model.scoring import engine_name
from model.terms.analyzer import TermSettings
from service.app import create_app
from service.logs import Forwarder, configure
from service.problems import PROBLEMS
from service.settings import Settings
from tests.conftest import client_of

CONTRACT = Path(__file__).parents[1] / "fixtures" / "contract"
CONTRACTS = sorted(set(CONTRACT.glob("*.json")) - {CONTRACT / "terms.json"})  # that one is the analyzer's
LIMITS = Settings(max_headlines=5, max_bytes=2000)  # of the contract
SECRET = "Zyxwvut headline that nobody may repeat"  # noqa: S105  # not a password


def stand_in() -> Artefact:
    """Make the model that the contract files were worked out for."""

    axes = {axis: {"intercept": -2.0, "lower": 0.3, "upper": 0.7} for axis in ("sensational", "clickbait")}
    columns = {"idf": [3, 1, 4], "sensational": [5, 2, 0], "clickbait": [0, 0, 5]}
    heads: dict[Axis, Head] = {axis: Head(-2.0, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
    made = Artefact.of(["fury", "maybe", "secret"], columns, heads, TermSettings())
    manifest = {"schema": 1, "version": made.version, "name": "stand-in", "axes": axes, "files": {}, "sha256": "0" * 64}
    return replace(made, manifest=manifest)


class Broken(Scorer):
    """A scorer that fails on every headline, and whose error holds the headline."""

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:  # noqa: ARG002
        """Fail."""
        raise RuntimeError(f"cannot score {headlines[0]} from /srv/secret/path")

    decision_function = judge  # type: ignore[assignment]


class Lost(Scorer):
    """A scorer whose arrays have gone bad."""

    def decision_function(self, headlines: Sequence[str]) -> npt.NDArray[np.float64]:
        """Give what is no number."""
        return np.full((len(headlines), 2), np.nan)


class Careless(Scorer):
    """A scorer whose numbers are not what its evidence adds up to."""

    def decision_function(self, headlines: Sequence[str]) -> npt.NDArray[np.float64]:
        """Give one more than there is."""
        return super().decision_function(headlines) + 1


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[io.StringIO]:
    """What the service writes for whoever runs it, as `broadsheet serve` sets it up."""
    before = logging.root.level
    stream = io.StringIO()
    configure(stream)
    logging.root.addHandler(caplog.handler)  # which the service's own took the place of
    yield stream
    for handler in logging.root.handlers[:]:
        if isinstance(handler, Forwarder):
            logging.root.removeHandler(handler)
    logging.root.setLevel(before)
    structlog.reset_defaults()


@pytest.fixture
def client(log: io.StringIO) -> Client:  # noqa: ARG001  # set up before the service is
    """A client of the service with the contract's limits and model."""
    return client_of(create_app(LIMITS, Scorer(stand_in())))


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Read what was logged."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def rounded(text: str) -> Any:
    """Read JSON with nine decimals of each number that is no whole one."""
    return json.loads(text, parse_float=lambda number: round(float(number), 9))


@cache
def etag() -> str:
    """Give the ETag that the contract's model comes with."""
    return client_of(create_app(LIMITS, Scorer(stand_in()))).get("/v1/model").headers["ETag"]


def written(contract: Path) -> dict[str, Any]:
    """Read a contract, with what differs from build to build filled in."""
    text = contract.read_text()
    for name, value in {"$version": stand_in().version, "$scorer": engine_name(), "$etag": etag()}.items():
        text = text.replace(name, json.dumps(value)[1:-1])
    return dict(rounded(text))


def call(client: Client, request: dict[str, Any]) -> TestResponse:
    """Send a contract's request."""
    content = json.dumps(request["json"]) if "json" in request else request.get("text")
    kind = request.get("content_type", "application/json" if content is not None else None)
    sent = {"data": content, "content_type": kind, "headers": request.get("headers", {})}
    return client.open(request["path"], method=request["method"], **sent)


def _case(contract: Path) -> Any:
    """Give a case of a contract; pages are read by a process."""
    return pytest.param(contract, id=contract.stem, marks=[pytest.mark.slow] if "page" in contract.stem else [])


@pytest.mark.parametrize("contract", [*map(_case, CONTRACTS)])
@pytest.mark.usefixtures("log")
def test_the_service_keeps_its_contract(contract: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status, content type, the headers named, and the whole body, nothing more and nothing less.

    A contract may have settings of its own, and a request that is made several `times`; the last is answered so.
    """
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)  # a rate's window begins with its first request
    agreed = written(contract)
    client = client_of(create_app(replace(LIMITS, **agreed.get("settings", {})), Scorer(stand_in())))
    answer = [call(client, agreed["request"]) for _ in range(agreed["request"].get("times", 1))][-1]
    expected = agreed["response"]
    assert (rounded(answer.text) if answer.text else None) == expected["body"]
    assert (answer.status_code, answer.content_type) == (expected["status"], expected["content_type"])
    for name, value in expected.get("headers", {}).items():
        assert sorted(answer.headers[name].split(", ")) == sorted(value.split(", "))


def test_every_problem_has_a_contract_of_its_own_form() -> None:
    """Problems of one code have one status and one title, and the status stands in the body."""
    seen: dict[str, tuple[int, str]] = {}
    for path in sorted(CONTRACT.glob("problem_*.json")):
        response = json.loads(path.read_text())["response"]
        body = response["body"]
        assert set(body) == {"type", "title", "status", "code", "detail"}
        assert body["status"] == response["status"]
        assert seen.setdefault(body["code"], (body["status"], body["title"])) == (body["status"], body["title"])
    assert set(PROBLEMS) - set(seen) == {
        "bad-request",  # of what is no HTTP
        "not-a-form",  # is answered with a page: tests/test_service_desk.py
        "page-too-large",  # takes a page that is
        "page-too-costly",  # takes a page that gets round the limits
        "overloaded",  # takes many pages at a time
        "request-timeout",  # takes a client that is slow
        "internal-error",  # takes a broken model, here below
        "not-ready",
    }
    assert {code: PROBLEMS[code][0] for code in seen} == {code: status for code, (status, _) in seen.items()}


def test_a_body_of_a_mebibyte_over_the_limit_is_refused(scorer: Scorer) -> None:
    """With the settings as they come; at the limit itself, the headline's own length is what is wrong."""
    settings = Settings()
    client = client_of(create_app(settings, scorer))

    def post(size: int) -> TestResponse:
        frame = '{"headlines": [""]}'
        body = frame.replace('""', f'"{"x" * (size - len(frame))}"')
        return client.post("/v1/score", data=body, content_type="application/json")

    assert post(settings.max_bytes).status_code == 200
    for size in (settings.max_bytes + 1, settings.max_bytes + 2**20):
        answer = post(size)
        assert (answer.status_code, answer.json["code"] if answer.json else None) == (413, "body-too-large")


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "windows-1251", "utf-16", "nonsense", ""])
def test_the_content_type_may_name_a_character_set(client: Client, charset: str) -> None:
    """`application/json; charset=utf-8` is what many clients send; JSON is UTF-8 whatever it says (RFC 8259, 11)."""
    body, kind = '{"headlines": ["Fury, Žlutý kůň"]}'.encode(), f"application/json; charset={charset}"
    answer = client.post("/v1/score", data=body, content_type=kind)
    assert (answer.status_code, answer.get_json()["results"][0]["headline"]) == (200, "Fury, Žlutý kůň")


def test_letters_come_back_as_they_were_sent(client: Client) -> None:
    """UTF-8 both ways, without escapes; evidence is found behind an emoji as well."""
    headline = "🔥 Žlutý kůň, “Fury”"
    answer = client.post("/v1/score", json={"headlines": [headline], "explain": True})
    (result,) = answer.get_json()["results"]
    assert headline in answer.text
    (span,) = result["evidence"]["spans"]
    assert "Fury" in headline[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("beside", ["Fury", "Fury \\ud83d"])
def test_what_only_some_libraries_take_for_json_is_broken_json(client: Client, number: str, beside: str) -> None:
    """Whether or not half a surrogate pair calls for the slower reader."""
    body = f'{{"headlines": [{number}, "{beside}"]}}'
    answer = client.post("/v1/score", data=body, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "broken-json")


def test_json_without_a_bottom_is_broken_json_however_large() -> None:
    """Brackets that close and brackets that do not, to the largest body that is read."""
    client = client_of(create_app(Settings(), Scorer(stand_in())))
    for depth in (2_000, 2_000_000):
        for body in ("[" * depth, "[" * depth + "]" * depth):
            answer = client.post("/v1/score", data=f'{{"headlines": {body}}}', content_type="application/json")
            assert (answer.status_code, answer.get_json()["code"]) == (400, "broken-json")


@pytest.mark.parametrize("explain", [False, True])
def test_an_answer_is_the_json_of_its_verdicts_however_many(scorer: Scorer, explain: bool) -> None:
    """Though it is written some headlines at a time, and never whole as objects."""
    texts: list[Any] = [f"Fury “{number}” as lamps go … \U0001d54f \x01" for number in range(249)] + [None, " "]
    given = [one if place % 2 else {"id": f"n{place}", "text": one} for place, one in enumerate(texts)]
    answer = client_of(create_app(Settings(), scorer)).post("/v1/score", json={"headlines": given, "explain": explain})
    judged = scorer.judge(texts[:249], explain=explain)
    told = [{"id": f"n{place}"} if place % 2 == 0 else {} for place in range(251)]
    results = [named | one.as_dict() for named, one in zip(told, judged, strict=False)]
    bad = [f"headline must be {form}" for form in ("a string, got NoneType", "1-500 characters, got only white space")]
    results += [told[249 + n] | {"error": {"code": "bad-headline", "detail": one}} for n, one in enumerate(bad)]
    assert answer.data == msgspec.json.encode({"model": scorer.version, "results": results}) + b"\n"


@pytest.mark.parametrize("explain", [False, True])
def test_a_page_is_answered_by_the_json_that_the_command_line_gives(scorer: Scorer, explain: bool) -> None:
    """Letter for letter but for the white space; each verdict says where its headline stands."""
    page = "".join(f"<h2><a href='/a-b-{n}'>Fury as lamp number {n} goes out again</a></h2>" for n in range(250))
    answer = client_of(create_app(Settings(), scorer)).post("/v1/page", json={"html": page, "explain": explain})
    found = read_html(page)
    assert len(found) == 250
    body = page_body(scorer.version, found, scorer.judge([one.text for one in found], explain=explain))
    assert answer.data == msgspec.json.encode(body) + b"\n"


FEED = "<rss><channel><title>Fury of the day</title><item><title>Fury &amp;amp; lamps</title></item></channel></rss>"
MHTML = "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<h1>Fury of two=20lamps</h1>"


@pytest.mark.slow
@pytest.mark.parametrize("field", ["html", "text"])
@pytest.mark.parametrize(
    ("given", "headline", "selector"),
    [(FEED, "Fury & lamps", "rss > channel > item > title"), (MHTML, "Fury of two lamps", "html > body > h1")],
    ids=["feed", "MHTML"],
)
def test_a_feed_or_mhtml_is_a_page_in_either_field(
    client: Client, field: str, given: str, headline: str, selector: str
) -> None:
    """Whoever fetched it does not always know what it is."""
    (result,) = client.post("/v1/page", json={field: given}).get_json()["results"]
    assert (result["headline"], result["where"]["selector"]) == (headline, selector)


MANY = {
    "lists in lists": ("[" * 900 + "]" * 900, 120),
    "objects in items": ('{"text":' + '{"a":' * 700 + "0" + "}" * 701, 150),
    "lists and commas": ("[" + "[]," * 150 + "[]]", 700),
    "brackets that close": ("[]" * 500, 900),
    "texts without commas": ('"a" ' * 300 + ",0", 900),
}


@pytest.mark.parametrize("one", MANY)
def test_a_body_of_far_more_values_than_headlines_is_refused_before_any_is_built(scorer: Scorer, one: str) -> None:
    """However they are put into each other; 100,000 are many more than 1,000 headlines can need."""
    part, count = MANY[one]
    client = client_of(create_app(Settings(), scorer))
    answer = client.post(
        "/v1/score", data=f'{{"headlines": [{",".join([part] * count)}]}}', content_type="application/json"
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too-many-headlines")
    assert "100000 values in all" in answer.get_json()["detail"]


@pytest.mark.parametrize("item", [json.loads("[" * 90 + "]" * 90), {"text": {"[{,": ["]"]}}, "[{," * 100])
def test_lists_and_brackets_within_the_limit_are_answered_in_their_place(scorer: Scorer, item: object) -> None:
    """Brackets within a text are none."""
    client = client_of(create_app(Settings(), scorer))
    answer = client.post("/v1/score", json={"headlines": [item] * 1000})
    assert (answer.status_code, len(answer.get_json()["results"])) == (200, 1000)


def test_json_in_another_encoding_is_broken_json(client: Client) -> None:
    """Latin-1 is not guessed."""
    answer = client.post("/v1/score", data=b'{"headlines": ["Caf\xe9"]}', content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "broken-json")


def test_the_model_is_sent_once(client: Client) -> None:
    """With the ETag that it came with, an unchanged model is answered 304 and no body."""
    first = client.get("/v1/model")
    etag = first.headers["ETag"]
    again = client.get("/v1/model", headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert client.get("/v1/model", headers={"If-None-Match": f'"other", {etag}'}).status_code == 304
    assert client.get("/v1/model", headers={"If-None-Match": '"other"'}).data == first.data


def test_another_model_has_another_etag(client: Client, scorer: Scorer) -> None:
    """A caller that keeps the old one is sent the new one."""
    etag = client.get("/v1/model").headers["ETag"]
    answer = client_of(create_app(Settings(), scorer)).get("/v1/model", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert answer.get_json()["version"] == scorer.version


def test_a_head_request_is_answered_without_a_body(client: Client) -> None:
    """Load balancers ask with HEAD."""
    for path in ("/livez", "/readyz", "/v1/model"):
        answer = client.head(path)
        assert (answer.status_code, answer.data) == (200, b"")


def test_the_service_is_live_but_not_ready_if_its_self_test_fails() -> None:
    """A broken or senseless model takes the process out of rotation, and does not get it killed."""
    for kind, code in ((Broken, 500), (Lost, 503), (Careless, 503)):
        client = client_of(create_app(Settings(), kind(stand_in())))
        assert client.get("/livez").status_code == 200
        answer = client.get("/readyz")
        assert (answer.status_code, answer.content_type) == (code, "application/problem+json")
    assert client.get("/readyz").get_json()["code"] == "not-ready"


def test_a_fault_of_the_service_tells_nothing(log: io.StringIO, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the answer nor the log holds the headline, the error's text, a path or a traceback."""
    caplog.set_level(logging.DEBUG)
    answer = client_of(create_app(Settings(), Broken(stand_in()))).post("/v1/score", json={"headlines": [SECRET]})
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "code": "internal-error",
        "detail": "the service failed to answer; the request was not at fault",
    }
    assert [(line["event"], line.get("error")) for line in lines(log)] == [
        ("unexpected", "RuntimeError"),
        ("request", None),
    ]
    for leak in (SECRET, "cannot score", "/srv/secret", "Traceback", "line "):
        assert leak not in log.getvalue() + caplog.text


LEAKING: list[dict[str, Any]] = [
    {"path": "/v1/score", "text": json.dumps({"headlines": [SECRET]})[:-4]},
    {"path": "/v1/score", "text": SECRET},
    {"path": "/v1/score", "text": SECRET, "content_type": "text/plain"},
    {"path": "/v1/score", "json": {"headlines": SECRET}},
    {"path": "/v1/score", "json": {SECRET: ["Fury"]}},
    {"path": "/v1/score", "json": {"headlines": [{SECRET: "Fury"}]}},
    {"path": "/v1/score", "json": {f"x` - at `$.{SECRET}": ["Fury"]}},
    {"path": "/v1/score", "json": {f"{SECRET} - at `$.": ["Fury"]}},
    {"path": "/v1/score", "json": {f"{SECRET} - at `$.headlines": ["Fury"]}},
    {"path": "/v1/score", "json": {"headlines": [{f"x` - at `$.{SECRET}": "Fury"}]}},
    {"path": "/v1/score", "json": {"headlines": [{"id": [SECRET], "text": "Fury"}]}},
    {"path": "/v1/score", "json": {"headlines": [SECRET], "explain": SECRET}},
    {"path": "/v1/score", "json": {"headlines": [SECRET] * 6}},
    {"path": "/v1/score", "json": {"headlines": [SECRET * 100]}},
    {"path": "/v1/page", "json": {"html": SECRET, "text": SECRET}},
    {"path": "/v1/page", "json": {"text": [SECRET]}},
    {"path": f"/v1/{SECRET}", "json": {}},
    {"path": f"/v1/score?headline={SECRET}", "json": {}},
]


@pytest.mark.parametrize("request_", LEAKING, ids=range(len(LEAKING)))
def test_no_problem_and_no_log_repeats_a_headline(
    client: Client, log: io.StringIO, caplog: pytest.LogCaptureFixture, request_: dict[str, Any]
) -> None:
    """Wherever in a request it stands."""
    caplog.set_level(logging.DEBUG)
    answer = call(client, {"method": "POST", **request_})
    assert 400 <= answer.status_code < 500
    assert "yxwvut" not in answer.text
    assert "yxwvut" not in log.getvalue() + caplog.text
    assert [line["status"] for line in lines(log)] == [answer.status_code]


@pytest.mark.slow
def test_what_is_judged_is_not_logged_either(
    client: Client, log: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    """Good, bad and explained headlines, and pages."""
    caplog.set_level(logging.DEBUG)
    assert client.post("/v1/score", json={"headlines": [SECRET, SECRET * 20], "explain": True}).status_code == 200
    assert client.post("/v1/page", json={"text": f"{SECRET}\n\nRelated\n\n{SECRET} again"}).status_code == 200
    assert "yxwvut" not in log.getvalue() + caplog.text
    assert [line["headlines"] for line in lines(log)] == [2, 2]


def test_calls_do_not_change_one_another(client: Client) -> None:
    """The same question has the same answer, whatever was asked between."""
    asked = {"headlines": ["Fury over secret", "Maybe it rains"], "explain": True}
    before = client.post("/v1/score", json=asked).data
    client.post("/v1/score", json={"headlines": ["Maybe fury, maybe not"]})
    assert client.post("/v1/score", json=asked).data == before


def test_a_damaged_model_stops_the_start(tmp_path: Path) -> None:
    """The app is not built on a model that cannot be read."""
    with pytest.raises(ArtefactError, match=r"must be a model folder with a manifest\.json"):
        create_app(Settings(model=str(tmp_path)))


def test_the_model_that_the_settings_name_is_served(small_model: Path, scorer: Scorer) -> None:
    """Without a scorer, the folder is loaded."""
    client = client_of(create_app(Settings(model=str(small_model))))
    assert client.get("/readyz").get_json() == {"status": "ready", "model": scorer.version}
