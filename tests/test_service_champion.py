"""The model that is served follows the store, keeps to what is sound, and never changes within a request."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog
from werkzeug.test import Client

from model.artefact import DEFAULT, load
from model.artefact.manifest import read_manifest
from model.errors import ArtefactError, BroadsheetError
from model.judgement import Judgement
from model.scorer import Scorer
from model.store import Store
from service.app import create_app
from service.champion import Champion, Refusal
from service.settings import Settings
from tests.conftest import client_of

PATIENCE = 60  # seconds until a test gives up; nothing is asserted of how long anything takes
HEADLINE = "Fury as lamps go out"

Make = Callable[..., Path]


@pytest.fixture
def events() -> Any:
    """What is logged meanwhile."""
    with structlog.testing.capture_logs() as captured:
        yield captured


def damage(store: Store, version: str) -> None:
    """Cut a version's weights short."""
    weights = store.path(version) / "weights.npy"
    content = weights.read_bytes()
    weights.unlink()  # what a running scorer has mapped stays as it is
    weights.write_bytes(content[:-1])


def point(store: Store, *versions: str) -> None:
    """Make `current` name these, whatever state they are in, as a rename does."""
    unfinished = store.folder / "unfinished"
    unfinished.write_text("".join(f"{version}\n" for version in versions))
    unfinished.replace(store.pointer)


def refusal(version: str) -> Refusal:
    """Give what is said of a version that was damaged so, with no path but its name."""
    return Refusal(version, f"model {version} is damaged: weights.npy differs from the hash in its manifest")


def state(champion: Champion) -> tuple[str, Refusal | None]:
    """Give what is served, and what was refused."""
    return champion.scorer.version, champion.refused


def test_the_current_version_is_served_and_a_new_one_taken_up(
    store: Store, make: Make, versions: tuple[str, str]
) -> None:
    """Promotions and rollbacks alike, at the next look."""
    champion = Champion.open(None, store.folder)
    assert state(champion) == (versions[1], None)
    third = store.promote(str(make(3)))
    assert champion.scorer.version == versions[1]
    champion.refresh()
    assert champion.scorer.version == third
    store.rollback()
    store.rollback()
    champion.refresh()
    assert state(champion) == (versions[0], None)


def test_a_look_at_an_unchanged_current_loads_nothing(
    store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the file, and not the model where it is pointed at again."""
    champion = Champion.open(None, store.folder)
    before = champion.scorer
    monkeypatch.setattr("service.champion.load_sound", lambda _folder: pytest.fail("loaded again"))
    champion.refresh()
    store.promote(versions[1])
    champion.refresh()
    assert champion.scorer is before


def test_a_damaged_version_is_refused_and_the_one_before_goes_on(
    store: Store, make: Make, versions: tuple[str, str], events: list[dict[str, Any]]
) -> None:
    """It is said once, in the log and in `refused`, without where we keep things; a good promotion clears it."""
    champion = Champion.open(None, store.folder)
    third = store.promote(str(make(3)))
    damage(store, third)
    for _ in range(3):
        champion.refresh()
    assert champion.scorer.version == versions[1]
    assert champion.refused == refusal(third)
    assert [event["event"] for event in events] == ["refused"]
    assert str(store.folder) not in json.dumps(events)
    fourth = store.promote(str(make(4)))
    champion.refresh()
    assert state(champion) == (fourth, None)


def test_a_damaged_version_that_is_healed_is_taken_up(store: Store, make: Make, versions: tuple[str, str]) -> None:
    """By promoting it again from an intact folder, though `current` names it already."""
    champion = Champion.open(None, store.folder)
    candidate = make(3)
    third = store.promote(str(candidate))
    damage(store, third)
    champion.refresh()
    assert champion.scorer.version == versions[1]
    store.promote(str(candidate))
    champion.refresh()
    assert state(champion) == (third, None)


def test_a_damaged_version_is_taken_up_once_it_is_put_right_where_it_stands(
    store: Store, make: Make, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while: each look at a damaged version reads it whole."""
    champion = Champion.open(None, store.folder)
    third = store.promote(str(make(3)))
    whole = (store.path(third) / "weights.npy").read_bytes()
    damage(store, third)
    champion.refresh()
    (store.path(third) / "weights.npy").write_bytes(whole)
    champion.refresh()
    assert state(champion) == (versions[1], refusal(third))
    monkeypatch.setattr("service.champion.AGAIN", 0.0)
    champion.refresh()
    assert state(champion) == (third, None)


def test_an_error_that_nobody_expected_refuses_a_version_as_well(
    store: Store, make: Make, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not end the thread that looks for the next one."""
    champion = Champion.open(None, store.folder)

    def no_memory(_folder: Path) -> Scorer:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("service.champion.load_sound", no_memory)
        third = store.promote(str(make(3)))
        champion.refresh()
    assert champion.refused is not None
    assert (champion.refused.model, champion.scorer.version) == (third, versions[1])


def test_a_rollback_to_what_is_served_clears_the_refusal(store: Store, make: Make, versions: tuple[str, str]) -> None:
    """Nothing is loaded again."""
    champion = Champion.open(None, store.folder)
    before = champion.scorer
    damage(store, store.promote(str(make(3))))
    champion.refresh()
    assert champion.refused
    store.rollback()
    champion.refresh()
    assert champion.scorer is before
    assert state(champion) == (versions[1], None)


@pytest.mark.parametrize("rubbish", [b"", b"latest\n", b"\xff\n", b"/etc/passwd\n"])
def test_a_current_of_rubbish_is_refused(store: Store, versions: tuple[str, str], rubbish: bytes) -> None:
    """The model in memory goes on; what cannot be read has no version."""
    champion = Champion.open(None, store.folder)
    store.pointer.write_bytes(rubbish + b"\n")
    champion.refresh()
    assert champion.scorer.version == versions[1]
    assert champion.refused
    assert champion.refused.model == "unknown"
    assert champion.refused.detail.startswith("current ")
    assert str(store.folder) not in champion.refused.detail


def test_a_store_that_is_away_leaves_the_model_in_memory(store: Store, versions: tuple[str, str]) -> None:
    """As when a disk is unmounted for a while."""
    champion = Champion.open(None, store.folder)
    away = store.folder.rename(store.folder.with_name("away"))
    champion.refresh()
    assert state(champion) == (versions[1], None)
    away.rename(store.folder)
    store.rollback()
    champion.refresh()
    assert champion.scorer.version == versions[0]


def test_a_version_of_no_numbers_is_refused(store: Store, make: Make, versions: tuple[str, str]) -> None:
    """Whatever put it there: its hashes are right, its numbers are none."""
    champion = Champion.open(None, store.folder)
    candidate = make(3, clickbait=float("nan"))
    version = read_manifest(candidate)["version"]
    candidate.rename(store.path(version))
    point(store, version, *versions)
    champion.refresh()
    assert champion.scorer.version == versions[1]
    assert champion.refused
    assert champion.refused.model == version
    assert "no numbers" in champion.refused.detail


def test_a_worker_that_starts_on_a_damaged_version_serves_the_newest_sound_one(
    store: Store, make: Make, versions: tuple[str, str]
) -> None:
    """And says of the current one, not of those between, that it was refused."""
    third, fourth = (store.promote(str(make(number))) for number in (3, 4))
    damage(store, third)
    damage(store, fourth)
    champion = Champion.open(None, store.folder)
    assert champion.scorer.version == versions[1]
    assert champion.refused == refusal(fourth)


def test_a_store_of_damaged_versions_alone_is_not_served(store: Store, versions: tuple[str, str]) -> None:
    """The start is refused; the default would be another model than anybody chose."""
    for version in versions:
        damage(store, version)
    with pytest.raises(BroadsheetError, match=f"can be served: model {versions[1]} is damaged"):
        Champion.open(None, store.folder)


def test_the_default_is_served_until_something_is_promoted(store: Store, make: Make) -> None:
    """Without a store, or with one that is empty or not there yet; the first promotion is taken up."""
    default = load(DEFAULT).version
    assert Champion.open(None, None).scorer.version == default
    champion = Champion.open(None, store.folder)
    champion.refresh()
    assert state(champion) == (default, None)
    first = store.promote(str(make(1)))
    champion.refresh()
    assert champion.scorer.version == first


def test_a_pinned_model_is_not_followed(store: Store, make: Make, versions: tuple[str, str]) -> None:
    """A version of the store or a folder, whatever is promoted; a damaged one stops the start."""
    folder = make(5)
    for model, version in ((versions[0], versions[0]), (str(folder), load(folder).version)):
        champion = Champion.open(model, store.folder)
        store.promote(versions[1])
        store.promote(versions[0])
        store.promote(versions[1])
        champion.refresh()
        assert champion.scorer.version == version
    damage(store, versions[0])
    with pytest.raises(ArtefactError, match="is damaged"):
        Champion.open(versions[0], store.folder)


def test_a_promotion_is_taken_up_by_itself(store: Store, make: Make, versions: tuple[str, str]) -> None:
    """A thread looks every second; whoever follows is told at the start and at each change."""
    champion = Champion.open(None, store.folder)
    told: list[str] = []
    changed = threading.Event()

    def listen() -> None:
        told.append(champion.scorer.version)
        if len(told) == 2:
            changed.set()

    champion.follow(listen)
    assert told == [versions[1]]
    third = store.promote(str(make(3)))
    assert changed.wait(PATIENCE)
    assert told == [versions[1], third]


def ready(client: Client) -> dict[str, Any]:
    """Give what /readyz says while it says yes."""
    answer = client.get("/readyz")
    assert answer.status_code == 200
    return dict(answer.get_json())


def served(monkeypatch: pytest.MonkeyPatch, champion: Champion) -> Client:
    """Make a client of the app around a champion that the test itself lets look."""
    monkeypatch.setattr(Champion, "open", lambda *_: champion)
    monkeypatch.setattr(champion, "_follow", lambda: None)
    return client_of(create_app(Settings(rate_limit="off")))


def test_readiness_says_what_was_refused(
    store: Store, make: Make, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service is ready all the same; nothing is said where nothing was refused."""
    champion = Champion.open(None, store.folder)
    client = served(monkeypatch, champion)
    assert ready(client) == {"status": "ready", "model": versions[1]}
    third = store.promote(str(make(3)))
    damage(store, third)
    champion.refresh()
    said = refusal(third)
    assert ready(client) == {
        "status": "ready",
        "model": versions[1],
        "refused": {"model": third, "detail": said.detail},
    }
    assert client.post("/v1/score", json={"headlines": [HEADLINE]}).get_json()["model"] == versions[1]
    store.rollback()
    champion.refresh()
    assert ready(client) == {"status": "ready", "model": versions[1]}


def test_every_call_speaks_of_the_version_that_was_taken_up(
    store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verdicts, the model's page with another ETag, the index, readiness."""
    champion = Champion.open(None, store.folder)
    client = served(monkeypatch, champion)
    etag = client.get("/v1/model").headers["ETag"]
    before = client.post("/v1/score", json={"headlines": [HEADLINE]}).get_json()
    store.rollback()
    champion.refresh()
    after = client.post("/v1/score", json={"headlines": [HEADLINE]}).get_json()
    model = client.get("/v1/model", headers={"If-None-Match": etag})
    assert (before["model"], after["model"]) == (versions[1], versions[0])
    # both intercepts rose by one; the word weighs as much as before
    assert odds(after) - odds(before) == pytest.approx(1)
    assert (model.status_code, model.get_json()["version"]) == (200, versions[0])
    assert client.get("/").get_json()["model"] == ready(client)["model"] == versions[0]


def odds(body: dict[str, Any]) -> float:
    """Give the log-odds of the one headline's sensational probability."""
    probability = body["results"][0]["sensational"]
    return float(np.log(probability / (1 - probability)))


class Slow(Scorer):
    """A scorer that waits, in the middle of a request, until it is let go."""

    reached = threading.Event()
    go = threading.Event()

    def judge(self, headlines: Sequence[str], *, explain: bool = False) -> list[Judgement]:
        """Wait."""
        self.reached.set()
        assert self.go.wait(PATIENCE)
        return super().judge(headlines, explain=explain)


def test_a_request_keeps_the_version_that_it_began_with(
    store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is replaced while the request is being judged: its evidence and its name are of the old one."""
    champion = Champion(Slow(load(store.path(versions[1]))), store)
    client = served(monkeypatch, champion)
    answers: list[dict[str, Any]] = []
    body = {"headlines": [HEADLINE], "explain": True}
    asking = threading.Thread(target=lambda: answers.append(client.post("/v1/score", json=body).get_json()))
    asking.start()
    assert Slow.reached.wait(PATIENCE)
    store.rollback()
    champion.refresh()
    assert ready(client)["model"] == versions[0]
    during = client.post("/v1/score", json=body).get_json()
    Slow.go.set()
    asking.join(PATIENCE)
    (began,) = answers
    assert (began["model"], during["model"]) == (versions[1], versions[0])
    for answer, intercept in ((began, -2.0), (during, -1.0)):
        (result,) = answer["results"]
        assert result["evidence"]["bias"] == {"sensational": intercept, "clickbait": intercept}
        assert odds(answer) == pytest.approx(intercept + 5)
