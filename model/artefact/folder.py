"""A trained model as a folder: arrays, a manifest that names the hash of every file, and nothing to unpickle."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from model.artefact.manifest import COMMON, MANIFEST, NEEDED, SCHEMA, TERMS, WEIGHTS, canonical, read_manifest
from model.artefact.weights import Artefact, decisive, npy, read_head, read_share, read_weights, version_of
from model.errors import ArtefactError
from model.files.reading import open_within, read_within
from model.judgement import AXES
from model.terms.analyzer import TermSettings

DEFAULT = Path(__file__).parent.parent / "default"
# Bytes. The default model's are 5.0, 1.1 and 0.06 million, and 4 million once its names are unpacked.
_LARGEST: Mapping[str, int] = {WEIGHTS: 256_000_000, TERMS: 64_000_000, COMMON: 4_000_000}
_LARGEST_UNPACKED, _LARGEST_OTHER = 128_000_000, 2_000_000_000  # the latter: scikit-learn's pipelines
COMMON_MOST, COMMON_LONGEST = 50_000, 40  # common words and their characters; the default model's are 8,000 and 18


def save(artefact: Artefact, folder: Path, record: Mapping[str, Any]) -> None:
    """Write arrays and manifest into `folder`; files already there (card, report, pipeline) are hashed with them.

    `record` is what the manifest says besides: name, created, corpora, metrics, seed, libraries ...
    """
    for name, content in _arrays(artefact).items():
        (folder / name).write_bytes(content)
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    manifest = {"schema": SCHEMA, "version": artefact.version, **record, **decisive(artefact), "files": hashes}
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
        version = version_of(manifest["files"][WEIGHTS], decisive(artefact))
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
    return {WEIGHTS: npy(artefact.weights), TERMS: gzip.compress(names, mtime=0), COMMON: common}


def _assemble(folder: Path, manifest: Mapping[str, Any], content: Mapping[str, bytes]) -> Artefact:
    weights = read_weights(content[WEIGHTS])
    heads = {axis: read_head(axis, manifest["axes"][axis]) for axis in AXES}
    settings = TermSettings.from_dict(manifest["terms"])
    spell = partial(_spell, folder, manifest["files"][TERMS], len(weights))
    share = read_share(manifest["known_share"])
    return Artefact(weights, heads, settings, spell, manifest, share, _common(content[COMMON]))


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


def _sha256(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()
