"""The store keeps what was promoted, whole and sound, and `current` can be read whatever happens meanwhile."""

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from model.artefact import DEFAULT, load, save
from model.errors import ArtefactError, BroadsheetError, RefusedError, StoreError
from model.judgement import Evidence
from model.scorer import Scorer, require_sound
from model.store import VARIABLE, Store, copy_model, find_model, store_of_environment

ROOT = Path(__file__).parents[1]
NOWHERE = "0123456789ab"

Make = Callable[..., Path]
Cli = Callable[..., tuple[int, str, str]]


def content(folder: Path) -> dict[str, bytes]:
    """Read every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def damage(folder: Path) -> None:
    """Flip one bit of the weights."""
    weights = folder / "weights.npy"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))


def test_a_promoted_folder_is_copied_and_becomes_current(store: Store, make: Make) -> None:
    """Whole, under its version; the candidate stays where it is, and may go."""
    candidate = make(1)
    before = content(candidate)
    version = store.promote(str(candidate))
    assert version == load(candidate).version
    assert content(store.path(version)) == content(candidate) == before
    assert (store.served(), store.versions()) == ((version,), [version])
    shutil.rmtree(candidate)
    assert load(store.path(version)).version == version


def test_only_what_the_manifest_names_is_copied(store: Store, make: Make) -> None:
    """Whatever else lies in the candidate's folder is nobody's model."""
    candidate = make(1)
    named = content(candidate)
    (candidate / "notes.txt").write_text("mine")
    assert content(store.path(store.promote(str(candidate)))) == named


def test_current_is_a_line_for_each_version_served_newest_first(store: Store, make: Make) -> None:
    """As the module says, so that other programs may read it; a version of the store is promoted by its name."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    assert store.promote(first) == first
    assert store.pointer.read_text() == f"{first}\n{second}\n{first}\n"


def test_promoting_what_is_current_changes_no_history(store: Store, make: Make) -> None:
    """A rollback after it goes to the version before."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    store.promote(second)
    assert store.served() == (second, first)


def test_current_remembers_a_hundred_versions(store: Store, make: Make) -> None:
    """It does not grow for ever."""
    both = [store.promote(str(make(number))) for number in (1, 2)]
    for number in range(101):
        store.promote(both[number % 2])
    assert store.served() == tuple(both[number % 2] for number in range(100, 0, -1))


def test_versions_stand_in_the_order_of_their_training(store: Store, make: Make) -> None:
    """Whatever the order in which they were promoted; other files and folders are passed over."""
    folders = {number: make(number) for number in (3, 1, 2)}
    for folder in folders.values():
        store.promote(str(folder))
    (store.folder / "notes").mkdir()
    (store.folder / NOWHERE).write_text("a file")
    assert store.versions() == [load(folders[number]).version for number in (1, 2, 3)]


@pytest.mark.parametrize("name", ["weights.npy", "manifest.json", "common.txt"])
def test_a_damaged_candidate_is_refused(store: Store, make: Make, name: str) -> None:
    """Current stays, and nothing of the candidate is left in the store."""
    current, candidate = store.promote(str(make(1))), make(2)
    before = content(store.folder)
    with (candidate / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(RefusedError, match=f"^not promoted: model {candidate} is damaged"):
        store.promote(str(candidate))
    assert content(store.folder) == before
    assert store.served() == (current,)


@pytest.mark.parametrize("column", ["idf", "sensational", "clickbait"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_model_of_no_numbers_is_refused_however_well_its_hashes_match(
    store: Store, make: Make, column: str, value: float
) -> None:
    """No number in one term of three, which the self-test's headlines do not hold: current stays."""
    current = store.promote(str(make(1)))
    with pytest.raises(RefusedError, match=r"^not promoted: .* holds (idf|coefficients) that are no numbers"):
        store.promote(str(make(2, **{column: np.array([1, 2, value])})))
    assert store.served() == (current,)
    assert store.versions() == [current]


def test_rollbacks_go_back_to_the_beginning_and_no_further(store: Store, make: Make) -> None:
    """Twice after three promotions; then there is nothing before, and current stays."""
    first, second, third = (store.promote(str(make(number))) for number in (1, 2, 3))
    assert store.served() == (third, second, first)
    assert store.rollback() == second
    assert store.rollback() == first
    for _ in range(2):
        with pytest.raises(StoreError, match="has served no version before this one; nothing to roll back to"):
            store.rollback()
    assert store.served() == (first,)
    assert set(store.versions()) == {first, second, third}


def test_a_promotion_after_a_rollback_goes_on_from_there(store: Store, make: Make) -> None:
    """The version that was rolled back from is not what a later rollback gives."""
    first, second, third = (str(make(number)) for number in (1, 2, 3))
    kept = store.promote(first)
    store.promote(second)
    store.rollback()
    store.promote(third)
    assert store.rollback() == kept


def test_a_rollback_to_a_damaged_version_is_refused(store: Store, make: Make) -> None:
    """What is current stays so; the damaged one is named."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    damage(store.path(first))
    with pytest.raises(RefusedError, match=rf"{first} is damaged: weights\.npy"):
        store.rollback()
    assert store.served() == (second, first)
    shutil.rmtree(store.path(first))
    with pytest.raises(RefusedError, match=f"{first} must be a model folder"):
        store.rollback()
    assert store.served() == (second, first)


def test_a_rollback_to_a_folder_that_holds_another_version_is_refused(store: Store, make: Make) -> None:
    """Whole and sound, but not what its name says."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    shutil.rmtree(store.path(first))
    shutil.copytree(store.path(second), store.path(first))
    with pytest.raises(RefusedError, match=f"{first} holds another version, {second}"):
        store.rollback()
    assert store.served() == (second, first)


def test_a_rollback_makes_no_store(store: Store) -> None:
    """A mistyped folder stays what it was: nothing."""
    with pytest.raises(StoreError, match="there is no such folder"):
        store.rollback()
    assert not store.folder.exists()


@pytest.mark.parametrize(
    "rubbish", [b"", b"\n", b"latest\n", b"0123456789AB\n", b"../../etc\n", b"\xff\xfe\n", b"0" * 13]
)
def test_a_current_that_holds_rubbish_is_said_and_a_promotion_mends_it(
    store: Store, make: Make, rubbish: bytes
) -> None:
    """It names no path; reading and rolling back say what it must be, and promoting again is what they ask for."""
    version = store.promote(str(make(1)))
    store.pointer.write_bytes(rubbish)
    for act in (store.served, store.rollback, lambda: find_model(None, store)):
        with pytest.raises(StoreError, match=f"^{store.pointer} "):
            act()
    assert store.promote(version) == version
    assert store.served() == (version,)
    assert [path.read_bytes() for path in set_aside(store)] == [rubbish]


def names_in(folder: Path) -> set[str]:
    """Name what stands in a folder, hidden too."""
    return {path.name for path in folder.iterdir()}


def set_aside(store: Store) -> list[Path]:
    """Find what was kept of a `current` that could not be read."""
    return sorted(store.folder.glob("current.unreadable-*"))


DAMAGES: dict[str, Callable[[str], bytes]] = {
    "a line too many": lambda text: f"{text}latest\n".encode(),
    "a line of rubbish before": lambda text: b"\xff\x00\n" + text.encode(),
    "cut in the first line": lambda text: text.encode()[3:],
    "cut in the last line": lambda text: text.encode()[:-4],
    "capitals": lambda text: (text.splitlines()[0].upper() + text[12:]).encode(),
    "written twice": lambda text: f"{text.strip()}{text}".encode(),
}


@pytest.mark.parametrize("damage_to", DAMAGES)
def test_what_can_be_read_of_a_damaged_current_goes_on_as_its_history(store: Store, make: Make, damage_to: str) -> None:
    """Line by line, so that a rollback after the promotion goes where it can; what was there is kept aside."""
    versions = [store.promote(str(make(number))) for number in (1, 2, 3)]
    damaged = DAMAGES[damage_to](store.pointer.read_text())
    store.pointer.write_bytes(damaged)
    told: list[str] = []
    fourth = store.promote(str(make(4)), told.append)
    left = [line for line in damaged.decode("ascii", "replace").split() if line in versions]
    assert len(left) >= 2
    assert store.served() == (fourth, *left)
    assert store.rollback() == left[0]
    assert [path.read_bytes() for path in set_aside(store)] == [damaged]
    assert len(told) == 1
    assert set_aside(store)[0].name in told[0]
    assert "from what can be read of it: " + ", ".join(left) in told[0]


def sparse(path: Path) -> None:
    """Make a file of a terabyte that takes no place."""
    path.touch()
    os.truncate(path, 2**40)


NO_FILES: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing else": lambda path: path.symlink_to(path),
    "huge": lambda path: path.write_bytes(b"0" * 70_000),
    "sparse": sparse,
    "empty": Path.touch,
}


@pytest.mark.parametrize("kind", NO_FILES)
def test_a_current_that_is_no_file_is_said_at_once_and_mended(store: Store, make: Make, cli: Cli, kind: str) -> None:
    """Nobody waits for it, nor reads it without end; the history is what the store holds."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    os.utime(store.path(first), (1, 1))
    store.pointer.unlink()
    NO_FILES[kind](store.pointer)
    for command in ("list", "rollback"):
        code, out, err = cli("models", command, "--store", store.folder)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert str(store.pointer) in err
    code, out, err = cli("models", "promote", make(3), "--store", store.folder)
    assert (code, err) == (0, "")
    assert f"is kept as {set_aside(store)[0].name}; history, from what the store holds: {second}, {first}" in out
    assert store.served()[1:] == (second, first)
    assert store.rollback() == second


def test_a_current_that_cannot_be_read_twice_is_kept_twice(store: Store, make: Make) -> None:
    """Within a second, too."""
    version = store.promote(str(make(1)))
    for rubbish in ("one", "two", "three"):
        store.pointer.write_text(rubbish)
        store.promote(version)
    assert sorted(path.read_text() for path in set_aside(store)) == ["one", "three", "two"]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from model import store as stores

    def killed(*_given):
        os.kill(os.getpid(), signal.SIGKILL)

    stores.STEP = killed
    store = stores.Store(Path(sys.argv[1]))
    store.promote(sys.argv[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", ["shutil.copyfile", "os.fsync"])
def test_what_a_killed_promotion_left_is_swept_by_the_next(store: Store, make: Make, step: str) -> None:
    """In the middle of the copy, or of writing `current`; files of others, and of those that live, stay."""
    current = store.promote(str(make(1)))
    program = [sys.executable, "-c", textwrap.dedent(KILLED).replace("STEP", step), str(store.folder), str(make(2))]
    before = names_in(store.folder)
    assert subprocess.run(program, cwd=ROOT, check=False).returncode == -9
    left = {name for name in names_in(store.folder) - before if name.startswith(".")}
    assert len(left) == 1
    assert store.served() == (current,)
    ended = next(iter(left)).rpartition(".")[2]
    kept = {
        ".notes.abcdefgh.1x",
        f".notes.abcdefgh.{ended}",
        f".current.abcdefgh.{os.getpid()}",
        f".{NOWHERE}.abcdefgh.{os.getpid()}",
        f"current.abcdefgh.{ended}",
        f".current.abcdefg.{ended}",
    }
    for name in kept:
        (store.folder / name).mkdir()
    store.promote(str(make(3)))
    hidden = {name for name in names_in(store.folder) if "." in name}
    assert hidden == kept


def test_a_sweep_follows_no_link(store: Store, make: Make, tmp_path: Path) -> None:
    """What it leads to is somebody's."""
    store.promote(str(make(1)))
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "thesis.txt").write_text("mine")
    (store.folder / ".current.abcdefgh.4194303").symlink_to(tmp_path / "work")
    store.promote(str(make(2)))
    assert (tmp_path / "work" / "thesis.txt").read_text() == "mine"


def test_versions_stand_in_order_whatever_zone_their_time_is_written_in(store: Store, make: Make) -> None:
    """One that says no time comes first."""
    versions = {}
    for number, created in enumerate(("2026-01-01T12:00:00+02:00", "2026-01-01T11:00:00", "yesterday", ""), 1):
        folder = make(number)
        save(load(folder), folder, {"name": "x", "created": created})
        versions[created] = store.promote(str(folder))
    named = [created for one in store.versions() for created, version in versions.items() if version == one]
    assert set(named[:2]) == {"yesterday", ""}
    assert named[2:] == ["2026-01-01T12:00:00+02:00", "2026-01-01T11:00:00"]


def test_a_store_in_the_place_of_a_file_is_said_in_one_line(store: Store, make: Make) -> None:
    """Where no folder can be made."""
    store.folder.write_text("a file")
    with pytest.raises(StoreError, match="cannot be used as a store"):
        store.promote(str(make(1)))


def test_a_damaged_version_is_healed_by_promoting_it_again(store: Store, make: Make) -> None:
    """From an intact folder; from itself it is refused."""
    candidate = make(1)
    version = store.promote(str(candidate))
    whole = content(store.folder)
    damage(store.path(version))
    with pytest.raises(RefusedError, match="is damaged"):
        store.promote(version)
    assert store.promote(str(candidate)) == version
    assert content(store.folder) == whole


def test_a_healed_version_is_pointed_at_anew(store: Store, make: Make) -> None:
    """A service that refused it looks again only where `current` is another file than it saw."""
    candidate = make(1)
    version = store.promote(str(candidate))
    before = store.pointer.stat()
    damage(store.path(version))
    store.promote(str(candidate))
    after = store.pointer.stat()
    assert (after.st_ino, after.st_mtime_ns) != (before.st_ino, before.st_mtime_ns)


def test_a_version_that_is_here_and_whole_is_not_copied_again(store: Store, make: Make) -> None:
    """A service may be about to load it."""
    candidate = make(1)
    weights = store.path(store.promote(str(candidate))) / "weights.npy"
    before = weights.stat()
    store.promote(str(candidate))
    assert (weights.stat().st_ino, weights.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_damaged_version_hides_no_other(store: Store, make: Make) -> None:
    """The list and the error for an unknown version still name what is there."""
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    (store.path(first) / "manifest.json").write_text("{}")
    assert set(store.versions()) == {first, second}
    with pytest.raises(StoreError, match=f"it holds: .*{second}"):
        store.find(NOWHERE)


PROMOTING = """
    import sys
    from model.store import Store

    store = Store(__import__("pathlib").Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for candidate in sys.argv[2:]:
        store.promote(candidate)
"""


@pytest.mark.slow
def test_processes_that_promote_at_once_lose_nothing(store: Store, make: Make) -> None:
    """Four promote a version that is new to all, then five each of their own; `current` can be read all the while."""
    shared = make(30)
    shares = [[make(number + 5 * process) for number in range(1, 6)] for process in range(4)]
    program = [sys.executable, "-c", textwrap.dedent(PROMOTING), str(store.folder)]
    with ExitStack() as ends:
        running = [
            ends.enter_context(
                subprocess.Popen(
                    [*program, str(shared), *map(str, share)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            )
            for share in shares
        ]
        for process in running:  # so that all begin together
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        for process in running:
            assert process.stdin
            process.stdin.write(b"\n")
            process.stdin.flush()
        while any(process.poll() is None for process in running):
            for version in store.served():
                load(store.path(version))
        assert [process.returncode for process in running] == [0] * 4
    assert sorted(set(store.served())) == sorted(store.versions())
    assert set(store.versions()) == {load(folder).version for folder in (shared, *chain(*shares))}


def kill_in_the_middle(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make the copy of the second file fail, after half of it was written."""
    copied: list[Path] = []

    def copyfile(source: Path, target: Path) -> None:
        copied.append(target)
        target.write_bytes(source.read_bytes()[: None if len(copied) == 1 else 10])
        if len(copied) > 1:
            raise error

    monkeypatch.setattr("model.store.shutil.copyfile", copyfile)


@pytest.mark.parametrize(
    ("error", "expected"),
    [(KeyboardInterrupt(), KeyboardInterrupt), (OSError(errno.ENOSPC, "No space left on device"), BroadsheetError)],
)
def test_a_copy_that_is_broken_off_leaves_nothing(
    store: Store, make: Make, monkeypatch: pytest.MonkeyPatch, error: BaseException, expected: type[BaseException]
) -> None:
    """By Ctrl-C or a full disk: the store holds what it held, under no other name either."""
    current = store.promote(str(make(1)))
    before = sorted(store.folder.rglob("*"))
    kill_in_the_middle(monkeypatch, error)
    with pytest.raises(expected):
        store.promote(str(make(2)))
    assert sorted(store.folder.rglob("*")) == before
    assert store.served() == (current,)


def test_a_heal_that_is_broken_off_leaves_the_damaged_version(
    store: Store, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced whole or not at all."""
    candidate = make(1)
    damage(store.path(store.promote(str(candidate))))
    before = content(store.folder)
    kill_in_the_middle(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        store.promote(str(candidate))
    assert content(store.folder) == before


def test_a_source_that_changes_while_it_is_copied_is_refused(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy is checked, not the source alone."""
    other = content(make(2))

    def copyfile(source: Path, target: Path) -> None:
        target.write_bytes(other[source.name])

    monkeypatch.setattr("model.store.shutil.copyfile", copyfile)
    with pytest.raises(ArtefactError, match="changed while it was copied"):
        copy_model(make(1), tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_model_is_found_by_folder_or_version(store: Store, make: Make) -> None:
    """A version stands for itself in the store; a path for itself, with a store and without one."""
    candidate = make(1)
    version = store.promote(str(candidate))
    assert find_model(version, store) == store.path(version)
    assert find_model(str(candidate), store) == find_model(str(candidate), None) == candidate
    with pytest.raises(StoreError, match=f"{NOWHERE} is neither .* in {store.folder}; it holds: {version}"):
        find_model(NOWHERE, store)


def test_without_a_name_the_current_version_is_found_else_the_default(store: Store, make: Make) -> None:
    """The default serves where nothing was promoted, and where there is no store."""
    assert find_model(None, None) == find_model(None, store) == DEFAULT
    first, second = (store.promote(str(make(number))) for number in (1, 2))
    assert find_model(None, store) == store.path(second)
    store.rollback()
    assert find_model(None, store) == store.path(first)


def test_a_version_without_a_store_names_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Unless a folder of that name stands here."""
    with pytest.raises(StoreError, match=f"{NOWHERE} looks like a version, but {VARIABLE} names no store"):
        find_model(NOWHERE, None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / NOWHERE).mkdir()
    assert find_model(NOWHERE, None) == Path(NOWHERE)


def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty variable names none."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(tmp_path))
    found = store_of_environment()
    assert found
    assert found.folder == tmp_path
    monkeypatch.setenv("BROADSHEET_MODELS", "")
    assert store_of_environment() is None


class Lost(Scorer):
    """A scorer whose scores are no numbers."""

    def decision_function(self, headlines: Sequence[str]) -> npt.NDArray[np.float64]:
        """Give NaN."""
        return np.full((len(headlines), 2), np.nan)


class Shifted(Scorer):
    """A scorer that is a little off what its evidence says, on the second axis of the second headline."""

    def decision_function(self, headlines: Sequence[str]) -> npt.NDArray[np.float64]:
        """Add a hundred-thousandth."""
        scores = super().decision_function(headlines)
        scores[1, 1] += 1e-5
        return scores


class Unexplained(Scorer):
    """A scorer whose evidence is no number."""

    def explain(self, headline: str) -> Evidence:
        """Give a rest of NaN."""
        return replace(super().explain(headline), rest={"sensational": 0.0, "clickbait": float("nan")})


@pytest.mark.parametrize("portable", [False, True])
def test_the_self_test_catches_each_way_to_be_wrong(scorer: Scorer, portable: bool) -> None:
    """Scores of no numbers, and evidence that does not add up; the same model without a fault passes."""
    require_sound(Scorer(scorer.artefact, portable=portable))
    for kind, said in ((Lost, "no numbers"), (Shifted, "does not add up"), (Unexplained, "does not add up")):
        with pytest.raises(ArtefactError, match=f"model {scorer.version} fails its self-test: .*{said}"):
            require_sound(kind(scorer.artefact, portable=portable))
