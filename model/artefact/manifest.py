"""A model's manifest: read whole, its own hash checked, and every member that is used or shown of the accepted form."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from model.errors import ArtefactError
from model.files.reading import read_within
from model.judgement import AXES

SCHEMA = 3
MANIFEST, WEIGHTS, TERMS, COMMON = "manifest.json", "weights.npy", "terms.txt.gz", "common.txt"
NEEDED = (WEIGHTS, TERMS, COMMON)  # what the code reads; a card or a report is for people
_LARGEST = 1_000_000  # bytes; the default model's has 12,000
_DEEPEST = 16  # levels of JSON; ours has 6, and printing it takes a call a level
_MOST_FILES = 100
_VERSION, _DIGEST = re.compile(r"[0-9a-f]{12}"), re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^/\0]{1,255}")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read `manifest.json` alone and check its own hash, schema and members; raise `ArtefactError`."""
    try:
        content = read_within(folder, MANIFEST, _LARGEST)
    except OSError as error:
        raise ArtefactError(f"{folder} must be a model folder with a {MANIFEST}: {error.strerror}") from error
    try:
        manifest = json.loads(content)
        schema, expected = manifest["schema"], manifest.get("sha256")
        unsigned = {key: value for key, value in manifest.items() if key != "sha256"}
        # a name that stands twice is lost on the way, so that content differs
        intact = canonical(manifest) == content and hashlib.sha256(canonical(unsigned)).hexdigest() == expected
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:  # 1e999 is no number to write
        raise ArtefactError(f"model {folder} is damaged: its {MANIFEST} is not a manifest") from error
    if isinstance(schema, int) and schema > SCHEMA:
        raise ArtefactError(f"model {folder} has schema {schema}, newer than {SCHEMA}: upgrade Broadsheet to read it")
    if isinstance(schema, int) and schema < SCHEMA:
        raise ArtefactError(f"model {folder} has schema {schema}, older than {SCHEMA}: train it again")
    if not intact or schema != SCHEMA:
        raise ArtefactError(f"model {folder} is damaged: its {MANIFEST} differs from its own hash")
    for name, (form, holds) in _MEMBERS.items():
        if (name in manifest or name in _REQUIRED) and not holds(manifest.get(name)):
            raise ArtefactError(f"model {folder} cannot be read: {name} in its {MANIFEST} must be {form}")
    if _depth(manifest) > _DEEPEST:
        raise ArtefactError(f"model {folder} cannot be read: its {MANIFEST} must have at most {_DEEPEST} levels")
    return dict(manifest)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Give the one way in which a manifest is written."""
    return (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def is_number(value: object) -> bool:
    """Tell a finite number that a float can hold; `true` is none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and is_number(value)


def _is_figure(value: object) -> bool:
    """Tell a figure: a number, none, or a value with both ends of its interval."""
    return value is None or is_number(value) or _is_interval(value)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and bool(pattern.fullmatch(value))


def _values(holds: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, dict) and all(map(holds, value.values()))


def _are_files(value: object) -> bool:
    names = value.keys() if isinstance(value, dict) and _values(_matches(_DIGEST))(value) else ()
    return set(NEEDED) <= set(names) and len(names) <= _MOST_FILES and not any(map(_leads_elsewhere, names))


def _leads_elsewhere(name: str) -> bool:
    return name in {".", "..", MANIFEST} or not _NAME.fullmatch(name)


def _are_axes(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == set(AXES) and all(map(_is_head, value.values()))


def _is_head(value: object) -> bool:
    return _has(value, intercept=is_number, lower=is_number, upper=is_number, base_rate=is_number)


def _are_corpora(value: object) -> bool:
    return isinstance(value, list) and all(
        _has(one, name=_is_text, rows=_is_whole) and _is_text(one.get("sha256", "")) for one in value
    )


def _is_base(value: object) -> bool:
    return _has(value, axis=AXES.__contains__, name=_is_text, version=_matches(_VERSION), corpora=_are_corpora)


def _is_calibration(value: object) -> bool:
    return isinstance(value, dict) and all(
        _has_numbers(one) and (not isinstance(one, dict) or "aside" not in one or _has_numbers(one["aside"]))
        for one in value.values()
    )


def _has_numbers(value: object) -> bool:
    return _has(value, best_f1_threshold=is_number, rating=_is_sigmoid)


def _is_sigmoid(value: object) -> bool:
    return value is None or (_has(value, slope=is_number, intercept=is_number) and len(value) == 2)  # type: ignore[arg-type]


def _is_ablation(value: object) -> bool:
    return _has(value, rule=_is_text, axes=_values(lambda axis: _has(axis, headlines=_is_whole, parts=_are_parts)))


def _are_parts(value: object) -> bool:
    intervals = {"roc_auc": _is_interval, "difference": _is_interval}
    return isinstance(value, list) and all(_has(part, name=_is_text, **intervals) for part in value)


def _is_interval(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(map(is_number, value))


def _has(value: object, **members: Callable[[object], bool]) -> bool:
    return isinstance(value, dict) and all(name in value and holds(value[name]) for name, holds in members.items())


_REQUIRED = frozenset({"version", "files", "axes", "terms", "known_share"})
_MEMBERS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "version": ("12 hex digits", _matches(_VERSION)),
    "files": (f"the SHA-256 of each file by its plain name, with {', '.join(NEEDED)} among them", _are_files),
    "axes": (f"intercept, lower, upper and base_rate, numbers, of {' and '.join(AXES)}", _are_axes),
    "terms": ("an object", lambda value: isinstance(value, dict)),  # which `TermSettings.from_dict` reads
    "known_share": ("a number", is_number),
    "name": ("text", _is_text),
    "created": ("text", _is_text),
    "rule": ("text", _is_text),
    "seed": ("a whole number", _is_whole),
    "corpora": ("a list of objects with a name and a whole number of rows", _are_corpora),
    "metrics": ("figures, each a number or three, by set, axis and name", _values(_values(_values(_is_figure)))),
    "calibration": ("by axis, a threshold of best F1 and a slope and intercept, or none, numbers", _is_calibration),
    "verdicts": ("figures, each a number or three, by set and name", _values(_values(_is_figure))),
    "notes": ("a list of text", lambda value: isinstance(value, list) and all(map(_is_text, value))),
    "base": ("the axis that another model gave, with its name, version and corpora", _is_base),
    "ablation": ("a rule and the parts of axes, with their figures", _is_ablation),
}


def _depth(value: object) -> int:
    """Count the levels of what JSON gave, without a call for each."""
    levels, level = 0, [value]
    while level := [inner for one in level if isinstance(one, dict | list) for inner in _inner(one)]:
        levels += 1
    return levels


def _inner(value: dict[str, object] | list[object]) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value
