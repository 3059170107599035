"""What the tests share: a really trained small model, the fixtures' folder, and the corpora where they stand."""

import io
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from model.cli import main
from model.scorer import Scorer
from training.candidate import Material, train
from training.corpora import read_corpora
from training.recipe import Recipe

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The project's own small data."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A candidate folder, trained on the fixtures' headlines."""
    output = tmp_path_factory.mktemp("models") / "small"
    corpus, sources = read_corpora([ROOT / "fixtures" / "headlines.csv"])
    train(Material(corpus, sources), output, Recipe(), "small", lambda _stage: None)
    return output


@pytest.fixture(scope="session")
def scorer(small_model: Path) -> Scorer:
    """A scorer over the small model."""
    return Scorer.load(small_model)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real corpora; tests that need it are skipped where it does not stand, except in CI."""
    folder = Path(os.environ.get("BROADSHEET_CORPORA", ROOT.parent / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"needs the corpora at {folder}; set BROADSHEET_CORPORA to where they are")
    return folder


Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """The command line within this process: `cli("score", "A headline", stdin="")` -> exit code, stdout, stderr."""

    def run(*arguments: object, stdin: str | bytes = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["broadsheet", *map(str, arguments)])
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return left.value.code, *capsys.readouterr()

    before = signal.getsignal(signal.SIGTERM)
    yield run
    signal.signal(signal.SIGTERM, before)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, None, None]:
    """Turn a skip into a failure where BROADSHEET_NO_SKIPS is set: in CI, nothing that a test needs is missing."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]  # what pluggy sends into a wrapper
    if report.skipped and os.environ.get("BROADSHEET_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, where none may be: {call.excinfo and call.excinfo.value}"
