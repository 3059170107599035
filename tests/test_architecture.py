"""docs/architecture.md against the tree: what it names is there, what is there is named, and no room is overfull."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("broadsheet", "model", "training", "service")
MODULES = sorted(path for package in (*PACKAGES, "benchmarks") for path in (ROOT / package).rglob("*.py"))
FACES = {"__init__.py", "__main__.py"}
MOST_LINES, LEAST_LINES = 300, 15


def _parts(folder: str) -> set[str]:
    """Give the names of what a reader sees in a folder, with a stroke behind folders."""
    seen = {f"{path.name}/" if path.is_dir() else path.name for path in (ROOT / folder).iterdir()}
    return {name for name in seen if not name.startswith("_") and not name.endswith((".so", ".pyd", ".typed", ".pyi"))}


def _drawing() -> str:
    return PAGE.split("```")[1]


def test_every_path_that_the_page_names_is_there() -> None:
    """Who follows a name finds it: from the root, or among the modules of the line's own folder."""
    missing: list[str] = []
    for line in PAGE.splitlines():
        paths = re.findall(r"`([a-z_]+(?:/[\w.]+)*(?:/|\.(?:py|md|toml)))`|\b(docs/\w+\.md)", line)
        long = [ROOT / found for found, _ in paths if "/" in found.rstrip("/")]
        folders = [ROOT, *(path if path.is_dir() else path.parent for path in long)]
        named = [one or other for one, other in paths]
        missing += [name for name in named if not any((folder / name).exists() for folder in folders)]
    assert not missing


ROOMS = ("broadsheet", "training", "service", "model")


def _named_in_drawing() -> list[tuple[str, str]]:
    """Give each name of a file or folder in the drawing, with the rooms that it may be in: those begun so far."""
    found, rooms = list[tuple[str, str]](), ""
    for line in _drawing().splitlines():
        for name in re.findall(r"\b[a-z_]+(?:/|\.py)(?=[\s),])", line):
            if name.rstrip("/") in ROOMS:
                rooms = f"{rooms} {name.rstrip('/')}" if "training/" in line else name.rstrip("/")
            else:
                found.append((name, rooms))
    return found


def test_everything_that_is_drawn_is_there() -> None:
    """A file that was renamed is renamed in the drawing."""
    names = _named_in_drawing()
    assert len(names) > 10
    assert [name for name, rooms in names if not any((ROOT / room / name).exists() for room in rooms.split())] == []


@pytest.mark.parametrize(("name", "module"), [("CALLS", "service/openapi.py"), ("_READERS", "model/tables/reader.py")])
def test_a_name_that_the_table_sends_to_is_there(name: str, module: str) -> None:
    """Not only the module."""
    assert f"`{name}` in `{module}`" in PAGE
    assert re.search(rf"^{name}\b", (ROOT / module).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("package", ["model", "broadsheet"])
def test_everything_in_a_room_is_drawn(package: str) -> None:
    """A new part of the model or of the face gets its place in the drawing."""
    drawn = set(re.findall(r"[\w.]+/?", _drawing()))
    assert _parts(package) - drawn == set()


def test_the_layers_of_the_model_are_the_drawing_s() -> None:
    """import-linter's contract, the drawing from top to bottom, and the folder name the same parts."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == ["model"])
    drawn = _drawing().split("  model/ ")[1]
    order = [[name.strip() for name in layer.split("|")] for layer in layers]
    assert {name for layer in order for name in layer} == {Path(name).stem for name in _parts("model")} - {"default"}
    places = [min(re.search(rf"^ .*\b{name}[/.]", drawn, re.MULTILINE).start() for name in layer) for layer in order]  # type: ignore[union-attr]
    assert places == sorted(places)


def test_no_contract_has_an_exception() -> None:
    """An arrow that is ignored is an arrow that nobody sees."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    assert [one["name"] for one in contracts if any("ignore" in key for key in one)] == []


def test_nothing_is_imported_by_string() -> None:
    """import-linter reads import statements, and would not see another way."""
    hidden = re.compile(
        r"\bimportlib\b(?!\.metadata|\.resources)|\bimport_module\b|\b__import__\b|\bresolve_name\b|\brunpy\b|\bexec\("
    )
    ours = [path for path in MODULES if not path.is_relative_to(ROOT / "benchmarks")]
    assert [str(path.relative_to(ROOT)) for path in ours if hidden.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_neither_a_hall_nor_a_cupboard(path: Path) -> None:
    """Beyond 300 lines a module does a second thing; below 15 it is a part of another, unless it is a face."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES
    assert lines >= LEAST_LINES or path.name in FACES


def test_no_c_file_is_a_hall() -> None:
    """The same for the kernel."""
    files = sorted((ROOT / "model" / "scoring" / "kernel").iterdir())
    assert files
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES] == []


def test_contributing_points_to_the_page() -> None:
    """A newcomer finds it."""
    assert "docs/architecture.md" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
