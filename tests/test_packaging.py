"""What pip builds is whole: unpacked where no checkout is near, it scores, with and without a compiler."""

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow
FACE = "from broadsheet import load_model; print(load_model().judge(['Bank holds rates'])[0].headline)"
DESK = (
    "from pathlib import Path; from service.desk.drawn import asset, page; from service.desk.about import about; "
    "from service.messages import RequestHead; from service.openapi import ASSETS; "
    "from model.artefact import DEFAULT, load; "
    "drawn = page('about.html.j2', presets=(), **about(load(DEFAULT))); "
    "print(drawn.status, all(asset(path, RequestHead('GET', path)).body for path in ASSETS))"
)
ENGINE = "from model.scoring import engine_name; print(engine_name())"


def build(folder: Path, **environment: str) -> Path:
    """Build a wheel from what the repository holds, and unpack it; give the folder."""
    source, site = folder / "source", folder / "site"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("needs a git checkout, to know what belongs to the project")
    for name in filter(None, listed.stdout.decode().split("\0")):
        if not name.startswith(("tests/", "docs/", "fixtures/", "benchmarks/")) and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "-w", folder, source], check=True, env={**os.environ, **environment}, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    return site


def run(site: Path, program: str) -> str:
    """Run a program that finds the unpacked wheel before anything else, in a folder of its own."""
    told = f"import model; assert model.__file__.startswith({str(site)!r}), model.__file__; {program}"
    environment = {**os.environ, "PYTHONPATH": str(site)}
    ran = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, cwd=site.parent, env=environment
    )
    return ran.stdout.strip()


def test_a_wheel_scores_where_no_checkout_is_near(tmp_path: Path) -> None:
    """The face, the default model and every room are in it, typed."""
    site = build(tmp_path)
    assert run(site, FACE) == "Bank holds rates"
    assert run(site, "import broadsheet.cli, service.app, training.candidate") == ""
    assert run(site, DESK) == "200 True"
    packages = [path.name for path in site.iterdir() if path.is_dir() and path.suffix != ".dist-info"]
    assert sorted(packages) == ["broadsheet", "model", "service", "training"]
    assert all((site / name / "py.typed").is_file() for name in packages)


def test_without_a_compiler_the_portable_scorer_is_installed(tmp_path: Path) -> None:
    """A failed compilation is no error."""
    site = build(tmp_path, CC="false")
    assert not list(site.rglob("*.so"))
    assert run(site, ENGINE) == "portable"
    assert run(site, FACE) == "Bank holds rates"


def test_the_build_tool_of_the_tests_is_that_of_the_build() -> None:
    """Else the wheel that is tested is not the one that is built."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    assert set(project["build-system"]["requires"]) <= set(project["project"]["optional-dependencies"]["dev"])
