"""How often a client may call: alone, together through Redis, and while Redis is away."""

import json
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from limits.storage import storage_from_string
from werkzeug.test import Client, TestResponse

from model.artefact import Artefact
from model.scorer import Scorer
from service.access import digest_of
from service.app import create_app
from service.settings import Settings
from tests.conftest import client_of
from tests.servers import OwnRedis

PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
BODY = {"headlines": ["Fury as lamps go out"]}
ADDRESSES = ("203.0.113.7", "2001:db8::7")

Make = Callable[..., Client]
Start = Callable[..., Any]


@pytest.fixture
def service(stand_in: Artefact) -> Make:
    """Make a client of a service: `service(rate_limit="1 per minute")`."""
    return lambda **settings: client_of(create_app(Settings(**settings), Scorer(stand_in)))


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close the connections to Redis, which a service keeps until its process ends."""
    opened: list[Any] = []

    def storage(*given: Any, **named: Any) -> Any:
        opened.append(storage_from_string(*given, **named))
        return opened[-1]

    monkeypatch.setattr("service.rates.storage_from_string", storage)
    yield
    for one in opened:
        one.storage.close()


def post(client: Client, address: str = ADDRESSES[0], **headers: str) -> TestResponse:
    """Ask for a verdict from an address; `X_Y` names the header X-Y."""
    given = {name.replace("_", "-"): headers[name] for name in headers}
    return client.post("/v1/score", json=BODY, headers=given, environ_overrides={"REMOTE_ADDR": address})


def statuses(client: Client, count: int, address: str = ADDRESSES[0], **headers: str) -> list[int]:
    """Ask a number of times, one after the other."""
    return [post(client, address, **headers).status_code for _ in range(count)]


def test_over_the_rate_a_client_is_told_when_to_come_back(service: Make) -> None:
    """The whole body; the seconds end within the minute."""
    client = service(rate_limit="3 per minute")
    assert statuses(client, 4) == [200, 200, 200, 429]
    answer = post(client)
    assert answer.content_type == "application/problem+json"
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "code": "too-many-requests",
        "detail": "over 3 per minute; see the header Retry-After",
    }


def test_after_the_seconds_it_was_told_a_client_is_answered(service: Make) -> None:
    """The promise of Retry-After is kept."""
    client = service(rate_limit="2 per second")
    while (answer := post(client)).status_code == 200:
        pass
    time.sleep(int(answer.headers["Retry-After"]))
    assert post(client).status_code == 200


def test_two_clients_count_apart(service: Make) -> None:
    """By address where no key is needed, by key where one is, whatever the addresses."""
    client = service(rate_limit="2 per hour")
    assert [statuses(client, 3, address) for address in ADDRESSES] == [[200, 200, 429]] * 2
    client = service(rate_limit="2 per hour", api_keys=(digest_of("one"), digest_of("two")))
    for key in ("one", "two"):
        answers = [post(client, address, Authorization=f"Bearer {key}") for address in (*ADDRESSES, ADDRESSES[0])]
        assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_every_call_under_v1_counts_and_no_other(service: Make) -> None:
    """Errors too; probes and scrapers are never turned away, and a path that is not there has no call to count."""
    client = service(rate_limit="3 per hour")
    assert client.get("/v1/model").status_code == 200
    assert client.get("/v1/nothing").status_code == 404
    assert client.post("/v1/page", json={}).status_code == 422
    assert client.post("/v1/score", json={}).status_code == 422
    assert client.get("/v1/model").status_code == 429
    for path in ("/livez", "/readyz", "/metrics", "/"):
        assert [client.get(path).status_code for _ in range(4)] == [200] * 4


def test_a_caller_with_a_wrong_key_spends_nobodys_rate(service: Make) -> None:
    """It is refused before it is counted."""
    client = service(rate_limit="1 per hour", api_keys=(digest_of("one"),))
    assert statuses(client, 3, Authorization="Bearer other") == [401] * 3
    assert statuses(client, 2, Authorization="Bearer one") == [200, 429]


def test_the_rate_can_be_switched_off(service: Make) -> None:
    """More requests than the default lets pass in a minute."""
    most = int(Settings().rate_limit.split()[0])
    client = service(rate_limit="off")
    assert Counter(client.get("/v1/model").status_code for _ in range(most + 1)) == {200: most + 1}


def test_the_default_rate_is_what_it_says(service: Make) -> None:
    """So many a minute and one more."""
    most = int(Settings().rate_limit.split()[0])
    client = service()
    assert Counter(client.get("/v1/model").status_code for _ in range(most + 1)) == {200: most, 429: 1}


def test_several_limits_hold_at_once(service: Make) -> None:
    """Two a second and three a minute: the third waits for the next second, the fourth for the minute's end."""
    client = service(rate_limit="2 per second; 3 per minute")
    accepted, waits = 0, []
    while accepted < 3:
        answer = post(client)
        accepted += answer.status_code == 200
        if answer.status_code == 429:
            waits.append(answer.headers["Retry-After"])
            time.sleep(1)
    assert waits == ["1"]
    for _ in range(2):
        answer = post(client)
        assert answer.status_code == 429
        assert 1 < int(answer.headers["Retry-After"]) <= 60
        time.sleep(1)


def test_a_header_of_forwarding_is_believed_of_proxies_alone(service: Make) -> None:
    """Else a client would choose by whom it is counted; with one proxy, its own entry, the last, counts."""
    client = service(rate_limit="1 per hour")
    assert [post(client, X_Forwarded_For=address).status_code for address in ADDRESSES] == [200, 429]
    client = service(rate_limit="1 per hour", proxies=1)
    assert [post(client, X_Forwarded_For=address).status_code for address in ADDRESSES] == [200, 200]
    assert post(client, X_Forwarded_For=f"198.51.100.1, {ADDRESSES[0]}").status_code == 429
    client = service(rate_limit="1 per hour", proxies=2)
    for made_up in ("198.51.100.1", "198.51.100.2"):
        answer = post(client, X_Forwarded_For=f"{made_up}, {ADDRESSES[0]}, 10.0.0.1")
        assert answer.status_code == (200 if made_up.endswith("1") else 429)


def test_two_servers_count_together(start: Start, redis: OwnRedis, make: Callable[..., Path]) -> None:
    """Of thirty requests to both, exactly eleven are answered; no address stands in Redis, and nothing stays."""
    settings = {
        "BROADSHEET_MODEL": str(make(1)),
        "BROADSHEET_RATE_LIMIT": "11 per hour",
        "BROADSHEET_REDIS": redis.address,
    }
    servers = [start(workers=1, **settings) for _ in range(2)]
    with ThreadPoolExecutor(6) as pool:
        got = Counter(pool.map(lambda number: servers[number % 2].ask("POST", "/v1/score", BODY)[0], range(30)))
    assert got == {200: 11, 429: 19}
    keys = redis.client.keys()
    assert isinstance(keys, list)
    assert keys
    for key in keys:
        assert b"127.0.0.1" not in key
        assert 0 < int(redis.client.ttl(key)) <= 3600  # type: ignore[arg-type]  # the same


def test_what_is_counted_by_key_is_no_key(service: Make, redis: OwnRedis) -> None:
    """Neither the caller's secret nor its digest stands in Redis."""
    client = service(rate_limit="2 per hour", redis=redis.address, api_keys=(digest_of("one"),))
    assert statuses(client, 3, Authorization="Bearer one") == [200, 200, 429]
    (key,) = redis.client.keys()  # type: ignore[misc]  # no asynchronous client
    assert digest_of("one").encode() not in key
    assert b"one" not in key


def test_a_redis_that_is_away_lets_each_worker_count_alone(service: Make, redis: OwnRedis) -> None:
    """Nobody listens at its port: requests are answered, and the rate holds."""
    redis.stop()
    client = service(rate_limit="3 per hour", redis=redis.address)
    assert statuses(client, 5) == [200, 200, 200, 429, 429]


def test_a_redis_that_failed_is_left_alone_for_a_while(service: Make) -> None:
    """It takes a connection and says nothing: the first request meets that, those after it no longer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        client = service(rate_limit="3 per hour", redis=f"redis://127.0.0.1:{listener.getsockname()[1]}/0")
        assert statuses(client, 1) == [200]  # after half a second without an answer
        listener.accept()[0].close()
        assert statuses(client, 3) == [200, 200, 429]
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_a_redis_that_comes_back_is_used_again(service: Make, redis: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    """It went while connections stood open, and lost what it counted."""
    monkeypatch.setattr("service.rates._RETRY", 0.2)
    client = service(rate_limit="5 per hour", redis=redis.address)
    assert statuses(client, 6) == [200] * 5 + [429]
    redis.stop()
    assert statuses(client, 6) == [200] * 5 + [429]
    redis.start()
    time.sleep(0.3)  # longer than it is left alone
    assert statuses(client, 6) == [200] * 5 + [429]
    assert len(redis.client.keys()) == 1  # type: ignore[arg-type]  # no asynchronous client


def test_the_log_says_that_rates_are_counted_alone(start: Start, redis: OwnRedis, make: Callable[..., Path]) -> None:
    """By a server whose Redis is away: one line, without an address."""
    redis.stop()
    server = start(BROADSHEET_MODEL=str(make(1)), BROADSHEET_RATE_LIMIT="2 per hour", BROADSHEET_REDIS=redis.address)
    assert [server.ask("POST", "/v1/score", BODY)[0] for _ in range(3)] == [200, 200, 429]
    server.wait_until(lambda: any(line.get("status") == 429 for line in server.lines()))
    lines = [line for line in server.lines() if line["event"] == "rates are counted alone"]
    assert [line["level"] for line in lines] == ["warning"]
    assert str(redis.port) not in json.dumps(lines)
