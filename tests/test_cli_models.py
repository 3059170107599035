"""The commands that keep models, and those that use what is kept: exit codes, one line on stderr, JSON."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from model.artefact import DEFAULT, load
from model.scorer import Scorer
from model.scoring import engine_name
from model.store import Store
from service.access import Keys
from service.messages import RequestHead

NOWHERE = "0123456789ab"
HEADLINE = "Fury as lamps go out"

Cli = Callable[..., tuple[int, str, str]]
Make = Callable[..., Path]


@pytest.fixture(autouse=True)
def no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a store of their own."""
    monkeypatch.delenv("BROADSHEET_MODELS", raising=False)


def assert_refused(answer: tuple[int, str, str], code: int, said: str) -> None:
    """Check this exit code, nothing on stdout, and one line on stderr that says this."""
    assert answer[:2] == (code, "")
    assert answer[2].startswith("Error: ")
    assert answer[2].endswith("\n")
    assert answer[2].count("\n") == 1
    assert said in answer[2]


def test_a_model_is_promoted_listed_and_rolled_back(cli: Cli, store: Store, make: Make) -> None:
    """Each command says in one line what it did; the store's folder comes by the option."""
    first, second = make(1), make(2)
    one, two = load(first).version, load(second).version
    option = ("--store", store.folder)
    assert cli("models", "promote", first, *option) == (0, f"current is now {one}, before nothing\n", "")
    assert cli("models", "promote", second, *option) == (0, f"current is now {two}, before {one}\n", "")
    assert cli("models", "promote", one, *option) == (0, f"current is now {one}, before {two}\n", "")
    assert cli("models", "rollback", *option) == (0, f"current is now {two}, before {one}\n", "")
    assert store.served() == (two, one)


def test_the_variable_names_the_store_and_the_option_another(
    cli: Cli, store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was promoted by one way is there by the other."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    code, out, _ = cli("models", "list", "--format", "json")
    assert (code, json.loads(out)["store"]) == (0, str(store.folder))
    assert [row["version"] for row in json.loads(out)["versions"]] == list(versions)
    code, out, _ = cli("models", "list", "--format", "json", "--store", tmp_path / "other")
    assert json.loads(out) == {"store": str(tmp_path / "other"), "versions": []}
    assert cli("models", "rollback")[0] == 0
    assert store.served() == versions[:1]


@pytest.mark.parametrize("command", [("list",), ("promote", "build/candidate"), ("rollback",)])
def test_without_a_store_the_commands_say_how_to_name_one(cli: Cli, command: tuple[str, ...]) -> None:
    """Exit code 2."""
    assert_refused(cli("models", *command), 2, "expected --store DIR, or BROADSHEET_MODELS in the environment")


def test_the_list_as_json_names_each_version_and_which_is_current(
    cli: Cli, store: Store, versions: tuple[str, str]
) -> None:
    """The whole body."""
    code, out, err = cli("models", "list", "--store", store.folder, "--format", "json")
    rows = [
        {
            "version": version,
            "name": f"number {number}",
            "created": f"2026-01-0{number}T00:00:00+00:00",
            "current": number == 2,
        }
        for number, version in enumerate(versions, 1)
    ]
    assert (code, err, json.loads(out)) == (0, "", {"store": str(store.folder), "versions": rows})


def test_the_list_marks_the_current_version(cli: Cli, store: Store, versions: tuple[str, str]) -> None:
    """A row a version, a star before one."""
    code, out, err = cli("models", "list", "--store", store.folder)
    header, *rows = [line.split() for line in out.splitlines()]
    assert (code, err, header) == (0, "", ["version", "name", "trained"])
    assert rows == [
        [versions[0], "number", "1", "2026-01-01T00:00:00+00:00"],
        ["*", versions[1], "number", "2", "2026-01-02T00:00:00+00:00"],
    ]


def test_an_empty_store_is_said_on_stderr(cli: Cli, store: Store) -> None:
    """It is no error, and stdout stays empty for programs."""
    code, out, err = cli("models", "list", "--store", store.folder)
    assert (code, out) == (0, "")
    assert err == f"{store.folder} holds no version yet; broadsheet models promote DIR puts one there\n"


def test_a_damaged_version_is_listed_with_its_error(cli: Cli, store: Store, versions: tuple[str, str]) -> None:
    """The others are listed as ever."""
    manifest = store.path(versions[0]) / "manifest.json"
    manifest.write_text("{}")
    code, out, _ = cli("models", "list", "--store", store.folder, "--format", "json")
    damaged, whole = json.loads(out)["versions"]
    assert code == 0
    assert damaged == {
        "version": versions[0],
        "error": f"model {manifest.parent} is damaged: its manifest.json is not a manifest",
        "current": False,
    }
    assert (whole["version"], whole["name"], whole["current"]) == (versions[1], "number 2", True)
    code, out, _ = cli("models", "list", "--store", store.folder)
    assert code == 0
    assert "is damaged" in " ".join(out.split())
    assert versions[1] in out


def test_a_damaged_model_is_not_promoted(cli: Cli, store: Store, versions: tuple[str, str], make: Make) -> None:
    """A check said no: exit code 1; so it is for one of no numbers, and for a rollback to a damaged version."""
    candidate = make(3)
    (candidate / "weights.npy").write_bytes(b"")
    option = ("--store", store.folder)
    assert_refused(cli("models", "promote", candidate, *option), 1, f"not promoted: model {candidate} is damaged")
    nan = make(4, sensational=float("nan"))
    assert_refused(cli("models", "promote", nan, *option), 1, "not promoted: model ")
    shutil.rmtree(store.path(versions[0]))
    assert_refused(cli("models", "rollback", *option), 1, f"not promoted: {store.path(versions[0])} must be a model")
    assert store.served() == versions[::-1]


def test_what_is_no_model_is_bad_usage(cli: Cli, store: Store, versions: tuple[str, str]) -> None:
    """Exit code 2, and what the store holds."""
    option = ("--store", store.folder)
    for name in (NOWHERE, "no/such/folder"):
        answer = cli("models", "promote", name, *option)
        assert_refused(answer, 2, f"{name} is neither a model folder nor a version in {store.folder}")
        assert set(versions) <= set(answer[2].replace(",", " ").split())
    assert cli("models", "rollback", *option)[0] == 0
    assert_refused(cli("models", "rollback", *option), 2, "has served no version before this one")
    assert_refused(cli("models", "promote"), 2, "DIR|VERSION")
    assert_refused(cli("models", "list", "--store", store.pointer), 2, "is a file")


def test_a_store_whose_current_holds_rubbish_is_mended_by_a_promotion(
    cli: Cli, store: Store, versions: tuple[str, str]
) -> None:
    """Until then, what needs it says so in one line."""
    store.pointer.write_text("latest\n")
    option = ("--store", store.folder)
    for command in ("list", "rollback"):
        assert_refused(cli("models", command, *option), 2, f"{store.pointer} must hold versions of 12 hex digits")
    answer = cli("models", "promote", versions[0], *option)
    assert (answer[0], answer[2]) == (0, "")
    told, done = answer[1].splitlines()
    assert done == f"current is now {versions[0]}, before unreadable"
    assert "could not be read, and is kept as current.unreadable-" in told
    assert store.served() == versions


def test_a_model_is_shown_as_json(cli: Cli, make: Make) -> None:
    """The body of GET /v1/model, which holds no hash of a file."""
    candidate = make(1)
    code, out, err = cli("models", "show", "--model", candidate, "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == load(candidate).summary(engine_name())
    assert json.loads(out)["terms_count"] == 3
    assert not {"files", "sha256"} & set(json.loads(out))


def test_a_model_is_shown_to_people(cli: Cli, small_model: Path, scorer: Scorer) -> None:
    """Its version, its thresholds and what it was trained on."""
    code, out, err = cli("models", "show", "--model", small_model)
    assert (code, err) == (0, "")
    assert scorer.version in out
    for head in scorer.artefact.heads.values():
        assert str(head.thresholds.upper) in out
    for corpus in scorer.artefact.manifest["corpora"]:
        assert corpus["name"] in out


def test_a_damaged_model_is_not_shown(cli: Cli, make: Make) -> None:
    """Its hashes are checked; nothing was asked to be done that could be refused: exit code 2."""
    candidate = make(1)
    (candidate / "common.txt").write_text("changed")
    assert_refused(cli("models", "show", "--model", candidate), 2, "common.txt differs from the hash in its manifest")


def test_a_model_without_figures_is_shown_without_them(cli: Cli, make: Make) -> None:
    """One that was made by hand has neither corpora nor metrics."""
    code, out, err = cli("models", "show", "--model", make(1))
    assert (code, err) == (0, "")
    assert "number 1" in out


def test_what_is_exported_is_the_model(
    cli: Cli, store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By its version, or the current one; every file, byte by byte, and nothing else."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    for given, version in ((("--model", versions[0]), versions[0]), ((), versions[1])):
        output = tmp_path / "exported" / version
        assert cli("models", "export", "--output", output, *given) == (0, f"{output}: version {version}\n", "")
        written = {path.name: path.read_bytes() for path in output.iterdir()}
        assert written == {path.name: path.read_bytes() for path in store.path(version).iterdir()}


def test_an_export_overwrites_nothing_but_a_model(cli: Cli, make: Make, tmp_path: Path) -> None:
    """A folder with somebody's work in it stays; a damaged model is not written."""
    output = tmp_path / "work"
    output.mkdir()
    (output / "thesis.txt").write_text("mine")
    candidate = make(1)
    assert_refused(cli("models", "export", "--output", output, "--model", candidate), 2, "it holds something else")
    assert [path.name for path in output.iterdir()] == ["thesis.txt"]
    (candidate / "weights.npy").write_bytes(b"")
    answer = cli("models", "export", "--output", tmp_path / "new", "--model", candidate)
    assert_refused(answer, 2, "is damaged")
    assert not (tmp_path / "new").exists()


def scored(answer: tuple[int, str, str]) -> str:
    """Give the version that judged, of `score --format json` that went well."""
    assert answer[::2] == (0, "")
    return str(json.loads(answer[1])["model"])


def test_headlines_are_judged_by_the_current_version(
    cli: Cli, store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or by the version or folder that is named; without a store, by the default."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    ask = ("score", HEADLINE, "--format", "json")
    assert scored(cli(*ask)) == versions[1]
    assert scored(cli(*ask, "--model", versions[0])) == versions[0]
    assert scored(cli(*ask, "--model", DEFAULT)) == load(DEFAULT).version
    assert cli("models", "rollback")[0] == 0
    assert scored(cli(*ask)) == versions[0]
    monkeypatch.delenv("BROADSHEET_MODELS")
    assert scored(cli(*ask)) == load(DEFAULT).version


def test_a_store_into_which_nothing_was_promoted_leaves_the_default(
    cli: Cli, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scoring makes no store."""
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    assert scored(cli("score", HEADLINE, "--format", "json")) == load(DEFAULT).version
    assert not store.folder.exists()


def test_a_version_that_is_not_there_is_said_in_one_line(
    cli: Cli, store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store, the variable is named that would name one."""
    answer = cli("score", HEADLINE, "--model", versions[0])
    assert_refused(answer, 2, f"{versions[0]} looks like a version, but BROADSHEET_MODELS names no store")
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    assert_refused(cli("score", HEADLINE, "--model", NOWHERE), 2, f"{NOWHERE} is neither a model folder nor a version")


def test_a_damaged_current_version_judges_nothing(
    cli: Cli, store: Store, versions: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No older one is taken silently: who asks by hand can act on the error."""
    (store.path(versions[1]) / "weights.npy").write_bytes(b"")
    monkeypatch.setenv("BROADSHEET_MODELS", str(store.folder))
    assert_refused(cli("score", HEADLINE), 2, "is damaged: weights.npy")


def test_the_key_that_is_made_opens_the_service_by_its_digest(cli: Cli) -> None:
    """The secret alone on stdout, the digest on stderr; each time another; a caller with another key stays out."""
    (code, key, said), (_, other, _) = cli("key"), cli("key")
    label, _, digest = said.strip().rpartition(" ")
    assert (code, label) == (0, "SHA-256, for BROADSHEET_API_KEYS:")
    assert key != other
    assert key.strip() not in said
    keys = Keys([digest])
    assert keys.admit(RequestHead("GET", "/v1/model", {"authorization": f"Bearer {key.strip()}"})) == digest
    assert keys.admit(RequestHead("GET", "/v1/model", {"authorization": f"Bearer {other.strip()}"})) is None
