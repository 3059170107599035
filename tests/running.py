"""How the tests are run: what `--quick` leaves out, what shares a process, and that in CI nothing is skipped."""

import os
import sys
from collections.abc import Generator, Iterator
from typing import NoReturn

import pytest

SLOW = {"trained", "start", "port", "redis"}  # fixtures: whatever stands on them trains a model or starts a process
SERVERS = {"doors", "behind"}  # fixtures: each is a server that the tests of its module share


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take `--quick`."""
    parser.addoption("--quick", action="store_true", help="leave out tests that train a model or start a process")


def pytest_configure(config: pytest.Config) -> None:
    """Let as many processes as there are cores work at once: each of pytest's own, and nothing of theirs beside it."""
    config.addinivalue_line("markers", "slow: trains a model or starts a process, though no fixture of it says so")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # joblib's; a program that is tested as a user runs it has all
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if "PYTEST_XDIST_WORKER" in os.environ:  # what is measured are pytest's own processes, not those that they start
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is slow, or begin with it: the last to end are then short, and no process waits for another."""
    slow = [item for item in items if _is_slow(item)]
    quick = [item for item in items if not _is_slow(item)]
    for item in slow:
        if SERVERS & set(_fixtures_of(item)):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=slow)
        slow = []
    items[:] = [*slow, *quick]


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None or bool(SLOW & set(_fixtures_of(item)))


def _fixtures_of(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


@pytest.fixture(scope="session", autouse=True)
def _quick(pytestconfig: pytest.Config) -> Iterator[None]:
    """See to it that with `--quick` nothing is trained or started, so that whoever writes a slow test is told."""
    if not pytestconfig.getoption("--quick"):
        yield
        return
    allowed = False

    def heard(event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen" and not allowed:
            _refuse(arguments[0])

    sys.addaudithook(heard)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("training.fit.fit_line", _refuse)
        yield
    allowed = True  # a hook stays until the process ends


def _refuse(*what: object) -> NoReturn:
    raise AssertionError(f"a test starts or trains something: mark it with pytest.mark.slow ({str(what[0])[:99]})")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, None, None]:
    """Turn a skip into a failure where BROADSHEET_NO_SKIPS is set: in CI, nothing that a test needs is missing."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # what pluggy sends into a wrapper
    if report.skipped and os.environ.get("BROADSHEET_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, where none may be: {call.excinfo and call.excinfo.value}"
