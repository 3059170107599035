"""A folder of model versions and which of them is served: what a new model is promoted into, and rolled back from.

    STORE/<version>/    a model folder each, named by its version
    STORE/current       the version that is served, then those served before it, newest first, a line each

`current` is replaced by one rename, so whoever reads it sees the old state or the new one.
"""

import errno
import fcntl
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from model.artefact import DEFAULT, load
from model.artefact.manifest import MANIFEST, read_manifest
from model.errors import ArtefactError, BroadsheetError, RefusedError, StoreError
from model.files.reading import read_regular
from model.files.writing import creating_folder, replacing_file, sweep
from model.scorer import load_sound

VARIABLE = "BROADSHEET_MODELS"
_VERSION = re.compile(r"[0-9a-f]{12}")
_KEPT = 100  # versions that `current` remembers having served
_UNFINISHED = re.compile(r"current|[0-9a-f]{12}")  # what is written here under a temporary name first
_LARGEST = 65_536  # bytes of `current`; ours has 1,300


class Store:
    """A model store; processes may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pointer = folder / "current"

    def versions(self) -> list[str]:
        """Give the versions that the store holds, in the order in which they were trained; damaged ones first."""
        with self._naming_errors():
            if not self.folder.is_dir():
                return []
            names = [path.name for path in self.folder.iterdir() if _VERSION.fullmatch(path.name) and path.is_dir()]
        return sorted(names, key=lambda version: (self._created(version), version))

    def _created(self, version: str) -> float:
        """Give when a version was trained, in seconds; what does not say so comes first."""
        try:
            created = datetime.fromisoformat(read_manifest(self.path(version))["created"])
            return (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()
        except (ArtefactError, KeyError, ValueError, OverflowError):
            return float("-inf")

    def served(self) -> tuple[str, ...]:
        """Give the version that `current` names and those it named before, newest first; nothing before a promotion.

        Raises `StoreError` where `current` cannot be read.
        """
        try:
            lines = read_regular(self.pointer, _LARGEST).decode("ascii").split()
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it must be ASCII text"
            raise StoreError(f"{self.pointer} cannot be read: {reason}; promote a version again") from error
        if not lines or not all(map(_VERSION.fullmatch, lines)):
            raise StoreError(f"{self.pointer} must hold versions of 12 hex digits, a line each; promote one again")
        return tuple(lines)

    def path(self, version: str) -> Path:
        """Give the folder of a version, whether it is there or not."""
        return self.folder / version

    def add(self, candidate: Path) -> str:
        """Copy a model folder into the store, once it is found whole and sound, and give its version.

        Raises `RefusedError` for one that is not, and leaves the store as it was.
        """
        version = _checked(candidate)
        with self._naming_errors():
            self.folder.mkdir(parents=True, exist_ok=True)
        with self._locked():  # two that copy one version at once would be in each other's way
            sweep(self.folder, _UNFINISHED)
            if not self._holds(version):
                copy_model(candidate, self.path(version))
        return version

    def _holds(self, version: str) -> bool:
        """Tell whether a version is here and whole; running services may be reading it, so it is not copied again."""
        try:
            return load(self.path(version)).version == version
        except ArtefactError:
            return False

    def promote(self, candidate: str, tell: Callable[[str], None] = lambda _line: None) -> str:
        """Make a version of the store, or a model folder that is copied into it, the current one; give its version.

        A `current` that cannot be read is kept aside, what is left of its history goes on, and `tell` is told so.
        Raises `RefusedError` for one that is damaged or fails its self-test; what was current stays so.
        """
        version = self.add(self.find(candidate))
        with self._locked():
            served = self._remembered(version, tell)
            # also where it was current: a service that refused it, damaged as it was, looks at it again
            self._point(served if served[:1] == (version,) else (version, *served))
        return version

    def rollback(self) -> str:
        """Make the version that was served before the current one current again, and give it.

        Raises `StoreError` where there was none, `RefusedError` where it is no longer whole.
        """
        with self._locked():
            _, *before = self.served() or ("",)
            if not before:
                raise StoreError(f"{self.folder} has served no version before this one; nothing to roll back to")
            if (found := _checked(self.path(before[0]))) != before[0]:
                raise RefusedError(f"not promoted: {self.path(before[0])} holds another version, {found}")
            self._point(tuple(before))
        return before[0]

    def find(self, model: str) -> Path:
        """Give the folder of a version of this store or of a path; raise `StoreError` for neither."""
        try:
            if _VERSION.fullmatch(model) and self.path(model).is_dir():
                return self.path(model)
            if Path(model).is_dir():
                return Path(model)
        except OSError as error:
            raise StoreError(f"{model} cannot be read: {error.strerror}") from error
        held = ", ".join(self.versions()) or "none yet"
        raise StoreError(f"{model} is neither a model folder nor a version in {self.folder}; it holds: {held}")

    def _remembered(self, promoted: str, tell: Callable[[str], None]) -> tuple[str, ...]:
        """Give what `served` gives; where `current` cannot be read, what can be told of it: a promotion mends it."""
        try:
            return self.served()
        except StoreError:
            found = self._legible()
            history = found or self._others(promoted)
            source = "what can be read of it" if found else "what the store holds"
            kept = f"{self.pointer} could not be read, and is kept as {self._set_aside().name}"
            tell(f"{kept}; history, from {source}: {', '.join(history) or 'none'}")
            return history

    def _legible(self) -> tuple[str, ...]:
        """Give the lines of a damaged `current` that name a version."""
        try:
            content = read_regular(self.pointer, _LARGEST)
        except OSError:
            return ()
        return tuple(filter(_VERSION.fullmatch, content.decode("ascii", errors="replace").split()))

    def _others(self, promoted: str) -> tuple[str, ...]:
        """Give the versions that were copied here before, the last one first, as far as folders tell."""
        copied = {version: self.path(version).stat().st_mtime_ns for version in self.versions() if version != promoted}
        return tuple(sorted(copied, key=lambda version: (-copied[version], version)))

    def _set_aside(self) -> Path:
        """Keep a `current` that cannot be read under another name, in the place of none; give that."""
        stem, number = f"{self.pointer.name}.unreadable-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}", 1
        aside = self.folder / stem
        while os.path.lexists(aside):
            number += 1
            aside = self.folder / f"{stem}-{number}"
        with self._naming_errors():
            try:
                self._link(aside)
            except OSError:
                self.pointer.rename(aside)
        return aside

    def _link(self, aside: Path) -> None:
        """Name `current` a second time, so that there is one all the while; raise `OSError` where it is no file."""
        if self.pointer.is_symlink() or not self.pointer.is_file():
            raise OSError(errno.EINVAL, "not a regular file")
        os.link(self.pointer, aside)

    def _point(self, served: tuple[str, ...]) -> None:
        with replacing_file(self.pointer) as unfinished, unfinished.open("w", encoding="ascii") as file:
            file.writelines(f"{version}\n" for version in served[:_KEPT])
            file.flush()
            os.fsync(file.fileno())  # else a power cut may leave the new name with nothing in it

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other processes from changing the store meanwhile; readers need no lock."""
        with self._naming_errors():
            if not self.folder.is_dir():
                raise StoreError(
                    f"{self.folder} must be a store that models were promoted into; there is no such folder"
                )
            descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            with self._naming_errors():
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be used as a store: {error.strerror or error}") from error


def store_of_environment() -> Store | None:
    """Give the store that BROADSHEET_MODELS names, or nothing."""
    folder = os.environ.get(VARIABLE)
    return Store(Path(folder)) if folder else None


def find_model(model: str | None, store: Store | None) -> Path:
    """Give the folder of what `--model` names: a folder, a version in the store, or by default what is current there.

    Where nothing was promoted yet, or there is no store, the default is the model that comes with Broadsheet.
    """
    if model is None:
        served = store.served() if store else ()
        return store.path(served[0]) if store and served else DEFAULT
    if store:
        return store.find(model)
    if _VERSION.fullmatch(model) and not Path(model).exists():
        raise StoreError(f"{model} looks like a version, but {VARIABLE} names no store to find it in")
    return Path(model)


def copy_model(source: Path, folder: Path) -> str:
    """Copy the files that a model's manifest names, and give its version.

    Raises `ArtefactError` unless all are whole.
    """
    artefact = load(source)
    with creating_folder(folder) as unfinished:
        for name in (MANIFEST, *artefact.manifest["files"]):
            shutil.copyfile(source / name, unfinished / name)
        if load(unfinished).version != artefact.version:
            raise ArtefactError(f"{source} changed while it was copied; copy it again")
    return artefact.version


def _checked(folder: Path) -> str:
    try:
        return load_sound(folder).version
    except BroadsheetError as error:
        raise RefusedError(f"not promoted: {error}") from error
