"""Files and folders appear whole or not at all: written under a temporary name, then renamed."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import BroadsheetError


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; rename it on success, remove it on any exception."""
    with _beside(path) as folder:
        unfinished = folder / path.name
        yield unfinished
        unfinished.replace(path)


@contextmanager
def creating_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it becomes `path` on success, replacing a folder that stands there.

    A non-empty folder that holds no manifest is somebody's work and is refused, with `BroadsheetError`.
    """
    if path.exists() and not path.is_dir():
        raise BroadsheetError(f"{path} must be a new or replaceable folder, but it is a file")
    if path.is_dir() and any(path.iterdir()) and not (path / "manifest.json").is_file():
        raise BroadsheetError(f"{path} must be empty, new, or hold a model to replace; it holds something else")
    with _beside(path) as folder:
        unfinished = folder / path.name
        unfinished.mkdir()
        yield unfinished
        if path.exists():
            path.replace(folder / "replaced")
        unfinished.replace(path)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A hidden folder on the same file system as `path`, gone at the end whatever happens.

    Folders made for `path` to stand in stay if it does. Raises `BroadsheetError` where nothing can be written.
    """
    path = path.absolute()
    made = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{path.name}.", suffix=f".{os.getpid()}", dir=path.parent, ignore_cleanup_errors=True
        ) as folder:
            yield Path(folder)
    except OSError as error:
        raise BroadsheetError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        if not path.exists():
            _remove_empty(made)


def _remove_empty(folders: Iterable[Path]) -> None:
    with suppress(OSError):  # somebody else has put something there
        for folder in folders:
            folder.rmdir()
