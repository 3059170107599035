"""What is written takes a file's place as it was, and nobody meets the name that it had before."""

import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pyarrow as pa
import pytest

from model.errors import BroadsheetError, TableError
from model.files.writing import creating_folder, replacing_file

Cli = Callable[..., tuple[int, str, str]]
MODES = [0o600, 0o640, 0o444, 0o666, 0o755]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "parquet", "txt"])
def test_an_output_that_is_replaced_keeps_its_mode(
    cli: Cli, small_model: Path, tmp_path: Path, mode: int, suffix: str
) -> None:
    """Whoever might read it may read it still, and nobody else."""
    made = tmp_path / f"out.{suffix}"
    made.touch()
    made.chmod(mode)
    (tmp_path / "in.txt").write_text("Lamps lit\n")
    assert cli("score", "--input", tmp_path / "in.txt", "--output", made, "--model", small_model)[0] == 0
    assert made.stat().st_size
    assert stat.S_IMODE(made.stat().st_mode) == mode


def test_a_new_output_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    """Not that of a temporary one."""
    (tmp_path / "other").touch()
    with replacing_file(tmp_path / "out") as unfinished:
        unfinished.touch()
    assert (tmp_path / "out").stat().st_mode == (tmp_path / "other").stat().st_mode


@pytest.mark.parametrize("mode", [0o700, 0o750, 0o775])
def test_a_folder_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    """A model's."""
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "manifest.json").touch()
    folder.chmod(mode)
    with creating_folder(folder) as unfinished:
        (unfinished / "manifest.json").write_text("new")
    assert stat.S_IMODE(folder.stat().st_mode) == mode
    assert (folder / "manifest.json").read_text() == "new"


def test_an_output_keeps_its_group(tmp_path: Path) -> None:
    """Where the system lets it be given away."""
    (tmp_path / "out").touch()
    group = next((one for one in os.getgroups() if one != os.getgid()), 12345 if os.geteuid() == 0 else os.getgid())
    os.chown(tmp_path / "out", -1, group)
    with replacing_file(tmp_path / "out") as unfinished:
        unfinished.write_text("new")
    assert (tmp_path / "out").stat().st_gid == group


def fail(error: Exception) -> None:
    """Raise an error."""
    raise error


FAILURES: dict[str, Callable[[Path], object]] = {
    "our own error": lambda path: fail(TableError(f"{path} must end in something else")),
    "the system's": lambda path: (path / "missing" / "x").open("w"),
    "a library's, with no code": lambda path: fail(OSError(f"Failed to open local file '{path}'")),
    "Arrow's": lambda path: pa.OSFile(str(path / "missing" / "x"), "w"),
    "a name": lambda path: fail(BroadsheetError(f"{path / 'weights.npy'} cannot be read")),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("writing", [replacing_file, creating_folder])
def test_a_temporary_name_is_in_no_error(
    tmp_path: Path, case: str, writing: Callable[[Path], AbstractContextManager[Path]]
) -> None:
    """Whoever raises it, the name is the one that was asked for."""
    path = tmp_path / "out.csv"

    def write() -> None:
        with writing(path) as unfinished:
            FAILURES[case](unfinished)

    with pytest.raises(BroadsheetError) as caught:
        write()
    assert str(path) in str(caught.value)
    assert ".out.csv." not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "jsonl", "parquet", "txt"])
def test_a_disk_that_is_full_is_said_of_the_output(
    cli: Cli, small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    """/dev/full stands where the unfinished file would."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    from model.files import writing

    (tmp_path / "in.txt").write_text("Lamps lit again in the north of the county\n" * 20_000)
    before = writing._beside

    def full(path: Path) -> object:
        class Full:
            def __enter__(self) -> Path:
                self._beside = before(path)
                folder = self._beside.__enter__()
                (folder / path.name).symlink_to("/dev/full")
                return folder

            def __exit__(self, *error: object) -> object:
                return self._beside.__exit__(*error)  # type: ignore[arg-type]

        return Full()

    monkeypatch.setattr(writing, "_beside", full)
    made = tmp_path / f"out.{suffix}"
    code, out, err = cli("score", "--input", tmp_path / "in.txt", "--output", made, "--model", small_model)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert str(made) in err
    assert f".out.{suffix}." not in err
    assert [path.name for path in tmp_path.iterdir()] == ["in.txt"]


@pytest.mark.parametrize("name", ["x" * 250 + ".csv", "é" * 120 + ".csv"])
def test_an_output_may_have_the_longest_name(cli: Cli, small_model: Path, tmp_path: Path, name: str) -> None:
    """255 bytes, which the temporary one leaves room for."""
    (tmp_path / "in.txt").write_text("Lamps lit\n")
    assert cli("score", "--input", tmp_path / "in.txt", "--output", tmp_path / name, "--model", small_model)[0] == 0
    assert (tmp_path / name).is_file()
