"""A trained model in memory: a record of numbers for each term, and what each axis adds to them."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from model.artefact.manifest import WEIGHTS, canonical
from model.errors import ArtefactError
from model.judgement import AXES, Axis, Thresholds
from model.terms.analyzer import TermSettings
from model.terms.keys import Keys, keys_of, rows_of

LEAST_TERMS = 2  # with one, nothing is ever compared: no training makes such a model
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
    """One axis' intercept, its calibration folded in, and its thresholds: probability = expit(intercept + coef . x).

    `base_rate` is the probability of a headline of which nothing is known.
    """

    intercept: float
    thresholds: Thresholds
    base_rate: float


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
    known_share: float = 0.0  # of a headline's words that the model knows, as a rule; 0: it asks for none
    common: tuple[str, ...] = ()  # the commonest words of the training data, for scorers to prepare; never decisive

    @classmethod
    def of(
        cls,
        terms: Sequence[str],
        columns: Mapping[str, npt.ArrayLike],
        heads: Mapping[Axis, Head],
        settings: TermSettings,
        common: Sequence[str] = (),
        known_share: float = 0.0,
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
        return cls(weights, heads, settings, lambda: names, known_share=known_share, common=tuple(common))

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
        return version_of(hashlib.sha256(npy(self.weights)).hexdigest(), decisive(self))

    def summary(self, engine: str) -> dict[str, Any]:
        """Give what a caller may want to know of a model: the manifest but for its bookkeeping of files.

        `engine` is what scores with it here: `compiled` or `portable`.
        """
        told = {key: value for key, value in self.manifest.items() if key not in {"files", "sha256"}}
        return {**told, "terms_count": len(self.weights), "scorer": engine}


def npy(array: Weights) -> bytes:
    """Give an array as a `.npy` file holds it."""
    buffer = BytesIO()
    np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def version_of(weights: str, decisive: Mapping[str, Any]) -> str:
    """Derive a version from the hash of the weights' file and the rest of what decides a verdict."""
    return hashlib.sha256(weights.encode() + canonical(decisive)).hexdigest()[:12]


def decisive(artefact: Artefact) -> dict[str, Any]:
    """Give what decides a verdict beside the weights, as the manifest keeps it."""
    axes = {
        axis: {
            "intercept": head.intercept,
            "lower": head.thresholds.lower,
            "upper": head.thresholds.upper,
            "base_rate": head.base_rate,
        }
        for axis, head in artefact.heads.items()
    }
    return {"axes": axes, "terms": artefact.settings.as_dict(), "known_share": artefact.known_share}


def read_weights(content: bytes) -> Weights:
    """Take the records out of a `.npy` file, which are then a part of `content`: a copy would be 5 MB more.

    Raises `ValueError` for any other file, and for numbers that no training gives.
    """
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


def read_head(axis: Axis, values: Mapping[Literal["intercept", "lower", "upper", "base_rate"], float]) -> Head:
    """Read one axis of a manifest; raise `KeyError`, `TypeError` or `ValueError` for what is none."""
    lower, upper = float(values["lower"]), float(values["upper"])
    if not 0 <= lower <= upper <= 1:
        raise ValueError(f"axes must have thresholds 0 <= lower <= upper <= 1, got {lower} and {upper} of {axis}")
    base_rate = float(values["base_rate"])
    if not 0 < base_rate < 1:
        raise ValueError(f"axes must have a base_rate between 0 and 1, got {base_rate} of {axis}")
    return Head(float(values["intercept"]), Thresholds(lower, upper), base_rate)


def read_share(value: float) -> float:
    """Read a manifest's `known_share`; raise `ValueError` for what is none."""
    if not 0 <= value <= 1:
        raise ValueError(f"known_share must be from 0 to 1, got {value}")
    return float(value)
