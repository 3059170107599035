"""Reads what somebody else may have put there: regular files, within a stated size, whole and once.

A device may have no end, a FIFO nobody at its other end, and a file may be another one at the second look.
"""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

_SHELL = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")  # how a shell names a pipe: `page <(curl ...)`
_AT_ONCE = 1 << 20  # bytes


def open_regular(path: Path, *, pipes: bool = False) -> BufferedReader:
    """Open a regular file for reading; with `pipes`, a pipe that the shell made as well.

    Raises `OSError` whose `strerror` says what is wrong, without waiting for anybody.
    """
    try:
        _require_regular(path, path.stat().st_mode, pipes)  # before it is opened: a device may notice that
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except ValueError as error:
        raise OSError(errno.EINVAL, "no file's name holds a NUL character", str(path)) from error
    try:
        _require_regular(path, os.fstat(descriptor).st_mode, pipes)
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except OSError:
        os.close(descriptor)
        raise


def read_regular(path: Path, most: int, *, pipes: bool = False) -> bytes:
    """Read a file of at most `most` bytes; raise `OSError` as `open_regular` does, or for a larger one."""
    with open_regular(path, pipes=pipes) as raw:
        size = os.fstat(raw.fileno()).st_size
        content = raw.read(min(size, most) + 1)  # one more, which tells whether that was all
        while len(content) > size and len(content) <= most and (more := raw.read(_AT_ONCE)):
            content += more  # a pipe, or a file that has grown since
    if len(content) > most or size > most:
        raise _too_large(path, most)
    return content


def read_within(folder: Path, name: str, most: int) -> bytes:
    """Read a file of a folder in this way; one that a link leads out of the folder to is refused."""
    return read_regular(_within(folder, name), most)


def open_within(folder: Path, name: str, most: int) -> BufferedReader:
    """Open a file of a folder in this way."""
    path = _within(folder, name)
    if path.stat().st_size > most:
        raise _too_large(path, most)
    return open_regular(path)


def _within(folder: Path, name: str) -> Path:
    """Follow the links of a file of a folder; what mounts files by links (Kubernetes) has them end in the folder."""
    try:
        path = (folder / name).resolve(strict=True)
        is_within = path.is_relative_to(folder.resolve(strict=True))
    except (ValueError, RuntimeError) as error:  # a NUL; until Python 3.13, links that go in a circle
        raise OSError(errno.EINVAL, "no file has such a name", name) from error
    if not is_within:
        raise OSError(errno.EINVAL, "a link that leads out of its folder", name)
    return path


def _too_large(path: Path, most: int) -> OSError:
    return OSError(errno.EFBIG, f"larger than {most:,} bytes", str(path))


def _require_regular(path: Path, mode: int, pipes: bool) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if pipes and stat.S_ISFIFO(mode) and str(path).startswith(_SHELL):
        return
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", str(path))
