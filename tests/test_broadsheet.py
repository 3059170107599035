"""The face: what `from broadsheet import ...` gives, as its own docs and the README show it."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import broadsheet
from broadsheet import BroadsheetError, Judgement, load_model, read_page
from model.artefact import DEFAULT

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "text", [broadsheet.__doc__, (ROOT / "README.md").read_text(encoding="utf-8")], ids=["doc", "README"]
)
def test_every_example_gives_what_it_shows(text: str) -> None:
    """A reader can paste them."""
    examples = doctest.DocTestParser().get_doctest(text, {}, "examples", None, 0)
    assert examples.examples
    assert doctest.DocTestRunner().run(examples).failed == 0


@pytest.mark.slow
def test_importing_it_imports_nothing_heavy() -> None:
    """Whoever only wants a type, or a page's headlines, does not wait for NumPy."""
    program = (
        "import sys, broadsheet; broadsheet.Judgement\n"
        "print(sorted({'numpy', 'lxml', 'rich', 'click', 'model.scorer'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_model_is_named_by_folder_or_by_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder as text or as a path; a version that no store holds is refused by name."""
    monkeypatch.delenv("BROADSHEET_MODELS", raising=False)
    versions = {load_model().version, load_model(DEFAULT).version, load_model(str(DEFAULT)).version}
    assert len(versions) == 1
    with pytest.raises(BroadsheetError, match="names no store"):
        load_model("0123456789ab")


@pytest.mark.parametrize("model", ["", 3, b"/nope", ["a"]])
def test_what_names_no_model_is_refused(model: object) -> None:
    """In one line that says what was expected."""
    with pytest.raises(BroadsheetError, match="must be a folder or a version, got"):
        load_model(model)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", [b"<h2>A</h2>", Path("page.html"), None])
def test_what_is_no_text_is_no_page(page: object) -> None:
    """Bytes have to be decoded by whoever knows how."""
    with pytest.raises(BroadsheetError, match="a page must be text, got"):
        read_page(page)  # type: ignore[arg-type]


@pytest.mark.parametrize("headlines", ["Bank holds rates", iter(["Bank holds rates"]), None, {"Bank holds rates"}])
def test_one_string_is_no_list_of_headlines(headlines: object) -> None:
    """Its characters would be judged."""
    model = load_model()
    for ask in (model.judge, model.predict_proba, model.decision_function):
        with pytest.raises(BroadsheetError, match="headlines must be a list of strings, got"):
            ask(headlines)  # type: ignore[arg-type]


def test_the_types_that_the_face_gives_can_be_named() -> None:
    """For annotations; anything else is an error as usual."""
    assert isinstance(load_model(), broadsheet.Scorer)
    assert isinstance(read_page("<h2>Council approves budget for new library</h2>")[0], broadsheet.PageHeadline)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        broadsheet.Nonsense  # noqa: B018


def test_the_names_are_few_and_all_there() -> None:
    """A star import gives what is listed."""
    assert len(broadsheet.__all__) < 10
    assert all(hasattr(broadsheet, name) for name in broadsheet.__all__)
    assert isinstance(load_model().judge(["Bank holds rates"])[0], Judgement)
    assert read_page("") == []


@pytest.mark.slow
def test_the_module_runs_as_the_command() -> None:
    """`python -m broadsheet` is `broadsheet`."""
    ran = subprocess.run(
        [sys.executable, "-m", "broadsheet", "--version"], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stdout.startswith("broadsheet ")
