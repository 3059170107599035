"""What is counted is what happened, worked out by hand, and stays so with several workers of which one dies.

The model is the stand-in of `conftest`. Its probabilities: no word 1/(1+e^2) = 0.12; `fury` alone 1/(1+e^-3) = 0.95 on
sensational, as `secret` alone on clickbait; both 1/(1+e^-1) = 0.73 on sensational and 1/(1+e^-2) = 0.88 on clickbait;
`maybe` 1/2 on sensational.
"""

import http.client
import os
import signal
import struct
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from model.artefact import Artefact
from model.scorer import Scorer
from model.store import Store
from service.app import create_app
from service.champion import Champion
from service.metrics import SAMPLED, Metrics
from service.settings import Settings
from tests.conftest import client_of

# label: measured, sensational, clickbait, clickbait, uncertain
BATCH = ["Fury over secret", "Lamps lit", "Fury", "Secret", "Maybe"]

Make = Callable[..., Path]
Start = Callable[..., Any]
Samples: TypeAlias = dict[tuple[str, ...], float]


@pytest.fixture
def client(stand_in: Artefact) -> Client:
    """A client of a service that has counted nothing yet."""
    return client_of(create_app(Settings(rate_limit="off", max_headlines=1000), Scorer(stand_in)))


def parsed(exposition: str) -> Samples:
    """Give each sample by its name and the values of its labels, in the order of their names; none stands twice."""
    found: Samples = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            key = (sample.name, *(sample.labels[name] for name in sorted(sample.labels)))
            assert key not in found
            found[key] = sample.value
    return found


def scrape(client: Client) -> Samples:
    """Read what is counted, but for the times at which counting began."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    return {key: value for key, value in parsed(answer.text).items() if not key[0].endswith("_created")}


def named(samples: Samples, name: str) -> dict[tuple[str, ...], float]:
    """Give the samples of one name by their labels' values."""
    return {key[1:]: value for key, value in samples.items() if key[0] == name}


def score(client: Client, headlines: list[Any]) -> None:
    """Have headlines judged."""
    assert client.post("/v1/score", json={"headlines": headlines}).status_code == 200


def test_nothing_is_counted_before_a_request(client: Client, stand_in: Artefact) -> None:
    """But for the worker and its model, and that nothing was refused."""
    samples = scrape(client)
    assert named(samples, "broadsheet_workers") == {(stand_in.version,): 1}
    assert named(samples, "broadsheet_model_refused") == {(): 0}
    assert not any(value for key, value in samples.items() if key[0] != "broadsheet_workers")


def test_labels_and_bad_headlines_are_counted(client: Client, stand_in: Artefact) -> None:
    """Of two requests; a bad headline has no label and no probability."""
    score(client, [*BATCH, "", 5])
    score(client, ["Lamps", None])
    samples, version = scrape(client), stand_in.version
    assert named(samples, "broadsheet_headlines_total") == {
        ("measured", version): 2,
        ("uncertain", version): 1,
        ("sensational", version): 1,
        ("clickbait", version): 2,
    }
    assert named(samples, "broadsheet_bad_headlines_total") == {(): 3}


def test_probabilities_are_counted_by_tenths(client: Client) -> None:
    """Each headline once on each axis."""
    score(client, [*BATCH, ""])
    assert named(scrape(client), "broadsheet_probabilities_total") == {
        ("sensational", "1"): 2,  # lamps, secret
        ("sensational", "5"): 1,  # maybe
        ("sensational", "7"): 1,  # both
        ("sensational", "9"): 1,  # fury
        ("clickbait", "1"): 3,  # lamps, fury, maybe
        ("clickbait", "8"): 1,  # both
        ("clickbait", "9"): 1,  # secret
    }


def test_a_file_that_a_starting_worker_has_not_filled_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there before its length is: nobody is told that the metrics fail."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    waited: list[float] = []

    def fill(seconds: float) -> None:
        waited.append(seconds)
        (tmp_path / "counter_1.db").write_bytes((8).to_bytes(8, "little"))

    monkeypatch.setattr("service.metrics.time.sleep", fill)
    assert Metrics().exposition() == b""
    assert len(waited) == 1


def test_a_file_that_stays_unfilled_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a bounded wait."""
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    (tmp_path / "counter_1.db").touch()
    waited: list[float] = []
    monkeypatch.setattr("service.metrics.time.sleep", waited.append)
    with pytest.raises(struct.error):
        Metrics().exposition()
    assert sum(waited) < 1


@pytest.mark.slow
def test_sizes_are_counted_by_route(client: Client) -> None:
    """Bad headlines are part of a request; a page has as many as are found on it; a refused request has none."""
    score(client, BATCH)
    score(client, ["Lamps", ""])
    page = {"html": "<h2><a href='/a'>Council opens new library after long delay</a></h2>"}
    found = len(client.post("/v1/page", json=page).get_json()["results"])
    assert client.post("/v1/score", json={"headlines": []}).status_code == 422
    samples = scrape(client)
    assert found == 1
    assert named(samples, "broadsheet_batch_headlines_count") == {("/v1/score",): 2, ("/v1/page",): 1}
    assert named(samples, "broadsheet_batch_headlines_sum") == {("/v1/score",): 7, ("/v1/page",): 1}
    buckets = named(samples, "broadsheet_batch_headlines_bucket")
    assert [buckets[most, "/v1/score"] for most in ("1.0", "3.0", "10.0", "+Inf")] == [0, 1, 2, 2]


def test_requests_are_counted_by_method_route_and_status(client: Client) -> None:
    """No path and no method of a caller's own makes a label, or anybody could fill the memory."""
    score(client, BATCH)
    score(client, [""])
    client.get("/v1/score")
    client.post("/v1/score", data="x")
    client.get("/fury/secret")
    client.get("/v1/score/")
    client.open("/v1/model", method="FURY")
    client.head("/livez")
    scrape(client)
    samples = scrape(client)
    assert named(samples, "broadsheet_requests_total") == {
        ("POST", "/v1/score", "200"): 2,
        ("GET", "/v1/score", "405"): 1,
        ("POST", "/v1/score", "415"): 1,
        ("GET", "none", "404"): 2,
        ("other", "/v1/model", "405"): 1,
        ("HEAD", "/livez", "200"): 1,
        ("GET", "/metrics", "200"): 1,
    }
    seconds = named(samples, "broadsheet_request_seconds_count")
    assert seconds == {("/v1/score",): 4, ("none",): 2, ("/v1/model",): 1, ("/livez",): 1, ("/metrics",): 1}
    assert all(value > 0 for value in named(samples, "broadsheet_request_seconds_sum").values())


def test_refusals_are_counted_too(stand_in: Artefact) -> None:
    """Preflights and requests over the rate never reach Flask."""
    client = client_of(create_app(Settings(rate_limit="1 per hour"), Scorer(stand_in)))
    for _ in range(3):
        client.get("/v1/model")
    client.options("/v1/model", headers={"Access-Control-Request-Method": "GET"})
    assert named(scrape(client), "broadsheet_requests_total") == {
        ("GET", "/v1/model", "200"): 1,
        ("GET", "/v1/model", "429"): 2,
        ("OPTIONS", "/v1/model", "204"): 1,
    }


def test_tokens_of_one_headline_in_a_hundred_are_looked_up(client: Client) -> None:
    """The first that is judged, and the hundredth after it, in whichever request it comes."""
    score(client, BATCH)  # fury, secret; over
    assert named(scrape(client), "broadsheet_tokens_total") == {("true",): 2, ("false",): 1}
    score(client, ["", *["Lamps"] * (SAMPLED - len(BATCH) - 1)])
    assert named(scrape(client), "broadsheet_tokens_total") == {("true",): 2, ("false",): 1}
    score(client, ["Lamps", "Maybe fury comes secret", "Lamps"])  # the last of the hundred, and the first of the next
    assert named(scrape(client), "broadsheet_tokens_total") == {("true",): 5, ("false",): 2}


def test_the_model_that_is_served_and_a_refusal_are_told(make: Make, tmp_path: Path) -> None:
    """A version that is no longer served has no worker; a refusal is 1 until it is cleared."""
    store, metrics = Store(tmp_path / "store"), Metrics()
    first = store.promote(str(make(1)))
    champion = Champion.open(None, store.folder)

    def told() -> tuple[dict[tuple[str, ...], float], float]:
        champion.refresh()
        metrics.serves(champion)
        samples = parsed(metrics.exposition().decode())
        return named(samples, "broadsheet_workers"), samples["broadsheet_model_refused",]

    assert told() == ({(first,): 1}, 0)
    second = store.promote(str(make(2)))
    assert told() == ({(first,): 0, (second,): 1}, 0)
    third = store.promote(str(make(3)))
    (store.path(third) / "weights.npy").write_bytes(b"")
    assert told() == ({(first,): 0, (second,): 1}, 1)
    store.rollback()
    assert told() == ({(first,): 0, (second,): 1}, 0)


def test_two_services_in_one_process_count_apart(stand_in: Artefact, client: Client) -> None:
    """Nothing is shared but code."""
    other = client_of(create_app(Settings(), Scorer(stand_in)))
    score(other, BATCH)
    assert not named(scrape(client), "broadsheet_headlines_total")


def read(server: Any) -> Samples:
    """Read a server's metrics; a worker that is killed meanwhile hangs up."""
    while server.process.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            status, _, body = server.ask("GET", "/metrics")
            assert status == 200
            return parsed(body)
    raise AssertionError(server.err.read_text())


def workers_of(server: Any) -> list[int]:
    """Give the processes that the master has started."""
    pid = server.process.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def counting(server: Any, temporary: Path) -> set[int]:
    """Give those that have begun to count, which they do once they serve a model."""
    files = {path.stem for path in temporary.glob("broadsheet-metrics-*/gauge_livesum_*.db")}
    return {pid for pid in workers_of(server) if f"gauge_livesum_{pid}" in files}


def send(server: Any, requests: int) -> None:
    """Have a batch judged so many times, on as many connections, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: server.ask("POST", "/v1/score", {"headlines": [*BATCH, ""]})[0], range(requests))
        assert list(answers) == [200] * requests


def assert_counted(samples: Samples, requests: int, version: str) -> None:
    """Check every figure of so many batches."""
    assert samples["broadsheet_requests_total", "POST", "/v1/score", "200"] == requests
    assert samples["broadsheet_request_seconds_count", "/v1/score"] == requests
    assert samples["broadsheet_batch_headlines_count", "/v1/score"] == requests
    assert samples["broadsheet_batch_headlines_sum", "/v1/score"] == 6 * requests
    assert samples["broadsheet_bad_headlines_total",] == requests
    assert samples["broadsheet_headlines_total", "clickbait", version] == 2 * requests
    assert samples["broadsheet_probabilities_total", "clickbait", "1"] == 3 * requests


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc, which Linux has")
def test_workers_are_summed_and_one_that_is_killed_stays_counted(start: Start, make: Make, tmp_path: Path) -> None:
    """Any worker answers for all; no count goes down when one dies, and its successor's come on top."""
    temporary, model = tmp_path / "temporary", make(2)
    temporary.mkdir()
    server = start(workers=2, BROADSHEET_MODEL=str(model), BROADSHEET_RATE_LIMIT="off", TMPDIR=str(temporary))
    version = str(Scorer.load(model).version)

    def serving(sent: int) -> float | None:
        samples = read(server)
        if sent:
            assert_counted(samples, sent, version)
        return samples.get(("broadsheet_workers", version))

    server.wait_until(lambda: serving(0) == 2)
    send(server, 60)
    assert [serving(60) for _ in range(6)] == [2] * 6
    killed = workers_of(server)[0]
    os.kill(killed, signal.SIGKILL)
    server.wait_until(lambda: serving(60) is not None and len(counting(server, temporary) - {killed}) == 2)
    server.wait_until(lambda: serving(60) == 2)
    send(server, 40)
    assert [serving(100) for _ in range(6)] == [2] * 6
    server.stop()
    assert not list(temporary.iterdir())
