"""A trained model as a folder: arrays, a manifest that names the hash of every file, and nothing to unpickle."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt

from model.errors import ArtefactError
from model.judgement import AXES, Axis, Thresholds
from model.keys import Keys, keys_of, rows_of
from model.terms import TermSettings

SCHEMA = 2
MANIFEST, WEIGHTS, TERMS, COMMON = "manifest.json", "weights.npy", "terms.txt.gz", "common.txt"
DEFAULT = Path(__file__).parent / "default"
COMMON_MOST, COMMON_LONGEST = 50_000, 40  # common words and their characters; the default model's are 8,000 and 18
# What NumPy raises at the header of an array, and what follows from values of a type that none should have.
_UNREADABLE = (
    *(ArithmeticError, AttributeError, EOFError, KeyError, MemoryError, OSError, RecursionError, SyntaxError),
    *(TokenError, TypeError, ValueError),
)
RECORD = np.dtype([("key", "<u8"), ("idf", "<f4"), *((axis, "<f4") for axis in AXES)])  # 20 bytes, packed

Floats = npt.NDArray[np.float32]
Weights = npt.NDArray[np.void]  # of RECORD


@dataclass(frozen=True, slots=True)
class Head:
    """One axis' intercept, its calibration folded in, and its thresholds: probability = expit(intercept + coef . x)."""

    intercept: float
    thresholds: Thresholds


@dataclass(frozen=True)
class Artefact:
    """Everything that scoring needs, and the manifest that says where it came from.

    `weights` (n of `RECORD`, sorted by key) holds each term's key, idf and coefficient for each axis. Scoring needs no
    term's name; `spell` gives the names, in the same order.
    """

    weights: Weights
    heads: Mapping[Axis, Head]
    settings: TermSettings
    spell: Callable[[], tuple[str, ...]]
    manifest: Mapping[str, Any] = field(default_factory=dict)
    common: tuple[str, ...] = ()  # the commonest words of the training data, for scorers to prepare; never decisive

    @classmethod
    def of(
        cls,
        terms: Sequence[str],
        columns: Mapping[str, npt.ArrayLike],
        heads: Mapping[Axis, Head],
        settings: TermSettings,
        common: Sequence[str] = (),
    ) -> "Artefact":
        """Put n terms with their columns (`idf` and each axis' coefficients, n each) in the order of their keys.

        Raises `ArtefactError` where two terms share a key.
        """
        weights = np.zeros(len(terms), RECORD)
        weights["key"] = keys_of(terms)
        for name, column in columns.items():
            weights[name] = column
        order = np.argsort(weights["key"])
        weights = weights[order]
        if (weights["key"][1:] == weights["key"][:-1]).any():
            raise ArtefactError("two terms of the model share a key, or are the same; leave one of them out")
        names = tuple(terms[row] for row in order)
        return cls(weights, heads, settings, lambda: names, common=tuple(common))

    def find(self, keys: Keys) -> Weights:
        """Give the record of each of n keys; where no term has a key, some record with another."""
        return np.asarray(self.weights[rows_of(self.weights["key"], keys)])

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms, in the order of `weights`."""
        return self.spell()

    @cached_property
    def version(self) -> str:
        """Twelve hex digits derived from the weights, the heads and the term settings, from nothing else."""
        if "version" in self.manifest:  # which `load` has checked
            return str(self.manifest["version"])
        return _version(hashlib.sha256(_npy(self.weights)).hexdigest(), _decisive(self))


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


def load(folder: Path = DEFAULT) -> Artefact:
    """Read a model and check every hash; raise `ArtefactError` for anything missing, changed, or too new."""
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        if Path(name).name != name or not (folder / name).is_file():
            raise ArtefactError(f"model {folder} lacks its file {name}; copy or train it again")
        if _sha256(folder / name) != expected:
            raise ArtefactError(f"model {folder} is damaged: {name} differs from the hash in its manifest")
    try:
        artefact = _assemble(folder, manifest)
        version = _version(manifest["files"][WEIGHTS], _decisive(artefact))
    except _UNREADABLE as error:
        raise ArtefactError(f"model {folder} cannot be read: {error!r}") from error
    if version != manifest["version"]:
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
    if isinstance(schema, int) and schema < SCHEMA:
        raise ArtefactError(f"model {folder} has schema {schema}, older than {SCHEMA}: train it again")
    if not intact or schema != SCHEMA or not isinstance(manifest.get("files"), dict) or "version" not in manifest:
        raise ArtefactError(f"model {folder} is damaged: its {MANIFEST} differs from its own hash")
    return dict(manifest)


def _arrays(artefact: Artefact) -> dict[str, bytes]:
    names = "\n".join(artefact.terms).encode()
    common = "\n".join(artefact.common).encode()
    return {WEIGHTS: _npy(artefact.weights), TERMS: gzip.compress(names, mtime=0), COMMON: common}


def _npy(array: Weights) -> bytes:
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _version(weights: str, decisive: Mapping[str, Any]) -> str:
    return hashlib.sha256(weights.encode() + _canonical(decisive)).hexdigest()[:12]


def _decisive(artefact: Artefact) -> dict[str, Any]:
    axes = {
        axis: {"intercept": head.intercept, "lower": head.thresholds.lower, "upper": head.thresholds.upper}
        for axis, head in artefact.heads.items()
    }
    return {"axes": axes, "terms": artefact.settings.as_dict()}


def _assemble(folder: Path, manifest: Mapping[str, Any]) -> Artefact:
    weights: Weights = np.load(folder / WEIGHTS, mmap_mode="r", allow_pickle=False)
    if weights.dtype != RECORD or weights.ndim != 1 or (weights["key"][1:] <= weights["key"][:-1]).any():
        raise ValueError(f"{WEIGHTS} must hold records of {RECORD} sorted by key, got {weights.dtype}")
    if not len(weights):
        raise ValueError(f"{WEIGHTS} must hold at least one term")
    heads = {axis: _head(manifest["axes"][axis]) for axis in AXES}
    settings = TermSettings.from_dict(manifest["terms"])
    common = _common((folder / COMMON).read_bytes())
    return Artefact(weights, heads, settings, partial(_spell, folder / TERMS, len(weights)), manifest, common)


def _common(content: bytes) -> tuple[str, ...]:
    words = tuple(filter(None, content.decode().split("\n")))
    if len(words) > COMMON_MOST or any(len(word) > COMMON_LONGEST for word in words):
        longest = max(map(len, words))
        raise ValueError(
            f"{COMMON} must hold at most {COMMON_MOST} words of at most {COMMON_LONGEST} characters, a line each, "
            f"got {len(words)}, the longest of {longest}"
        )
    return words


def _spell(path: Path, count: int) -> tuple[str, ...]:
    try:
        names = tuple(gzip.decompress(path.read_bytes()).decode().split("\n"))
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise ArtefactError(f"{path} cannot be read: {error!r}") from error
    if len(names) != count:
        raise ArtefactError(f"{path} must name {count} terms, got {len(names)}")
    return names


def _head(values: Mapping[str, float]) -> Head:
    return Head(float(values["intercept"]), Thresholds(float(values["lower"]), float(values["upper"])))


def _canonical(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ArtefactError(f"model {path.parent} cannot be read: {path.name}: {error.strerror}") from error
