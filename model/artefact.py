"""A trained model as a folder: arrays, a manifest that names the hash of every file, and nothing to unpickle."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.errors import ArtefactError
from model.judgement import AXES, Axis, Thresholds
from model.terms import TermSettings

SCHEMA = 1
MANIFEST = "manifest.json"
DEFAULT = Path(__file__).parent / "default"

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """One axis' logistic regression, its calibration folded in: probability = expit(intercept + coef . x)."""

    coef: Floats
    intercept: float
    thresholds: Thresholds


@dataclass(frozen=True)
class Artefact:
    """Everything that scoring needs, and the manifest that says where it came from.

    `terms` (n strings, sorted), `idf` (n) and each head's `coef` (n) share their order.
    """

    terms: tuple[str, ...]
    idf: Floats
    heads: Mapping[Axis, Head]
    settings: TermSettings
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits derived from the arrays, the heads and the term settings, from nothing else."""
        digest = hashlib.sha256()
        for content in (*_arrays(self).values(), _canonical(_decisive(self))):
            digest.update(hashlib.sha256(content).digest())
        return digest.hexdigest()[:12]


def save(artefact: Artefact, folder: Path, record: Mapping[str, Any]) -> None:
    """Write arrays and manifest into `folder`; files already there (card, report, pipeline) are hashed with them.

    `record` is what the manifest says besides: name, created, corpora, metrics, seed, libraries ...
    """
    for name, content in _arrays(artefact).items():
        (folder / name).write_bytes(content)
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    manifest = {"schema": SCHEMA, "version": artefact.version, **record, **_decisive(artefact), "files": hashes}
    manifest["sha256"] = hashlib.sha256(_canonical(manifest)).hexdigest()
    (folder / MANIFEST).write_bytes(_canonical(manifest))


def load(folder: Path) -> Artefact:
    """Read a model and check every hash; raise `ArtefactError` for anything missing, changed, or too new."""
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ArtefactError(f"model {folder} lacks its file {name}; copy or train it again")
        if _sha256(folder / name) != expected:
            raise ArtefactError(f"model {folder} is damaged: {name} differs from the hash in its manifest")
    try:
        artefact = _assemble(folder, manifest)
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise ArtefactError(f"model {folder} cannot be read: {error!r}") from error
    if artefact.version != manifest["version"]:
        raise ArtefactError(f"model {folder} is damaged: its content is not version {manifest['version']}")
    return artefact


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read `manifest.json` alone and check its own hash and schema; raise `ArtefactError`."""
    try:
        content = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise ArtefactError(f"{folder} must be a model folder with a {MANIFEST}: {error.strerror}") from error
    try:
        manifest = json.loads(content)
        schema, expected = manifest["schema"], manifest.get("sha256")
        unsigned = {key: value for key, value in manifest.items() if key != "sha256"}
        intact = _canonical(manifest) == content and hashlib.sha256(_canonical(unsigned)).hexdigest() == expected
    except (ValueError, TypeError, KeyError, RecursionError) as error:  # 1e999 is JSON, but no number to write
        raise ArtefactError(f"model {folder} is damaged: its {MANIFEST} is not a manifest") from error
    if isinstance(schema, int) and schema > SCHEMA:
        raise ArtefactError(f"model {folder} has schema {schema}, newer than {SCHEMA}: upgrade Broadsheet to read it")
    if not intact or schema != SCHEMA or not isinstance(manifest.get("files"), dict) or "version" not in manifest:
        raise ArtefactError(f"model {folder} is damaged: its {MANIFEST} differs from its own hash")
    return dict(manifest)


def _arrays(artefact: Artefact) -> dict[str, bytes]:
    coef = np.stack([artefact.heads[axis].coef for axis in AXES])
    return {
        "terms.txt": "\n".join(artefact.terms).encode(),
        "idf.npy": _npy(artefact.idf),
        "coef.npy": _npy(coef),
    }


def _npy(array: Floats) -> bytes:
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array, dtype="<f4"), allow_pickle=False)
    return buffer.getvalue()


def _decisive(artefact: Artefact) -> dict[str, Any]:
    axes = {
        axis: {"intercept": head.intercept, "lower": head.thresholds.lower, "upper": head.thresholds.upper}
        for axis, head in artefact.heads.items()
    }
    return {"axes": axes, "terms": artefact.settings.as_dict()}


def _assemble(folder: Path, manifest: Mapping[str, Any]) -> Artefact:
    terms = tuple((folder / "terms.txt").read_text(encoding="utf-8").split("\n"))
    idf: Floats = np.load(folder / "idf.npy", allow_pickle=False)
    coef: Floats = np.load(folder / "coef.npy", allow_pickle=False)
    if idf.shape != (len(terms),) or coef.shape != (len(AXES), len(terms)):
        raise ValueError(f"{len(terms)} terms need as many idf and coef, got {idf.shape} and {coef.shape}")
    heads = {axis: _head(coef[row], manifest["axes"][axis]) for row, axis in enumerate(AXES)}
    return Artefact(terms, idf, heads, TermSettings.from_dict(manifest["terms"]), manifest)


def _head(coef: Floats, values: Mapping[str, float]) -> Head:
    return Head(coef, float(values["intercept"]), Thresholds(float(values["lower"]), float(values["upper"])))


def _canonical(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
