"""The OpenAPI document says what the service does: held against its routes, its contract, and a fuzzer."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from model.scorer import Scorer
from model.terms.cleaning import LONGEST
from service.access import CSP, digest_of
from service.app import create_app
from service.openapi import CALLS, document
from service.problems import PROBLEMS
from service.settings import Settings
from tests.conftest import client_of
from tests.servers import free_port

ROOT = Path(__file__).parents[1]
CONTRACT = ROOT / "fixtures" / "contract"
CONTRACTS = sorted(set(CONTRACT.glob("*.json")) - {CONTRACT / "terms.json"})  # that one is the analyzer's
LIMITS = Settings(max_headlines=5, max_bytes=2000)  # of the contract
KEY = "a key of the fuzzer"
PROGRAMS = Path(sys.executable).parent
PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
# All checks are on. One is told that 413 refuses a request as well, which it does not know by itself.
FUZZER = """
[warnings]
fail-on = true
[checks.negative_data_rejection]
expected-statuses = [400, 401, 405, 413, 415, 422]
"""
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def operation(described: dict[str, Any], request: dict[str, Any]) -> dict[str, Any] | None:
    """Give what the document says of a request's call; nothing for a path or method that there is none for."""
    found: dict[str, Any] | None = described["paths"].get(request["path"], {}).get(request["method"].lower())
    return found


def errors_of(described: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """Say how a value breaks one of the document's schemas."""
    whole = {"components": described["components"], **schema}
    return [str(error) for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(value)]


@pytest.mark.parametrize(
    "settings",
    [Settings(), replace(LIMITS, api_keys=(digest_of(KEY),), rate_limit="off")],
    ids=["default", "keys"],
)
def test_the_document_is_openapi(settings: Settings) -> None:
    """Of version 3.1, with every reference resolved."""
    assert [str(error) for error in OpenAPIV31SpecValidator(document(settings)).iter_errors()] == []


def test_the_document_has_every_route_and_no_other(scorer: Scorer) -> None:
    """HEAD comes with GET and OPTIONS with everything, so neither is listed."""
    app = create_app(LIMITS, scorer)
    routes = {(call.path, call.method) for call in app.calls}
    answer = client_of(app).get("/openapi.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    described = answer.get_json()
    assert described == document(LIMITS)
    assert {(path, method.upper()) for path, calls in described["paths"].items() for method in calls} == routes


def test_the_limits_that_are_stated_are_those_of_the_settings() -> None:
    """The number of headlines for programs, all of them for people."""
    settings = Settings(max_headlines=1234, max_bytes=56789, rate_limit="7 per hour")
    described = document(settings)
    headlines = described["components"]["schemas"]["ScoreRequest"]["properties"]["headlines"]
    assert (headlines["minItems"], headlines["maxItems"]) == (1, 1234)
    stated = described["info"]["description"]
    for limit in ("1,234 headlines", f"{LONGEST} characters", "56,789 bytes", "7 per hour"):
        assert limit in stated
    assert "security" not in described["paths"]["/v1/score"]["post"]


def test_calls_that_need_a_key_say_so() -> None:
    """All under /v1 and no other, where the service has keys."""
    described = document(Settings(api_keys=(digest_of(KEY),)))
    guarded = {path for path, calls in described["paths"].items() if any("security" in one for one in calls.values())}
    assert guarded == {"/v1/score", "/v1/page", "/v1/desk", "/v1/model"}
    assert described["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}


def test_every_problem_is_listed_or_belongs_to_no_call() -> None:
    """What is no call's own: a wrong path, a wrong method."""
    listed = {
        code
        for calls in document(Settings())["paths"].values()
        for call in calls.values()
        for response in call["responses"].values()
        for code in response.get("content", {}).get("application/problem+json", {}).get("examples", {})
    }
    assert set(PROBLEMS) - listed == {"not-found", "method-not-allowed"}


def test_examples_are_of_their_schemas() -> None:
    """Those of requests, which people copy, and those of problems."""
    described = document(Settings())
    contents = [
        content
        for calls in described["paths"].values()
        for call in calls.values()
        for part in (call.get("requestBody", {}), *call["responses"].values())
        for content in part.get("content", {}).values()
    ]
    examples = [(one["schema"], each["value"]) for one in contents for each in one.get("examples", {}).values()]
    assert len(examples) > 20
    for schema, value in examples:
        assert errors_of(described, schema, value) == []


def test_the_schemas_tell_right_from_wrong() -> None:
    """A verdict without its label, a number over one, a field of a request that is not there."""
    described = document(LIMITS)
    verdict = {"headline": "a", "label": "measured", "quality": 7, "sensational": 0.5, "clickbait": 0.5}
    verdict |= {"flags": [], "reason": None}
    bad = {"id": "a", "error": {"code": "bad-headline", "detail": "a"}}
    right = {"model": "0123456789ab", "results": [verdict, bad]}
    answer = {"$ref": "#/components/schemas/ScoreAnswer"}
    assert errors_of(described, answer, right) == []
    changes: list[dict[str, object]] = [
        {"quality": 101},
        {"reason": "no idea"},
        {"sensational": 1.1},
        {"flags": ["measured"]},
        {"label": ""},
    ]
    for changed in changes:
        assert errors_of(described, answer, {**right, "results": [verdict | changed]})
    assert errors_of(described, answer, {**right, "results": [{"headline": "a"}]})
    page = {"$ref": "#/components/schemas/PageRequest"}
    assert errors_of(described, page, {"text": "a"}) == []
    wrong: list[dict[str, object]] = [{}, {"text": "a", "html": "a"}, {"text": " \n"}, {"text": "a", "url": "a"}]
    for one in (*wrong, {"text": None}):
        assert errors_of(described, page, one)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda path: path.stem)
def test_what_is_answered_by_contract_is_described(contract: Path) -> None:
    """Status, content type, headers, body and code; a path that there is none for is answered by a problem."""
    agreed = json.loads(contract.read_text().replace("$scorer", "compiled"))
    described = document(replace(LIMITS, **agreed.get("settings", {})))
    answer = agreed["response"]
    call = operation(described, agreed["request"])
    if call is None:
        assert answer["status"] in {404, 405}
        assert errors_of(described, PROBLEM, answer["body"]) == []
        return
    response = call["responses"][str(answer["status"])]
    assert set(answer.get("headers", {})) <= set(response["headers"])
    if answer["body"] is None:
        assert "content" not in response
        return
    content = response["content"][answer["content_type"]]
    assert errors_of(described, content["schema"], answer["body"]) == []
    if answer["content_type"] == "application/problem+json":
        assert answer["body"]["code"] in content["examples"]


@pytest.mark.parametrize(
    "contract", [path for path in CONTRACTS if not path.stem.startswith("problem_")], ids=lambda path: path.stem
)
def test_what_the_contract_accepts_is_described(contract: Path) -> None:
    """Requests that are answered are of the schema of their call."""
    agreed = json.loads(contract.read_text())
    request = agreed["request"]
    described = document(LIMITS)
    call = operation(described, request)
    assert call is not None
    body = request.get("json", json.loads(request["text"]) if "text" in request else None)
    assert ("requestBody" in call) == (body is not None)
    if body is not None:
        assert errors_of(described, call["requestBody"]["content"]["application/json"]["schema"], body) == []


class Page(HTMLParser):
    """What a page consists of: its tags, its attributes, its texts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data

    def all(self, *names: str) -> list[str]:
        """Give the values of attributes."""
        return [value for name, value in self.attributes if name in names]


def test_the_documentation_is_one_page_without_scripts_or_a_network(scorer: Scorer) -> None:
    """It links within itself and to the document, loads nothing, and its policy would let it load nothing."""
    answer = client_of(create_app(LIMITS, scorer)).get("/docs")
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    policy = dict(part.split(" ", 1) for part in answer.headers[CSP].split("; "))
    assert policy.pop("style-src") == "'unsafe-inline'"  # its own, in the page
    assert policy == dict.fromkeys(("default-src", "frame-ancestors", "base-uri", "form-action"), "'none'")
    page = Page(answer.text)
    assert not page.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in {"src", "srcset", "style"}]
    assert not re.search(r"https?:|//|@import|url\(", answer.text)
    anchors = {f"#{one}" for one in page.all("id")}
    assert set(page.all("href")) - anchors == {"openapi.json"}


def test_the_documentation_names_what_there_is(scorer: Scorer) -> None:
    """Every call, every type with its fields, every code of a problem, the limits."""
    text = Page(client_of(create_app(LIMITS, scorer)).get("/docs").text).text
    described = document(LIMITS)
    for call in CALLS:
        assert f"{call.method} {call.path}" in text
        assert call.says in text
    for name, schema in described["components"]["schemas"].items():
        assert name in text
        assert all(field in text for field in schema["properties"])
    assert all(code in text for code in set(PROBLEMS) - {"not-found", "method-not-allowed"})
    assert described["info"]["description"] in text


def table(text: str) -> list[list[str]]:
    """Read the rows of the first table in some Markdown, without its marks of code."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in row.strip("|").split("|")] for row in rows[2:]]


@pytest.fixture(scope="module")
def described_for_people() -> str:
    """The page docs/http.md."""
    return (ROOT / "docs" / "http.md").read_text(encoding="utf-8")


def test_the_page_lists_every_call(described_for_people: str) -> None:
    """In one table, and no other."""
    rows = table(described_for_people.split("## ", maxsplit=1)[0])
    assert sorted(call for row in rows for call in row[0].split(", ")) == sorted(f"{c.method} {c.path}" for c in CALLS)


def test_the_page_lists_every_problem(described_for_people: str) -> None:
    """Status, code and when, in the same words as the OpenAPI document."""
    rows = table(described_for_people.split("<!-- problems -->")[1].split("<!-- /problems -->", maxsplit=1)[0])
    assert rows == [[str(status), code, when] for code, (status, when) in PROBLEMS.items()]


def test_the_page_lists_every_metric(described_for_people: str, scorer: Scorer) -> None:
    """With the labels that it has."""
    client = client_of(create_app(LIMITS, scorer))
    client.post("/v1/score", json={"headlines": ["Council opens library", ""]})
    exposed = client.get("/metrics").text
    metrics = set(re.findall(r"^# TYPE (\S+) (?:counter|histogram|gauge)$", exposed, re.MULTILINE))
    # prometheus_client says besides when each was made
    metrics = {name for name in metrics if not name.endswith("_created")}
    labels = {
        name: set(re.findall(r"(\w+)=\"", "".join(re.findall(rf"^{name}(?:_sum)?{{(.*)}}", exposed, re.MULTILINE))))
        for name in metrics
    }
    rows = table(described_for_people.split("## GET /metrics")[1])
    assert {row[0]: set(filter(None, row[1].split(", "))) for row in rows} == labels


def test_the_page_states_the_limits_of_the_settings(described_for_people: str) -> None:
    """As they come."""
    text = " ".join(described_for_people.split())
    assert Settings().rate_limit == "600 per minute"
    assert Settings().max_bytes == 4 * 2**20
    for limit in (f"{Settings().max_headlines:,} headlines", f"{LONGEST} characters", "600 requests a minute", "4 MiB"):
        assert limit in text


@pytest.fixture
def served(small_model: Path, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The service as it really runs, with keys and a limit of headlines that a fuzzer passes: its address, its log."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")} | {
        "BROADSHEET_MODEL": str(small_model),
        "BROADSHEET_MAX_HEADLINES": "5",
        "BROADSHEET_RATE_LIMIT": "1000000 per minute",
        "BROADSHEET_API_KEYS": digest_of(KEY),
    }
    command = [str(PROGRAMS / "broadsheet"), "serve", "--port", str(port), "--workers", "1"]
    log = tmp_path / "service.log"
    with log.open("wb") as stream, subprocess.Popen(command, stderr=stream, env=environment) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.terminate()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the service listens."""
    end = time.monotonic() + PATIENCE
    while True:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_fuzzer_that_knows_the_document_finds_no_fault(served: tuple[str, Path], tmp_path: Path) -> None:
    """Schemathesis, all of its checks, with requests that keep to the document and requests that do not.

    Every call is made, is answered 200 at times, and never by a fault of the service.
    """
    address, log = served
    (tmp_path / "schemathesis.toml").write_text(FUZZER)
    command = [str(PROGRAMS / "schemathesis"), "run", f"{address}/openapi.json", "--no-color", "--checks", "all"]
    chosen = ["--max-examples", "50", "--seed", "1", "--generation-database", "none"]
    header = ["--header", f"Authorization: Bearer {KEY}"]
    found = subprocess.run(
        [*command, *chosen, *header], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    answered = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    statuses = {(one["route"], one["status"]) for one in answered if one["event"] == "request"}
    assert {route for route, status in statuses if status == 200} == {call.path for call in CALLS}
    assert {("/v1/score", status) for status in (400, 401, 405, 413, 415, 422)} <= statuses
    assert ("/v1/model", 304) in statuses
    assert max(status for _, status in statuses) < 500
    assert {one["event"] for one in answered} <= {"request", "bad request"}  # it tries what is no HTTP, too
