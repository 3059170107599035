"""A model folder is what was saved, or it is refused."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.artefact import MANIFEST, SCHEMA, load, save
from model.errors import ArtefactError
from model.judgement import AXES


@pytest.fixture
def copy(small_model: Path, tmp_path: Path) -> Path:
    """A copy of the small model that a test may damage."""
    return Path(shutil.copytree(small_model, tmp_path / "model"))


def rewrite(folder: Path, **changes: object) -> None:
    """Change the manifest and sign it again, as a newer or hand-made one would be."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) | changes
    manifest.pop("sha256")
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    manifest["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


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


def test_any_flipped_byte_of_any_file_is_noticed(copy: Path) -> None:
    """First, middle and last byte, and a spread between, of every file in the folder."""
    for path in sorted(copy.iterdir()):
        content = path.read_bytes()
        for position in {0, len(content) - 1, *range(len(content) // 14, len(content), max(len(content) // 7, 1))}:
            path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
            with pytest.raises(ArtefactError):
                load(copy)
        path.write_bytes(content)
    load(copy)


def test_every_byte_of_the_manifest_counts(copy: Path) -> None:
    """The manifest names the others' hashes, and its own."""
    path = copy / MANIFEST
    content = path.read_bytes()
    for position in range(0, len(content), 5):
        path.write_bytes(content[:position] + bytes([content[position] ^ 4]) + content[position + 1 :])
        with pytest.raises(ArtefactError):
            load(copy)


def test_a_missing_file_is_named(copy: Path) -> None:
    """A half-copied model says what it lacks."""
    (copy / "weights.npy").unlink()
    with pytest.raises(ArtefactError, match=r"lacks its file weights\.npy"):
        load(copy)


def test_a_newer_schema_is_refused_with_what_to_do(copy: Path) -> None:
    """An old Broadsheet does not guess at a new model."""
    rewrite(copy, schema=SCHEMA + 1)
    with pytest.raises(ArtefactError, match="newer than 2: upgrade Broadsheet"):
        load(copy)


def test_another_revision_of_the_analyzer_is_refused(copy: Path) -> None:
    """Terms that are cut differently would score nonsense, however well the hashes match."""
    terms = json.loads((copy / MANIFEST).read_text(encoding="utf-8"))["terms"]
    rewrite(copy, terms={**terms, "revision": 999})
    with pytest.raises(ArtefactError, match="revision 999"):
        load(copy)


def test_a_manifest_cannot_name_files_outside_its_folder(copy: Path) -> None:
    """Paths in a manifest are names, never routes."""
    (copy.parent / "outside.txt").write_text("x", encoding="utf-8")
    digest = hashlib.sha256(b"x").hexdigest()
    rewrite(copy, files={"../outside.txt": digest})
    with pytest.raises(ArtefactError):
        load(copy)


def test_a_folder_without_a_manifest_is_no_model(tmp_path: Path) -> None:
    """The message says what was expected."""
    with pytest.raises(ArtefactError, match=r"must be a model folder with a manifest\.json"):
        load(tmp_path)


def test_a_file_that_cannot_be_read_is_said(copy: Path) -> None:
    """A disk, or a mount, that fails: as /proc/self/mem does, for root as well."""
    (copy / "weights.npy").unlink()
    (copy / "weights.npy").symlink_to("/proc/self/mem")
    with pytest.raises(ArtefactError, match=r"cannot be read: weights\.npy: Input/output error|lacks its file"):
        load(copy)
