"""Pages are read in a process of their own: what it says is what reading says, and what it costs has an end."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model.pages import read_html, read_text
from service import reader
from service.problems import RequestError
from service.reader import Reader

PAGE = "<h2><a href=/a>Council opens new library after long delay</a></h2>"
Made = TypeVar("Made")
MOST = 1000
pytestmark = pytest.mark.slow  # a process reads


@pytest.fixture(scope="module")
def pages(loop: asyncio.AbstractEventLoop) -> Iterator[Reader]:
    """A reader, whose process ends with the tests."""
    made = Reader()
    yield made
    loop.run_until_complete(made.close())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(texts=st.lists(st.text(st.characters(), max_size=60), max_size=6))
def test_it_says_what_reading_says(loop: asyncio.AbstractEventLoop, pages: Reader, texts: list[str]) -> None:
    """Whatever characters a page has, halves of surrogate pairs among them."""
    html = PAGE + "".join(f"<h3><a href='/x'>Three words {text}</a></h3>" for text in texts)
    assert loop.run_until_complete(pages.read("html", html, MOST)) == read_html(html)
    text = "\n\n".join(["Council opens new library after long delay", *texts])
    assert loop.run_until_complete(pages.read("text", text, MOST)) == read_text(text)


def test_one_process_reads_page_after_page(loop: asyncio.AbstractEventLoop, pages: Reader) -> None:
    """Also for many who ask at a time, each of whom gets the answer to their own."""

    async def many() -> list[str]:
        asked = [pages.read("html", PAGE.replace("library", f"library {number}"), MOST) for number in range(20)]
        return [found[0].text for found in await asyncio.gather(*asked)]

    loop.run_until_complete(pages.read("html", PAGE, MOST))
    before = pages._process
    assert before
    assert loop.run_until_complete(many()) == [f"Council opens new library {n} after long delay" for n in range(20)]
    assert pages._process is before


def refused(loop: asyncio.AbstractEventLoop, asked: Awaitable[object]) -> str:
    """Give the code by which a page is refused."""
    with pytest.raises(RequestError) as caught:
        loop.run_until_complete(asked)
    return caught.value.code


def started_with(text: str) -> Callable[[], Awaitable[asyncio.subprocess.Process]]:
    """Start the process with something changed in it."""

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            f"import service.reader as reader\n{text}\nreader.main()",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).parents[1],
        )

    return start


@pytest.mark.parametrize(
    "text",
    [
        "reader.CPU_SECONDS = 0\ndef endless(_): \n while True: pass\nreader._answer = endless",
        "reader.CPU_SECONDS = 0\nimport re\nreader._answer = lambda _: re.match('(a+)+$', 'a' * 60 + 'b')",  # within C
        "import os\nreader._answer = lambda _: os.abort()",
        "import sys\nreader._answer = lambda _: sys.exit(3)",
        "reader.MEMORY = 2**20\nreader.read_html = lambda _: [bytearray(2**29)]",
    ],
    ids=["endless", "endless in C", "crash", "exit", "memory"],
)
def test_a_page_that_goes_too_far_costs_its_caller_alone(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """It is refused, and who asks next is answered, by another process."""
    pages = Reader()
    with monkeypatch.context() as changed:
        changed.setattr(reader, "_start", started_with(text))
        assert refused(loop, pages.read("html", PAGE, MOST)) == "page-too-costly"
    assert loop.run_until_complete(pages.read("html", PAGE, MOST)) == read_html(PAGE)
    loop.run_until_complete(pages.close())


def test_a_process_that_neither_works_nor_ends_is_ended(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sleeps, so that no limit of the processor's reaches it."""
    pages = Reader()
    with monkeypatch.context() as changed:
        changed.setattr(reader, "_start", started_with("import time\nreader._answer = lambda _: time.sleep(1000)"))
        changed.setattr(reader, "WALL_SECONDS", 0.5)
        assert refused(loop, pages.read("html", PAGE, MOST)) == "page-too-costly"
    assert loop.run_until_complete(pages.read("html", PAGE, MOST)) == read_html(PAGE)
    loop.run_until_complete(pages.close())


def test_a_process_that_was_killed_between_pages_is_replaced(loop: asyncio.AbstractEventLoop) -> None:
    """By whoever: the page that finds it gone is refused at worst, and the next is not."""
    pages = Reader()
    loop.run_until_complete(pages.read("html", PAGE, MOST))
    assert pages._process
    os.kill(pages._process.pid, signal.SIGKILL)
    loop.run_until_complete(asyncio.sleep(0.2))
    assert loop.run_until_complete(pages.read("html", PAGE, MOST)) == read_html(PAGE)
    loop.run_until_complete(pages.close())


def test_a_process_that_has_grown_is_replaced(loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its page is answered."""
    pages = Reader()
    monkeypatch.setattr(reader, "_start", started_with("reader._LARGE = 0"))
    for _ in range(2):
        assert loop.run_until_complete(pages.read("html", PAGE, MOST)) == read_html(PAGE)
        assert pages._process is None


def test_more_pages_than_may_wait_are_refused_at_once(
    loop: asyncio.AbstractEventLoop, pages: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are read."""
    monkeypatch.setattr(reader, "WAITING", 3)

    async def many() -> list[object]:
        return await asyncio.gather(*(pages.read("html", PAGE, MOST) for _ in range(5)), return_exceptions=True)

    answers = loop.run_until_complete(many())
    assert answers[:3] == [read_html(PAGE)] * 3
    assert [getattr(one, "code", None) for one in answers[3:]] == ["overloaded"] * 2


def test_it_ends_with_whoever_started_it() -> None:
    """A worker that is killed leaves no process behind."""
    command = [sys.executable, "-m", "service.reader"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=Path(__file__).parents[1])
    process.communicate(timeout=60)
    assert process.returncode == 0
