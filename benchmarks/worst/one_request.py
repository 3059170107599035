"""Says what one request costs a service that has just begun: run by benchmarks.worst.requests, a process each.

The body comes on stdin, its head as JSON in the first argument. The service is built here, of its default settings but
for the rate, and asked without a network. The processor's time is that of this process and of the one that reads pages;
memory is what either grew by at its highest, the larger, the body counted.
"""

import asyncio
import gc
import json
import resource
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from service.app import create_app
from service.edge import Edge
from service.logs import configure
from service.messages import Answer, RequestHead
from service.settings import Settings

PAGE = "/v1/page"
SLOWEST, LARGEST = 60, 8 << 30  # seconds and bytes at which a request is given up
_LOOK = 0.01  # seconds between two looks at the page reading process, which may have ended when the answer is there
_WARM = {  # requests of another kind, so that what is loaded once is there
    "html": b'{"text":"Council opens new library after long delay"}',
    "text": b'{"html":"<h2>Council opens new library after long delay</h2>"}',
}


def _kilobytes(process: int | str, name: str) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def _forget_highest(process: int | str) -> None:
    with suppress(OSError):
        Path(f"/proc/{process}/clear_refs").write_text("5")


def _reader() -> int | None:
    """Give the page reading process, where there is one."""
    children = [one for tasks in Path("/proc/self/task").iterdir() for one in (tasks / "children").read_text().split()]
    return int(children[0]) if children else None


def _ran(process: int) -> float:
    """Give the seconds that a process has had of the processor."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


def _used(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


class Highest:
    """The memory of the page reading process at its highest, as far as it was seen."""

    def __init__(self, process: int | None) -> None:
        self.process, self.kilobytes = process, 0
        if process:
            _forget_highest(process)
        self.before = _kilobytes(process, "VmRSS") if process else 0

    def look(self) -> None:
        """Look once more."""
        if self.process:
            self.kilobytes = max(self.kilobytes, _kilobytes(self.process, "VmHWM") - self.before)

    async def watch(self) -> None:
        """Look again and again."""
        while self.process:
            self.look()
            await asyncio.sleep(_LOOK)


async def _ask(edge: Edge, head: RequestHead, body: bytes) -> Answer:
    outcome = edge.answer(edge.begin(head), body)
    return outcome if isinstance(outcome, Answer) else await outcome


async def measured(head: RequestHead, kind: str) -> dict[str, Any]:
    """Ask once; give what it took and what was answered."""
    edge = create_app(Settings(rate_limit="off"))
    await _ask(edge, RequestHead("GET", "/livez", {"host": "localhost"}), b"")
    if head.target == PAGE:
        plain = {"host": "localhost", "content-type": "application/json"}
        await _ask(edge, RequestHead("POST", PAGE, plain), _WARM[kind])
    gc.collect()
    reader = _reader()
    highest, had_run, children = Highest(reader), _ran(reader) if reader else 0.0, _used(resource.RUSAGE_CHILDREN)
    _forget_highest("self")
    before = _kilobytes("self", "VmRSS")
    body = sys.stdin.buffer.read()
    watching = asyncio.create_task(highest.watch())
    await asyncio.sleep(0)
    own, began = _used(resource.RUSAGE_SELF), time.perf_counter()
    answer = await _ask(edge, head, body)
    seconds, wall = _used(resource.RUSAGE_SELF) - own, time.perf_counter() - began
    grew = _kilobytes("self", "VmHWM") - before
    watching.cancel()
    highest.look()
    await edge.close()
    seconds += _used(resource.RUSAGE_CHILDREN) - children - had_run
    said = json.loads(answer.body) if answer.status >= 400 else {}
    return {
        "seconds": max(0.0, seconds),
        "wall": wall,
        "megabytes": max(grew, highest.kilobytes) / 1024,
        "status": answer.status,
        "answer": len(answer.body),
        "code": said.get("code", ""),
        "detail": said.get("detail", ""),
    }


def main() -> None:
    """Measure, and print JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (SLOWEST, SLOWEST))
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    lines = configure()
    asked = json.loads(sys.argv[1])
    head = RequestHead(asked["method"], asked["target"], asked["headers"], "127.0.0.1")
    found = asyncio.run(measured(head, asked["kind"]))
    if lines:
        lines.settle()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
