"""Fuzzes what loads and tests models: any folder is refused with `ArtefactError`, or loads and scores."""

import gzip
import hashlib
import json
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt

from model.artefact import RECORD, Artefact, Head, load, save
from model.artefact.manifest import COMMON, MANIFEST, TERMS, WEIGHTS
from model.errors import ArtefactError
from model.judgement import AXES, Thresholds
from model.scorer import Scorer, require_sound
from model.scoring.compiled import is_available
from model.terms.analyzer import TermSettings

HEADLINES = ["Fury as 12 buses stop, says mayor", "You won't BELIEVE it", "İ &amp; e\u0301 - The Harbour News"]
_MOST = 5  # faults that are told
_VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 16, 17, 2**63, 10**30, 0.5, -0.0, 1e308, "", "x", "../x", "\ud800", "5", "nan"),
    *([], {}, [[]], ["x"], {"x": {}}, [2, 5], [5, 2], [1e9, 2], "x" * 5000),
)
_SIGNS = b"(){}[]',:<>|OVUM0123456789eL"  # of headers
_DTYPES: tuple[Any, ...] = (RECORD.descr, RECORD.descr[::-1], "<f4", "|O", "|V20", [("key", "<u8")], "x", None, 5)
_SHAPES = ((3,), (0,), (), (-1,), (2**62,), (2**64,), (1, 3), (10**30,), "x", None, (1.5,), [3])
_HEADERS = ("(" * 500, "{" * 90, "1" * 9000, "'\\ud800'", "{'a': 9" + "9" * 5000 + "}", "\0", "")
_BLOBS = (b"", b"\n" * 99, b"\xff\xfe", b"\xed\xa0\x80", b"a\0b\r\nc", b"the")
_ODD = (np.nan, np.inf, -np.inf, 0.0, -1.0, 3e38, 1e-45)


def fuzz_loader(seconds: float, seed: int = 0) -> tuple[int, list[str]]:
    """Make folders for a time; give how many, and the traceback of each that gave another exception."""
    random, faults, tried = Random(seed), list[str](), 0  # noqa: S311  # dice
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of what is no number
        whole = _model()
        end = time.monotonic() + seconds
        while time.monotonic() < end and len(faults) < _MOST:
            folder = Path(scratch) / str(tried % 50)
            folder.mkdir(exist_ok=True)
            if fault := _try(folder, random.choice(_WAYS), whole, random):
                faults.append(fault)
            tried += 1
    return tried, faults


Way = Callable[[Path, Artefact, Random], None]


def _try(folder: Path, way: Way, whole: Artefact, random: Random) -> str:
    for stale in folder.iterdir():
        stale.unlink()
    way(folder, whole, random)
    try:
        artefact = load(folder)
        artefact.spell()
        for portable in (True, False) if is_available() else (True,):
            scorer = Scorer(artefact, portable=portable)
            require_sound(scorer)
            scorer.judge(HEADLINES, explain=True)
    except ArtefactError:
        return ""
    except Exception:  # noqa: BLE001  # any other is what this looks for
        return f"{way.__name__}\n{traceback.format_exc()}"
    return ""


def _model() -> Artefact:
    settings = TermSettings()
    terms = sorted({term for headline in HEADLINES for term in settings.analyze(headline)})
    weights = np.linspace(1, 2, len(terms))
    columns: dict[str, npt.ArrayLike] = {"idf": weights}
    for axis in AXES:
        columns[axis] = weights - 1.5
    heads = {axis: Head(0.25, Thresholds(0.3, 0.7), 0.1) for axis in AXES}
    return Artefact.of(terms, columns, heads, settings, ("the", "fury", "says"))


def _hostile(folder: Path, whole: Artefact, random: Random) -> None:
    """Save a model that is well formed, with what no training gives it."""
    weights = np.array(whole.weights)
    for name in ("idf", *AXES) if random.random() < 0.5 else ():
        weights[name][random.randrange(len(weights)) :: random.randint(1, 9)] = random.choice(_ODD)
    if random.random() < 0.3:
        weights["key"] = random.choice([0, 1, 2**63]) + np.arange(len(weights), dtype=np.uint64)
    if random.random() < 0.3:
        weights = random.choice([weights[:0], weights[:1], weights[:2], weights[::-1], weights.repeat(2)])
    lengths = [-1, 0, 1, 2, 3, 15, 16, 17, 10**9]
    words, skeleton, shortest, longest = random.choices(lengths, k=4)
    settings = TermSettings(words, skeleton, (shortest, longest))
    most = random.choice([1, 5, 39, 40, 41, 490, 501])
    common = ["".join(random.choices("abcé'9 \u0301&;İΣ", k=random.randint(1, most))) for _ in range(20)]
    bounds = [random.choice([0.3, 0.7, *_ODD[3:]]) for _ in range(2)]
    heads = {
        axis: Head(random.choice([0.25, *_ODD[3:]]), Thresholds(*bounds), random.choice([0.1, *_ODD[3:]]))
        for axis in AXES
    }
    settings = settings if random.random() < 0.7 else whole.settings
    save(replace(whole, weights=weights, settings=settings, heads=heads, common=tuple(common)), folder, {})


def _damaged(folder: Path, whole: Artefact, random: Random) -> None:
    """Change bytes of a file and sign it again."""
    save(whole, folder, {"name": "x"})
    path = folder / random.choice([WEIGHTS, WEIGHTS, COMMON, TERMS])
    content = bytearray(path.read_bytes())
    for _ in range(random.randint(1, 6)):
        start = random.randrange(min(len(content), 160 if random.random() < 0.7 else len(content)) or 1)
        stop = start + random.choice([0, 1, 1, 1, 4, 40, len(content)])
        content[start:stop] = random.choice([b"", random.randbytes(1), bytes(random.choices(_SIGNS, k=3))])
    path.write_bytes(content)
    _sign(folder)


def _headed(folder: Path, whole: Artefact, random: Random) -> None:
    """Write weights under a header of any kind."""
    save(whole, folder, {"name": "x"})
    header = {
        "descr": random.choice(_DTYPES),
        "fortran_order": random.choice([False, True, 0, None, "x"]),
        "shape": random.choice(_SHAPES),
    }
    text = random.choice([repr(header), repr(header), *_HEADERS])
    line = text.encode("utf-8", "surrogatepass") + b"\n"
    version = random.choice([b"\x01\x00", b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x00"])
    size = len(line).to_bytes(2 if version == b"\x01\x00" else 4, "little")
    body = bytes(random.choice([0, 20, 60, 61]))
    (folder / WEIGHTS).write_bytes(b"\x93NUMPY" + version + size + line + body)
    _sign(folder)


def _renamed(folder: Path, whole: Artefact, random: Random) -> None:
    """Change values of the manifest and sign it again."""
    save(whole, folder, {"name": "x"})
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    for _ in range(random.randint(1, 3)):
        place = manifest
        while True:
            name = random.choice(list(place))
            if not (isinstance(place[name], dict) and place[name] and random.random() < 0.8):
                break
            place = place[name]
        if random.random() < 0.2:
            del place[name]
        else:
            place[name] = random.choice(_VALUES)
        if not manifest:
            break
    _sign(folder, manifest)


def _packed(folder: Path, whole: Artefact, random: Random) -> None:
    """Write terms and common words that are no text, or no gzip."""
    save(whole, folder, {"name": "x"})
    blob = random.choice([*_BLOBS, random.randbytes(50)])
    packed = gzip.compress(blob)
    (folder / TERMS).write_bytes(random.choice([blob, packed, packed[:-4], packed * 2]))
    (folder / COMMON).write_bytes(random.choice([blob, b"the"]))
    _sign(folder)


_WAYS: tuple[Way, ...] = (_hostile, _damaged, _headed, _renamed, _packed)


def _sign(folder: Path, manifest: dict[str, Any] | None = None) -> None:
    """Sign the files and the manifest as whoever makes a model can."""
    if manifest is None:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest["files"] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest["files"]
        }
    manifest.pop("sha256", None)
    manifest["sha256"] = hashlib.sha256(_written(manifest)).hexdigest()
    (folder / MANIFEST).write_bytes(_written(manifest))


def _written(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")
