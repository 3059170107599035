"""Which model a worker serves while versions are promoted, damaged and put right."""

import shutil
from pathlib import Path

import pytest

from model.artefact import DEFAULT
from model.scorer import Scorer
from model.store import Store
from service import champion as module
from service.champion import Champion


@pytest.fixture
def store(small_model: Path, tmp_path: Path) -> Store:
    """A store with two versions, of which the default model is current."""
    store = Store(tmp_path / "store")
    store.add(small_model)
    store.promote(str(DEFAULT))
    return store


@pytest.fixture
def champion(store: Store) -> Champion:
    """What a worker that started with that store serves."""
    return Champion.open(None, store.folder)


def state(champion: Champion) -> tuple[str | None, str]:
    """Give the version that is refused, and the one that is served."""
    return champion.refused.model if champion.refused else None, champion.scorer.version


def damage(store: Store, version: str) -> bytes:
    """Cut a version's weights short, and give them."""
    weights = store.path(version) / "weights.npy"
    content = weights.read_bytes()
    weights.unlink()  # not written over: it may be mapped into memory
    weights.write_bytes(content[:-1])
    return content


def name_by_hand(store: Store, *versions: str) -> None:
    """Point the store at versions that `promote` would refuse."""
    (store.folder / "beside").write_text("".join(f"{version}\n" for version in versions))
    (store.folder / "beside").rename(store.pointer)


def test_a_refused_version_is_taken_up_once_it_is_promoted_again(
    champion: Champion, store: Store, scorer: Scorer, small_model: Path
) -> None:
    """Though `current` names it before and after: the promotion put it right."""
    before = champion.scorer.version
    damage(store, scorer.version)
    name_by_hand(store, scorer.version, before)
    champion.refresh()
    assert state(champion) == (scorer.version, before)
    store.promote(str(small_model))
    assert store.served() == (scorer.version, before)
    champion.refresh()
    assert state(champion) == (None, scorer.version)


def test_a_refused_version_is_taken_up_once_it_is_put_right_where_it_stands(
    champion: Champion, store: Store, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while: each look at a damaged version reads it whole."""
    weights = damage(store, scorer.version)
    name_by_hand(store, scorer.version)
    champion.refresh()
    (store.path(scorer.version) / "weights.npy").write_bytes(weights)
    champion.refresh()
    assert state(champion)[0] == scorer.version
    monkeypatch.setattr(module, "AGAIN", 0.0)
    champion.refresh()
    assert state(champion) == (None, scorer.version)


def test_an_error_that_nobody_expected_refuses_a_version_as_well(
    champion: Champion, store: Store, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It must not end the thread that looks for the next one."""
    before = champion.scorer.version

    def no_memory(_folder: Path) -> Scorer:
        raise MemoryError

    monkeypatch.setattr(module, "_load", no_memory)
    store.promote(scorer.version)
    champion.refresh()
    assert state(champion) == (scorer.version, before)


def test_a_worker_that_starts_while_current_is_damaged_serves_the_version_before(store: Store, scorer: Scorer) -> None:
    """And says so; when `current` cannot be read, it goes on with what it has."""
    before = store.served()[0]
    damage(store, scorer.version)
    name_by_hand(store, scorer.version, before)
    champion = Champion.open(None, store.folder)
    assert state(champion) == (scorer.version, before)
    store.pointer.write_text("no version\n")
    champion.refresh()
    assert state(champion) == ("unknown", before)
    shutil.rmtree(store.folder)
    champion.refresh()
    assert champion.scorer.version == before
