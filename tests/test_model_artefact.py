"""A model folder is what was saved, or it is refused."""

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.artefact import RECORD, load, save
from model.artefact.manifest import COMMON, MANIFEST, NEEDED, SCHEMA, TERMS, WEIGHTS
from model.errors import ArtefactError
from model.judgement import AXES
from model.scorer import Scorer
from model.terms.analyzer import REVISION

ROOT = Path(__file__).parents[1]

Cli = Callable[..., tuple[int, str, str]]


def rewrite(folder: Path, **changes: object) -> None:
    """Change the manifest and sign it again, as a newer or hand-made one would be."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | changes
    manifest.pop("sha256")
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


def replace_file(folder: Path, name: str, content: bytes) -> None:
    """Give a file of the model another content, and the manifest its hash and version."""
    (folder / name).write_bytes(content)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    rewrite(folder, files={**manifest["files"], name: hashlib.sha256(content).hexdigest()})


def npy(array: np.ndarray[Any, Any]) -> bytes:
    """Give an array as a file holds it."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def records(count: int, **columns: object) -> np.ndarray[Any, Any]:
    """Make the records of so many terms."""
    made = np.ones(count, RECORD)
    made["key"] = np.arange(count)
    for name, value in columns.items():
        made[name] = value
    return made


def assert_refused(folder: Path, said: str, cli: Cli) -> None:
    """Check that the model is refused in one line by whatever reads one."""
    with pytest.raises(ArtefactError, match=said) as caught:
        load(folder)
    assert "\n" not in str(caught.value)
    for command in (("score", "Bank holds rates"), ("models", "show"), ("models", "show", "--format", "json")):
        code, out, err = cli(*command, "--model", folder)
        assert (code, out, err.count("\n")) == (2, "", 1)


def test_load_of_save_is_the_same_model(small_model: Path, tmp_path: Path) -> None:
    """Arrays, heads, settings and version survive."""
    first = load(small_model)
    save(first, tmp_path, {"name": "again"})
    second = load(tmp_path)
    assert (second.terms, second.common) == (first.terms, first.common)
    assert second.version == first.version == first.manifest["version"]
    np.testing.assert_array_equal(second.weights, first.weights)
    for axis in AXES:
        assert second.heads[axis].thresholds == first.heads[axis].thresholds
        assert second.heads[axis].intercept == first.heads[axis].intercept


def test_any_flipped_byte_of_any_file_is_noticed(model_copy: Path) -> None:
    """First, middle and last byte, and a spread between, of every file in the folder."""
    for path in sorted(model_copy.iterdir()):
        content = path.read_bytes()
        for position in {0, len(content) - 1, *range(len(content) // 14, len(content), max(len(content) // 7, 1))}:
            path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
            with pytest.raises(ArtefactError):
                load(model_copy)
        path.write_bytes(content)
    load(model_copy)


def test_every_byte_of_the_manifest_counts(model_copy: Path) -> None:
    """The manifest names the others' hashes, and its own."""
    path = model_copy / MANIFEST
    content = path.read_bytes()
    with path.open("r+b", buffering=0) as file:  # in place: a file that is written anew costs more than the load
        for position in range(0, len(content), 5):
            os.pwrite(file.fileno(), bytes([content[position] ^ 4]), position)
            with pytest.raises(ArtefactError):
                load(model_copy)
            os.pwrite(file.fileno(), content[position : position + 1], position)
    assert load(model_copy).version


def test_a_missing_file_is_named(model_copy: Path) -> None:
    """A half-copied model says what it lacks."""
    (model_copy / "weights.npy").unlink()
    with pytest.raises(ArtefactError, match=r"lacks its file weights\.npy"):
        load(model_copy)


def test_a_newer_schema_is_refused_with_what_to_do(model_copy: Path) -> None:
    """An old Broadsheet does not guess at a new model."""
    rewrite(model_copy, schema=SCHEMA + 1)
    with pytest.raises(ArtefactError, match=f"newer than {SCHEMA}: upgrade Broadsheet"):
        load(model_copy)


def test_another_revision_of_the_analyzer_is_refused(model_copy: Path) -> None:
    """Terms that are cut differently would score nonsense, however well the hashes match."""
    terms = json.loads((model_copy / MANIFEST).read_text(encoding="utf-8"))["terms"]
    rewrite(model_copy, terms={**terms, "revision": 999})
    with pytest.raises(ArtefactError, match="revision 999"):
        load(model_copy)


def test_a_manifest_cannot_name_files_outside_its_folder(model_copy: Path) -> None:
    """Paths in a manifest are names, never routes."""
    (model_copy.parent / "outside.txt").write_text("x", encoding="utf-8")
    digest = hashlib.sha256(b"x").hexdigest()
    rewrite(model_copy, files={"../outside.txt": digest})
    with pytest.raises(ArtefactError):
        load(model_copy)


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    """The message says what was expected."""
    with pytest.raises(ArtefactError, match=r"must be a model folder with a manifest\.json"):
        load(tmp_path)


def test_a_file_that_cannot_be_read_is_said(model_copy: Path) -> None:
    """A disk, or a mount, that fails: as /proc/self/mem does, for root as well."""
    (model_copy / "weights.npy").unlink()
    (model_copy / "weights.npy").symlink_to("/proc/self/mem")
    with pytest.raises(ArtefactError, match=r"cannot be read: weights\.npy: a link that leads out of its folder"):
        load(model_copy)


ODD: dict[str, list[object]] = {
    "text": [None, 7, [], {}, True],
    "whole": [None, "7", 1.5, True, [], 10**400],
    "number": ["0.5", None, True, [], 10**400],
    "head": [None, 7, [], {}, {"intercept": 1}],
    "chars": [None, 7, [], [2], [2, 3, 4], [0, 5], [5, 2], [2, 65], [2, 10**6], "25"],
    "revision": [None, 0, REVISION - 1, REVISION + 1, str(REVISION), []],
    "figure": [[], [1, 2], [1, 2, "3"], [1, 2, None], True],
}
HEAD: dict[str, object] = {"intercept": -1.0, "lower": 0.2, "upper": 0.7}


def axes(**changed: object) -> dict[str, object]:
    """Give both heads, the first one changed."""
    return {AXES[0]: {**HEAD, **changed}, AXES[1]: HEAD}


def terms(**changed: object) -> dict[str, object]:
    """Give the settings of terms, changed."""
    return {"words": 2, "skeleton": 4, "chars": [2, 5], "revision": REVISION} | changed


def each(name: str, *odd: object) -> list[tuple[str, object]]:
    """Give odd values of a member of the manifest."""
    return [(name, value) for value in odd]


MANIFESTS: list[tuple[str, object]] = [
    *each("version", *ODD["text"], "", "../0123456789", "0123456789AB", "0" * 13),
    *[case for name in ("name", "created", "rule") for case in each(name, *ODD["text"])],
    *each("seed", *ODD["whole"]),
    *each("axes", None, [], "both", {}, {AXES[0]: HEAD}, {**axes(), "boring": HEAD}),
    *each("axes", *({AXES[0]: odd, AXES[1]: HEAD} for odd in ODD["head"])),
    *each("axes", *(axes(**{name: odd}) for name in HEAD for odd in ODD["number"])),
    *each("axes", axes(lower=-0.1), axes(upper=1.1), axes(lower=0.8), axes(lower=5, upper=6)),
    *each("terms", None, [], 7, {}),
    *each("terms", *(terms(**{name: odd}) for name in ("words", "skeleton") for odd in (*ODD["whole"], -1, 17, 10**6))),
    *each("terms", *(terms(chars=odd) for odd in ODD["chars"]), *(terms(chars=[odd, 5]) for odd in ODD["whole"])),
    *each("terms", *(terms(revision=odd) for odd in ODD["revision"])),
    *each("corpora", None, {}, "x", [7], [{}], [{"name": "x"}], [{"name": 7, "rows": 1}]),
    *each("corpora", *([{"name": "x", "rows": odd}] for odd in ODD["whole"])),
    *each("corpora", [{"name": "x", "rows": 1, "sha256": 7}]),
    *each("metrics", None, [], {"x": 7}, {"x": {"y": 7}}, {"x": {"y": {"z": "good"}}}),
    *each("metrics", *({"x": {"y": {"z": odd}}} for odd in ODD["figure"])),
    *each(
        "calibration", None, 3, [], {AXES[0]: {}}, {AXES[0]: 3}, {AXES[0]: {"best_f1_threshold": "x", "rating": None}}
    ),
    *each("calibration", {AXES[0]: {"best_f1_threshold": 0.5, "rating": "x"}}),
    *each("calibration", {AXES[0]: {"best_f1_threshold": 0.5, "rating": {"slope": "x", "intercept": 1}}}),
    *each("calibration", {AXES[0]: {"best_f1_threshold": 0.5, "rating": None, "aside": None}}),
    *each("calibration", {AXES[0]: {"best_f1_threshold": 0.5, "rating": None, "aside": {"best_f1_threshold": [0.5]}}}),
    *each("verdicts", None, [], {"x": 7}, {"x": {"y": "good"}}),
    *each("ablation", None, 7, {}, {"rule": "x"}, {"rule": "x", "axes": {AXES[0]: {}}}),
    *each("files", None, [], {}, "x", dict.fromkeys(NEEDED, 7)),
]


@pytest.mark.parametrize(("name", "odd"), MANIFESTS, ids=lambda value: str(value)[:40])
def test_a_member_of_an_odd_form_is_refused_in_one_line(model_copy: Path, cli: Cli, name: str, odd: object) -> None:
    """However well the manifest is signed: nothing that scores or prints meets a type that it did not expect."""
    rewrite(model_copy, **{name: odd})
    assert_refused(model_copy, name, cli)


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/hostname", "a/b", ".", "..", "", "x\0y", "x" * 256, MANIFEST, "card.md/"]
)
def test_a_file_of_the_manifest_has_a_plain_name(model_copy: Path, cli: Cli, name: str) -> None:
    """Neither a way out of the folder nor anything that is no name."""
    files = json.loads((model_copy / MANIFEST).read_text(encoding="utf-8"))["files"]
    rewrite(model_copy, files={**files, name: hashlib.sha256(b"").hexdigest()})
    assert_refused(model_copy, "files in its manifest.json must be the SHA-256 of each file by its plain name", cli)


@pytest.mark.parametrize("name", NEEDED)
def test_a_file_that_the_code_reads_must_be_named(model_copy: Path, cli: Cli, name: str) -> None:
    """Else nothing would say that it is the one that belongs here."""
    files = json.loads((model_copy / MANIFEST).read_text(encoding="utf-8"))["files"]
    rewrite(model_copy, files={other: digest for other, digest in files.items() if other != name})
    assert_refused(model_copy, f"with {', '.join(NEEDED)} among them", cli)


def test_a_name_that_stands_twice_in_the_manifest_is_refused(model_copy: Path, cli: Cli) -> None:
    """A reader of JSON takes the last one, a person the first."""
    text = (model_copy / MANIFEST).read_text(encoding="utf-8")
    (model_copy / MANIFEST).write_text(text.replace('  "files": {', '  "files": {},\n  "files": {'), encoding="utf-8")
    assert_refused(model_copy, "differs from its own hash", cli)


@pytest.mark.parametrize("content", ["[" * 100_000, '{"schema":' * 50_000, "[]", "7", "null", '"x"', "", "{", "NaN"])
def test_what_is_no_manifest_is_refused_in_one_line(model_copy: Path, cli: Cli, content: str) -> None:
    """Deeply nested, of another type, cut short."""
    (model_copy / MANIFEST).write_text(content)
    assert_refused(model_copy, "its manifest.json is not a manifest", cli)


def test_a_manifest_that_is_deep_is_refused(model_copy: Path, cli: Cli) -> None:
    """Not deep enough for the reader of JSON to give up, but for whatever prints it."""
    deep: list[object] = []
    for _ in range(200):
        deep = [deep]
    rewrite(model_copy, recipe=deep)
    assert_refused(model_copy, "must have at most 16 levels", cli)


@pytest.mark.parametrize("name", [MANIFEST, *NEEDED, "card.md"])
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "outside", "circle"])
def test_what_is_no_file_of_the_folder_is_refused_without_waiting(
    model_copy: Path, cli: Cli, name: str, kind: str
) -> None:
    """A FIFO that nobody writes to, a device without an end, a link to a file of others, or to itself."""
    (model_copy / name).rename(model_copy.parent / name)
    made: dict[str, Callable[[], object]] = {
        "fifo": lambda: os.mkfifo(model_copy / name),
        "device": lambda: (model_copy / name).symlink_to("/dev/zero"),
        "folder": (model_copy / name).mkdir,
        "outside": lambda: (model_copy / name).symlink_to(model_copy.parent / name),
        "circle": lambda: (model_copy / name).symlink_to(model_copy / name),
    }
    made[kind]()
    assert_refused(
        model_copy, "must be a model folder with a manifest.json" if name == MANIFEST else f"read: {name}", cli
    )


def test_links_within_the_folder_are_followed(model_copy: Path) -> None:
    """As Kubernetes mounts files."""
    (model_copy / "..data").mkdir()
    for name in (MANIFEST, *NEEDED):
        (model_copy / name).rename(model_copy / "..data" / name)
        (model_copy / name).symlink_to(Path("..data") / name)
    load(model_copy)


SIZES = [(MANIFEST, 1_000_001), (COMMON, 4_000_001), (WEIGHTS, 2**40), (TERMS, 2**40), ("card.md", 2**40)]


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_a_file_beyond_its_limit_is_not_read(model_copy: Path, cli: Cli, name: str, size: int) -> None:
    """Its size is looked at first: a sparse one takes no place on the disk, but all of the memory."""
    os.truncate(model_copy / name, size)
    assert_refused(model_copy, "larger than [0-9,]+ bytes", cli)


WEIGHTS_OF: dict[str, bytes] = {
    "nothing": b"",
    "no rows": npy(records(0)),
    "one term": npy(records(1)),
    "another type": npy(np.ones(20)),
    "objects": npy(np.array([{}, {}], dtype=object)),
    "two dimensions": npy(records(4).reshape(2, 2)),
    "Fortran": npy(np.asfortranarray(records(4).reshape(2, 2))),
    "a huge shape": npy(records(2)).replace(b"(2,), }           ", b"(99999999999,), } "),
    "a negative shape": npy(records(2)).replace(b"(2,), } ", b"(-2,), }"),
    "cut": npy(records(9))[:-1],
    "more": npy(records(9)) + b"x",
    "a header that is code": npy(records(2)).replace(b"(2,)", b"(1+1,)"),
    "a zip": b"PK\x03\x04" + b"\0" * 200,
    "a pickle": b"\x80\x04N.",
    "a header of nests": b"\x93NUMPY\x01\x00\xff\x1f" + b"(" * 0x1FFF,
    "not sorted": npy(records(3)[::-1]),
    "a key twice": npy(records(3, key=[1, 2, 2])),
    **{f"idf {value}": npy(records(3, idf=[1, value, 1])) for value in (0, -1, np.nan, np.inf)},
    **{f"{axis} {value}": npy(records(3, **{axis: [1, 1, value]})) for axis in AXES for value in (np.nan, -np.inf)},
}


@pytest.mark.parametrize("case", WEIGHTS_OF)
def test_odd_weights_are_refused_in_one_line(model_copy: Path, cli: Cli, case: str) -> None:
    """However well the hash matches; the least number of terms is two."""
    replace_file(model_copy, WEIGHTS, WEIGHTS_OF[case])
    assert_refused(model_copy, "weights.npy (must|holds)", cli)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * 501], ids=["not UTF-8", "an endless word"])
def test_odd_common_words_are_refused_in_one_line(model_copy: Path, cli: Cli, content: bytes) -> None:
    """They are prepared before the first headline."""
    replace_file(model_copy, COMMON, content)
    assert_refused(model_copy, "cannot be read", cli)


SPELLING = """
    import resource, sys
    from model.artefact import load

    artefact = load(__import__("pathlib").Path(sys.argv[1]))
    resource.setrlimit(resource.RLIMIT_DATA, (400_000_000, 400_000_000))
    artefact.terms
"""


ODD_NAMES: dict[str, Callable[[], bytes]] = {  # made where they are tested: a bomb takes seconds
    "nothing": lambda: b"",
    "no gzip": lambda: b"no gzip",
    "too few": lambda: gzip.compress(b"one\ntwo"),
    "cut": lambda: gzip.compress(b"x" * 100)[:-9],
    "a bomb": lambda: bomb(b"\0"),
    "a bomb of lines": lambda: bomb(b"\n"),
}


def bomb(byte: bytes) -> bytes:
    """Give a thousand million of a byte as gzip packs them, from a hundred times the same packed part (RFC 1952)."""
    part, crc = byte * 10_000_000, 0
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)  # which counts on nothing before it
    for _ in range(100):
        crc = zlib.crc32(part, crc)
    header = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return header + packed * 100 + packer.flush() + crc.to_bytes(4, "little") + (10**9).to_bytes(4, "little")


@pytest.mark.parametrize("names", ODD_NAMES)
def test_odd_names_of_terms_are_refused_with_bounded_memory(model_copy: Path, names: str) -> None:
    """Scoring needs none of them: who asks for them is told."""
    replace_file(model_copy, TERMS, ODD_NAMES[names]())
    program = [sys.executable, "-c", "\n".join(line[4:] for line in SPELLING.splitlines()), str(model_copy)]
    ran = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "ArtefactError" in ran.stderr.splitlines()[-1]
    assert "terms.txt.gz" in ran.stderr.splitlines()[-1]


@pytest.mark.parametrize("act", ["overwrite", "truncate", "replace"])
@pytest.mark.parametrize("portable", [False, True])
def test_weights_that_change_after_loading_are_never_answered_from(model_copy: Path, act: str, portable: bool) -> None:
    """Written over in place, cut, or replaced: what was hashed is what answers."""
    headlines = ["Fury as lamps go out", "You won't believe this secret"]
    scorer = Scorer(load(model_copy), portable=portable)
    expected = scorer.predict_proba(headlines)
    path = model_copy / WEIGHTS
    size = path.stat().st_size
    if act == "truncate":
        os.truncate(path, 0)
    elif act == "replace":
        path.unlink()
    else:
        with path.open("r+b") as file:
            file.write(b"\xff" * size)
    np.testing.assert_array_equal(scorer.predict_proba(headlines), expected)
    assert scorer.explain(headlines[0]).spans


def test_names_of_terms_that_have_changed_are_refused(model_copy: Path) -> None:
    """They are read when they are asked for, and their hash is looked at then."""
    artefact = load(model_copy)
    (model_copy / TERMS).write_bytes(gzip.compress("\n".join(["x"] * len(artefact.weights)).encode()))
    with pytest.raises(ArtefactError, match=r"terms\.txt\.gz differs from the hash"):
        _ = artefact.terms
