"""A trained model as a folder: arrays, a manifest that names the hash of every file, and nothing to unpickle."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from model.errors import ArtefactError
from model.judgement import AXES, Axis, Thresholds
from model.keys import Keys, keys_of, rows_of
from model.manifest import COMMON, MANIFEST, NEEDED, SCHEMA, TERMS, WEIGHTS, canonical, read_manifest
from model.reading import open_within, read_within
from model.terms import TermSettings

DEFAULT = Path(__file__).parent / "default"
LEAST_TERMS = 2  # with one, nothing is ever compared: no training makes such a model
# Bytes. The default model's are 5.0, 1.1 and 0.06 million, and 4 million once its names are unpacked.
_LARGEST: Mapping[str, int] = {WEIGHTS: 256_000_000, TERMS: 64_000_000, COMMON: 4_000_000}
_LARGEST_UNPACKED, _LARGEST_OTHER = 128_000_000, 2_000_000_000  # the latter: scikit-learn's pipelines
COMMON_MOST, COMMON_LONGEST = 50_000, 40  # common words and their characters; the default model's are 8,000 and 18
RECORD = np.dtype([("key", "<u8"), ("idf", "<f4"), *((axis, "<f4") for axis in AXES)])  # 20 bytes, packed
# The only header that is taken, so that nothing in a stranger's file is evaluated, as NumPy does to read one.
_PREFIX = 10  # bytes before it: NUMPY, the format's version, the length of what follows
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>[\0-\xff]{2})"
    + re.escape(f"{{'descr': {np.lib.format.dtype_to_descr(RECORD)}, 'fortran_order': False, 'shape': (".encode())
    + rb"(?P<count>[0-9]{1,9}),\), \} *\n"
)

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
    manifest["sha256"] = hashlib.sha256(canonical(manifest)).hexdigest()
    (folder / MANIFEST).write_bytes(canonical(manifest))


def load(folder: Path = DEFAULT) -> Artefact:
    """Read a model and check every hash; raise `ArtefactError` for anything missing, changed, unsound or too new.

    Each file is read once: what was hashed is what is used, whatever is written over the file meanwhile or later.
    """
    manifest = read_manifest(folder)
    content = {name: _whole(folder, name, expected) for name, expected in manifest["files"].items()}
    try:
        artefact = _assemble(folder, manifest, content)
        version = _version(manifest["files"][WEIGHTS], _decisive(artefact))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ArtefactError(f"model {folder} cannot be read: {error}") from error
    if version != manifest["version"]:
        raise ArtefactError(f"model {folder} is damaged: its content is not version {manifest['version']}")
    return artefact


def _whole(folder: Path, name: str, expected: str) -> bytes:
    """Read a file that the manifest names, and check its hash; of one that nothing here reads, give nothing."""
    try:
        if name in NEEDED:
            content = read_within(folder, name, _LARGEST[name])
            found = hashlib.sha256(content).hexdigest()
        else:
            with open_within(folder, name, _LARGEST_OTHER) as raw:
                content, found = b"", hashlib.file_digest(raw, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise ArtefactError(f"model {folder} lacks its file {name}; copy or train it again") from error
    except OSError as error:
        raise ArtefactError(f"model {folder} cannot be read: {name}: {error.strerror or error}") from error
    if found != expected:
        raise ArtefactError(f"model {folder} is damaged: {name} differs from the hash in its manifest")
    return content


def _arrays(artefact: Artefact) -> dict[str, bytes]:
    names = "\n".join(artefact.terms).encode()
    common = "\n".join(artefact.common).encode()
    return {WEIGHTS: _npy(artefact.weights), TERMS: gzip.compress(names, mtime=0), COMMON: common}


def _npy(array: Weights) -> bytes:
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def _version(weights: str, decisive: Mapping[str, Any]) -> str:
    return hashlib.sha256(weights.encode() + canonical(decisive)).hexdigest()[:12]


def _decisive(artefact: Artefact) -> dict[str, Any]:
    axes = {
        axis: {"intercept": head.intercept, "lower": head.thresholds.lower, "upper": head.thresholds.upper}
        for axis, head in artefact.heads.items()
    }
    return {"axes": axes, "terms": artefact.settings.as_dict()}


def _assemble(folder: Path, manifest: Mapping[str, Any], content: Mapping[str, bytes]) -> Artefact:
    weights = _weights(content[WEIGHTS])
    heads = {axis: _head(axis, manifest["axes"][axis]) for axis in AXES}
    settings = TermSettings.from_dict(manifest["terms"])
    spell = partial(_spell, folder, manifest["files"][TERMS], len(weights))
    return Artefact(weights, heads, settings, spell, manifest, _common(content[COMMON]))


def _weights(content: bytes) -> Weights:
    """Take the records out of a `.npy` file, which are then a part of `content`: a copy would be 5 MB more."""
    header = _HEADER.match(content)
    if not header:
        raise ValueError(f"{WEIGHTS} must be a row of records of {RECORD}, as NumPy writes it")
    count, start = int(header["count"]), _PREFIX + int.from_bytes(header["length"], "little")
    if count < LEAST_TERMS:
        raise ValueError(f"{WEIGHTS} must hold at least {LEAST_TERMS} terms, got {count}")
    if header.end() != start or len(content) - start != count * RECORD.itemsize:
        raise ValueError(f"{WEIGHTS} must be as long as its {count} records")
    weights: Weights = np.frombuffer(content, RECORD, offset=start)
    if (weights["key"][1:] <= weights["key"][:-1]).any():
        raise ValueError(f"{WEIGHTS} must be sorted by key, each key once")
    if not all(np.isfinite(weights[axis]).all() for axis in AXES):
        raise ValueError(f"{WEIGHTS} holds coefficients that are no numbers")
    if not (np.isfinite(weights["idf"]) & (weights["idf"] > 0)).all():
        raise ValueError(f"{WEIGHTS} holds idf that are no numbers above 0")
    return weights


def _common(content: bytes) -> tuple[str, ...]:
    words = tuple(filter(None, content.decode().split("\n")))
    if len(words) > COMMON_MOST or any(len(word) > COMMON_LONGEST for word in words):
        longest = max(map(len, words))
        raise ValueError(
            f"{COMMON} must hold at most {COMMON_MOST} words of at most {COMMON_LONGEST} characters, a line each, "
            f"got {len(words)}, the longest of {longest}"
        )
    return words


def _spell(folder: Path, expected: str, count: int) -> tuple[str, ...]:
    """Name the terms; scoring needs none of them, so they are read when they are asked for, and hashed then again."""
    unpacking = zlib.decompressobj(wbits=31)  # of gzip
    try:
        content = unpacking.decompress(_whole(folder, TERMS, expected), _LARGEST_UNPACKED)
        is_whole = unpacking.eof and content.count(b"\n") == count - 1  # before a bomb becomes a million strings
        names = tuple(content.decode().split("\n")) if is_whole else ()
    except (ValueError, zlib.error) as error:
        if isinstance(error, ArtefactError):
            raise
        raise ArtefactError(f"model {folder} cannot be read: {TERMS}: {error}") from error
    if not names:
        raise ArtefactError(f"model {folder} cannot be read: {TERMS} must name {count} terms, a line each")
    return names


def _head(axis: Axis, values: Mapping[Literal["intercept", "lower", "upper"], float]) -> Head:
    lower, upper = float(values["lower"]), float(values["upper"])
    if not 0 <= lower <= upper <= 1:
        raise ValueError(f"axes must have thresholds 0 <= lower <= upper <= 1, got {lower} and {upper} of {axis}")
    return Head(float(values["intercept"]), Thresholds(lower, upper))


def _sha256(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
