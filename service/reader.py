"""Reads pages in a process of its own, which has a budget: a page that passes it costs its caller the answer, no more.

libxml2 and our own reading hold Python's lock while they work, and neither can be stopped from outside. In a process
they hold up nobody; the system ends it when its time of the processor is over (RLIMIT_CPU), its memory ends before
the machine's does (RLIMIT_AS), and the next page finds a new one. The process is this file, run as a program.
"""

import asyncio
import gc
import json
import os
import struct
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from model.pages import Kind, PageHeadline, read_html, read_text
from service.problems import RequestError, require_at_most

CPU_SECONDS = 2  # of one page; the costliest that is accepted takes 0.5 (docs/performance.md)
MEMORY = 512 * 2**20  # bytes beyond what the process has when it begins; the costliest takes 100 MB
WALL_SECONDS = 30.0  # in case a process neither works nor ends
WAITING = 32  # pages that wait for their turn; one more is refused at once
_LARGE = 150 * 2**20  # bytes at which a process that has read its page is replaced, to give them back
_FRAME = struct.Struct(">I")
_KINDS: dict[bytes, Kind] = {b"h": "html", b"t": "text"}


class Reader:
    """Hands pages to a process, one at a time; for one event loop."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def read(self, kind: Kind, document: str, most: int) -> list[PageHeadline]:
        """Find the headlines of a page, up to `most`; raise `RequestError` for more, and for what passes the budget."""
        if self._waiting >= WAITING:
            raise RequestError("overloaded", f"{WAITING} pages wait to be read; try again")
        self._waiting += 1
        try:
            async with self._turn:
                question = kind[0].encode() + _FRAME.pack(most) + document.encode("utf-8", "surrogatepass")
                answer = await self._ask(question)
        finally:
            self._waiting -= 1
        said = json.loads(answer)
        if isinstance(said, dict):
            raise RequestError(said["code"], said["detail"])
        return [PageHeadline(*one) for one in said]

    async def _ask(self, question: bytes) -> bytes:
        process = self._process if self._process and self._process.returncode is None else await _start()
        self._process = None  # until it has answered
        try:
            async with asyncio.timeout(WALL_SECONDS):
                answer = await _exchange(process, question)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
            spent = f"{WALL_SECONDS:.0f} s" if isinstance(error, TimeoutError) else f"{CPU_SECONDS} s of the processor"
            raise RequestError("page-too-costly", f"reading the page took over {spent}") from error
        else:
            self._process = process
        finally:
            if self._process is None:  # it went too far, or whoever asked has gone
                await _end(process)
        if answer[:1] == b"+":  # it has grown, or run out
            await self.close()
        return answer[1:]

    async def close(self) -> None:
        """End the process."""
        if self._process:
            await _end(self._process)
            self._process = None


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    with suppress(OSError):
        await process.communicate()  # which closes the pipes as well


async def _start() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        __name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # a Ctrl-C at the terminal is the master's
    )


async def _exchange(process: asyncio.subprocess.Process, question: bytes) -> bytes:
    if process.stdin is None or process.stdout is None:
        raise OSError("the process has no pipes")
    process.stdin.write(_FRAME.pack(len(question)) + question)
    await process.stdin.drain()
    (length,) = _FRAME.unpack(await process.stdout.readexactly(_FRAME.size))
    return await process.stdout.readexactly(length)


def main() -> None:
    """Answer one page after the other, from stdin to stdout, until stdin ends."""
    import resource

    with suppress(OSError, ValueError):
        os.nice(5)  # answers that cost little go before pages
    gc.disable()  # nothing is kept from page to page, and it takes a tenth of the time
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory(resource)
    while head := sys.stdin.buffer.read(_FRAME.size):
        question = sys.stdin.buffer.read(_FRAME.unpack(head)[0])
        used = resource.getrusage(resource.RUSAGE_SELF)
        _limit(resource, resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + CPU_SECONDS)
        said = _answer(question)
        gc.collect()
        ends = _memory("VmHWM") > _LARGE or (isinstance(said, dict) and said["code"] == "page-too-costly")
        _put(sys.stdout.buffer, (b"+" if ends else b" ") + json.dumps(said).encode())


def _answer(question: bytes) -> Sequence[Any] | dict[str, str]:
    from model.errors import BroadsheetError

    read = {"html": read_html, "text": read_text}[_KINDS[question[:1]]]
    try:
        found = read(question[1 + _FRAME.size :].decode("utf-8", "surrogatepass"))
        require_at_most(_FRAME.unpack_from(question, 1)[0], len(found))
    except RequestError as error:
        return {"code": error.code, "detail": error.detail}
    except BroadsheetError as error:
        return {"code": error.code, "detail": str(error)}
    except MemoryError:
        return {"code": "page-too-costly", "detail": f"reading the page took over {MEMORY >> 20} MiB of memory"}
    return [(one.text, one.section, one.line, one.selector, one.role, one.source) for one in found]


def _limit_memory(resource: Any) -> None:
    if has := _memory("VmSize"):
        with suppress(OSError, ValueError):
            _limit(resource, resource.RLIMIT_AS, has + MEMORY)


def _memory(name: str) -> int:
    """Give bytes of this process' memory, as Linux names them; 0 where it does not tell.

    `ru_maxrss` tells of the process that this one was forked from as well.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    return 0


def _limit(resource: Any, what: int, value: int) -> None:
    _, most = resource.getrlimit(what)
    resource.setrlimit(what, (value if most < 0 else min(value, most), most))


def _put(out: BinaryIO, answer: bytes) -> None:
    out.write(_FRAME.pack(len(answer)) + answer)
    out.flush()


if __name__ == "__main__":
    main()
