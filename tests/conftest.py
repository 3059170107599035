"""What the tests share: a really trained small model, the fixtures' folder, and the corpora where they stand."""

import os
from pathlib import Path

import pytest

from model.scorer import Scorer
from training.candidate import train
from training.corpora import read_corpora
from training.fit import Recipe

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
    train(corpus, sources, output, Recipe(), "small", lambda _stage: None)
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
