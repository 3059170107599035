"""Broadsheet tells measured news headlines from sensational and clickbait ones, says why, and says how sure it is.

>>> from broadsheet import load_model
>>> load_model().judge(["Council approves budget for new library"])[0].label
'measured'

Importing this imports neither NumPy nor a model; what is needed is imported where it is called.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.errors import BroadsheetError, PageError
from model.judgement import Evidence, Judgement, Span

if TYPE_CHECKING:
    from model.pages.found import PageHeadline
    from model.scorer import Scorer

__all__ = ["BroadsheetError", "Evidence", "Judgement", "PageHeadline", "Scorer", "Span", "load_model", "read_page"]


def load_model(model: str | Path | None = None) -> "Scorer":
    """Load a model: a folder (a path always is one), or a version in the store that BROADSHEET_MODELS names.

    Without `model` it is the store's current version, or where there is none the model that comes with Broadsheet.
    What is given has `judge(headlines, explain=False)`, a list of `Judgement` in order, and `predict_proba(headlines)`,
    the calibrated probabilities, shape (n, 2), columns `sensational` and `clickbait`. Threads may share it; a process
    loads its own.

    Raises `BroadsheetError` for a model that is missing or damaged.
    """
    from model.scorer import Scorer
    from model.store import find_model, store_of_environment

    if not (model is None or isinstance(model, Path) or (isinstance(model, str) and model)):
        raise BroadsheetError(f"model must be a folder or a version, got {model!r}")
    return Scorer.load(model if isinstance(model, Path) else find_model(model, store_of_environment()))


def read_page(content: str) -> "list[PageHeadline]":
    """Find the headlines of a saved page (HTML, MHTML or text) or a feed, in reading order, each with where it stands.

    Raises `BroadsheetError` for what is no page, and for one that holds more than is read in bounded time.
    """
    from model.pages import read_page as read

    if not isinstance(content, str):
        raise PageError(f"a page must be text, got {type(content).__name__}; decode it first")
    return read(content)


def __getattr__(name: str) -> Any:
    """Give the types of what is loaded and read, which cost an import of NumPy, when they are asked for."""
    if name == "Scorer":
        from model.scorer import Scorer

        return Scorer
    if name == "PageHeadline":
        from model.pages.found import PageHeadline

        return PageHeadline
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
