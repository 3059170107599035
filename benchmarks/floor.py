"""Compiles benchmarks/floor.c on the spot and times it: the least that a scorer with the same table can cost."""

import ctypes
import shlex
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.timing import Batches, Measure
from model.artefact import Artefact
from model.terms.keys import Keys, keys_of

HERE = Path(__file__).parent
KERNEL = HERE.parent / "model" / "scoring" / "kernel"
LIBRARY = Path("build/floor.so")


def floor(artefact: Artefact, headlines: Sequence[str]) -> dict[str, Measure]:
    """Give what times the floor on batches of the given headlines; say so and give nothing without a C compiler."""
    try:
        library = _compile()
    except (OSError, subprocess.CalledProcessError) as error:
        reason = error.stderr if isinstance(error, subprocess.CalledProcessError) else error
        click.echo(f"no floor: it needs a C compiler ({str(reason).strip()})", err=True)
        return {}
    return {"floor": Floor(library, artefact, headlines).measure}


class Floor:
    """The keys of all terms of each headline, repeats kept, and the table to look them up in."""

    def __init__(self, library: ctypes.CDLL, artefact: Artefact, headlines: Sequence[str]) -> None:
        self._library = library
        self._records = np.ascontiguousarray(artefact.weights).view(np.uint8)
        self._table = library.floor_open(_address(self._records), len(artefact.weights))
        self._keys = _keys_by_headline(artefact, headlines)

    def measure(self, batches: Batches) -> float:
        """Give microseconds a headline for all headlines of the batches, in one call: no Python is timed."""
        headlines = list(chain.from_iterable(batches))
        points = np.frombuffer("".join(headlines).encode("utf-32-le"), np.uint32)
        keys = np.concatenate([self._keys[headline] for headline in headlines])
        point_stops = np.cumsum([len(headline) for headline in headlines], dtype=np.uint64)
        key_stops = np.cumsum([len(self._keys[headline]) for headline in headlines], dtype=np.uint64)
        arrays = [_address(array) for array in (points, point_stops, keys, key_stops)]
        start = time.perf_counter()
        self._library.floor_run(self._table, len(headlines), *arrays)
        return 1e6 * (time.perf_counter() - start) / len(headlines)


def _compile() -> ctypes.CDLL:
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")[0]
    LIBRARY.parent.mkdir(exist_ok=True)
    options = ["-O3", "-std=c11", "-shared", "-fPIC", f"-I{KERNEL}"]
    subprocess.run(
        [compiler, *options, str(HERE / "floor.c"), "-lm", "-o", str(LIBRARY)],
        check=True,
        capture_output=True,
        text=True,
    )
    library = ctypes.CDLL(str(LIBRARY.absolute()))
    library.floor_open.restype = ctypes.c_void_p
    library.floor_open.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    library.floor_run.restype = ctypes.c_double
    library.floor_run.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_void_p] * 4]
    return library


def _address(array: np.ndarray[Any, Any]) -> int:
    return int(array.ctypes.data)


def _keys_by_headline(artefact: Artefact, headlines: Sequence[str]) -> dict[str, Keys]:
    found: dict[str, Keys] = {}
    for start in range(0, len(headlines), 500):
        batch = headlines[start : start + 500]
        terms = [artefact.settings.analyze(headline) for headline in batch]
        stops = np.cumsum([len(one) for one in terms])
        keys = keys_of(list(chain.from_iterable(terms)))
        found.update(zip(batch, np.split(keys, stops[:-1]), strict=True))
    return found
