"""Files and folders appear whole or not at all: written under a temporary name, then renamed."""

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from model.errors import BroadsheetError

_TEMPORARY = re.compile(r"\.(?P<name>.+)\.[a-z0-9_]{8}\.(?P<owner>\d{1,10})", re.DOTALL)  # what `_beside` makes
_LONGEST_NAME = 200
_FORGOTTEN = 86_400  # seconds after which the owner's number may well be another process's


@contextmanager
def replacing_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` to write to; rename it on success, remove it on any exception.

    The mode of a file that stood there, and where it may be given its owner and group, are kept. What is there and no
    file, such as a device, is refused with `BroadsheetError`: the file would take its place. A link stays one: the
    file that it leads to is replaced.
    """
    target = _followed(path)
    if path.exists() and not path.is_file() and not path.is_dir():
        raise BroadsheetError(f"{path} cannot be written: not a regular file")
    with _beside(path) as folder:
        unfinished = folder / path.name
        yield unfinished
        _take_mode(unfinished, target)
        unfinished.replace(target)


@contextmanager
def creating_folder(path: Path) -> Iterator[Path]:
    """Give a temporary folder to fill; it becomes `path` on success, replacing a folder that stands there.

    A non-empty folder that holds no manifest is somebody's work and is refused, with `BroadsheetError`. A link stays
    one.
    """
    target = _followed(path)
    if os.path.lexists(target) and not path.is_dir():
        raise BroadsheetError(f"{path} must be a new or replaceable folder, but it is a file")
    if path.is_dir() and any(path.iterdir()) and not (path / "manifest.json").is_file():
        raise BroadsheetError(f"{path} must be empty, new, or hold a model to replace; it holds something else")
    with _beside(path) as folder:
        unfinished = folder / path.name
        unfinished.mkdir()
        yield unfinished
        if target.exists():
            _take_mode(unfinished, target)
            target.replace(folder / "replaced")
        unfinished.replace(target)


def _followed(path: Path) -> Path:
    """Give where a link leads, though nothing may be there yet; any other path is as it was."""
    if not path.is_symlink():
        return path
    target = Path(os.path.realpath(path))
    if target.is_symlink():  # realpath gives up where links go in a circle
        raise BroadsheetError(f"{path} cannot be written: a link that leads nowhere but to itself")
    return target


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
        found = path.lstat()
        if found.st_uid != os.geteuid():
            return False
        os.kill(owner, 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return time.time() - found.st_mtime > _FORGOTTEN


def _take_mode(unfinished: Path, path: Path) -> None:
    """Give a new file the mode, group and owner of the one whose place it takes."""
    with suppress(FileNotFoundError):
        before = path.stat()
        with suppress(OSError):  # only an administrator gives files away
            os.chown(unfinished, before.st_uid, before.st_gid)
        unfinished.chmod(stat.S_IMODE(before.st_mode))


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A hidden folder on the same file system as `path`, or what it is a link to, gone at the end whatever happens.

    Folders made for `path` to stand in stay if it does. Raises `BroadsheetError` where nothing can be written.
    """
    path, target = path.absolute(), _followed(path).absolute()
    made = [parent for parent in target.parents if not parent.exists()]
    folder = Path()
    name = os.fsencode(path.name)[:_LONGEST_NAME].decode(errors="ignore")  # a system takes 255 bytes of all
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=f".{name}.", suffix=f".{os.getpid()}", dir=target.parent, ignore_cleanup_errors=True
        ) as made_folder:
            folder = Path(made_folder)
            yield folder
    except BroadsheetError as error:
        told = error.args[0].replace(f"{folder}{os.sep}{path.name}", str(path))
        if told == error.args[0]:
            raise
        raise type(error)(told) from error  # nobody knows the name of the unfinished file
    except OSError as error:
        why = (error.strerror or str(error)).replace(f"{folder}{os.sep}{path.name}", str(path))  # Arrow's name it
        raise BroadsheetError(f"{path} cannot be written: {why}") from error
    finally:
        if not path.exists():
            _remove_empty(made)


def _remove_empty(folders: Iterable[Path]) -> None:
    with suppress(OSError):  # somebody else has put something there
        for folder in folders:
            folder.rmdir()
