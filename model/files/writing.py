"""Files and folders appear whole or not at all: written under a temporary name, then renamed."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import BroadsheetError

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}\.(?P<owner>\d{1,10})", re.DOTALL)  # what `_beside` makes
_FORGOTTEN = 86_400  # seconds after which the owner's number may well be another process's


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; rename it on success, remove it on any exception.

    What is there and no file, such as a device, is refused with `BroadsheetError`: the file would take its place.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BroadsheetError(f"{path} cannot be written: not a regular file")
    with _beside(path) as folder:
        unfinished = folder / path.name
        yield unfinished
        unfinished.replace(path)


@contextmanager
def creating_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it becomes `path` on success, replacing a folder that stands there.

    A non-empty folder that holds no manifest is somebody's work and is refused, with `BroadsheetError`.
    """
    if os.path.lexists(path) and not path.is_dir():
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


def sweep(folder: Path, names: re.Pattern[str]) -> None:
    """Remove what processes that were killed left in `folder` while they made files or folders of these names.

    Whoever else writes such names there must be kept out meanwhile.
    """
    for path in folder.iterdir():
        found = _TEMPORARY.fullmatch(path.name)
        if found and names.fullmatch(found["name"]) and _is_left(path, int(found["owner"])):
            shutil.rmtree(path, ignore_errors=True)  # which follows no link


def _is_left(path: Path, owner: int) -> bool:
    """Tell what nobody works on: its owner has ended, or it is so old that the number is another process's by now."""
    try:
        stat = path.lstat()
        if stat.st_uid != os.geteuid():
            return False
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return time.time() - stat.st_mtime > _FORGOTTEN


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
