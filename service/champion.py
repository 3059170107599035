"""The model that is served: one scorer at a time, replaced whole when the store's `current` changes."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from model.artefact import DEFAULT
from model.errors import BroadsheetError
from model.scorer import Scorer, load_sound
from model.store import Store, find_model

EVERY = 1.0  # seconds between looks at `current`, each of them one stat
AGAIN = 15.0  # seconds until a version that was refused is looked at again: it may have been put right where it stands
_log = structlog.get_logger("broadsheet")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A version that was not taken up, and why."""

    model: str
    detail: str


class Champion:
    """Serves one model; a request takes `scorer` once and keeps to it, so that no answer mixes two versions."""

    def __init__(
        self, scorer: Scorer, store: Store | None = None, refused: Refusal | None = None, seen: object = None
    ) -> None:
        self.scorer, self.refused = scorer, refused
        self._store, self._seen = store, seen
        self._looked = time.monotonic()
        self._changed: Callable[[], None] = lambda: None

    @classmethod
    def open(cls, model: str | None, models: Path | None) -> "Champion":
        """Load what is to be served first; raise a `BroadsheetError` where nothing sound can be.

        `model` is served until the end. Else `models` names a store, whose current version is followed; while nothing
        is promoted there, and without a store, it is the model that comes with Broadsheet. A worker that starts while
        the current version is damaged serves the newest of those before it that is not.
        """
        store = Store(models) if models else None
        if model or not store:
            return cls(load_sound(find_model(model, store) if model else DEFAULT))
        seen = _stamp(store)  # before reading, so that a change in between is seen later
        scorer, refused = _newest_sound(store)
        return cls(scorer, store, refused, seen)

    def follow(self, changed: Callable[[], None]) -> None:
        """Look for a new `current` from now on, in a thread of its own; `changed` is called now and at each change."""
        self._changed = changed
        changed()
        if self._store:
            threading.Thread(target=self._follow, name="champion", daemon=True).start()

    def _follow(self) -> None:
        waiting = threading.Event()
        while not waiting.wait(EVERY):
            self.refresh()

    def refresh(self) -> None:
        """Take up the store's current version if it changed; a damaged one is refused and the old one goes on."""
        if not self._store:
            return
        seen, now = _stamp(self._store), time.monotonic()
        if seen == self._seen and not (self.refused and now - self._looked >= AGAIN):
            return
        self._seen, self._looked = seen, now
        version = "unknown"
        try:
            version = (*self._store.served(), self.scorer.version)[0]
            if version != self.scorer.version:
                self.scorer = load_sound(self._store.path(version))
                _log.info("taken up", model=version)
            self.refused = None
        except Exception as error:  # noqa: BLE001  # whatever is wrong with a model, the next one must be looked at
            self.refused = _refusal(self._store, version, error, self.refused)
        self._changed()


def _newest_sound(store: Store) -> tuple[Scorer, Refusal | None]:
    served = store.served()
    if not served:
        return load_sound(DEFAULT), None
    refused: Refusal | None = None
    for version in served:
        try:
            return load_sound(store.path(version)), refused
        except BroadsheetError as error:
            refused = refused or _refusal(store, version, error)
    raise BroadsheetError(f"no version that {store.pointer} names can be served: {refused and refused.detail}")


def _refusal(store: Store, version: str, error: Exception, before: Refusal | None = None) -> Refusal:
    detail = str(error).replace(f"{store.folder}/", "")  # callers need not know where we keep things
    if (refusal := Refusal(version, detail)) != before:
        _log.error("refused", model=version, detail=detail)
    return refusal


def _stamp(store: Store) -> object:
    try:
        stat = store.pointer.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
