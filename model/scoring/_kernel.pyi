"""The compiled scorer's functions; a cutter and a table are opaque. model/scoring/kernel/module.c names them."""

from collections.abc import Callable
from typing import Any, NewType

import numpy as np
import numpy.typing as npt

from model.judgement import Span

Cutter = NewType("Cutter", object)
Table = NewType("Table", object)
Tally = NewType("Tally", object)

def cutter(
    words: int,
    skeleton: int,
    shortest: int,
    longest: int,
    vocabulary: dict[str, int],
    classes: list[str],
    entities: dict[str, str],
    classify: Callable[[int], bytes],
    opened: Callable[[str], tuple[str, bytes | None, bytes | None]],
    /,
) -> Cutter: ...
def table(cutter: Cutter, records: npt.NDArray[Any], first: float, second: float, words: list[str], /) -> Table: ...
def score(
    cutter: Cutter,
    table: Table,
    headlines: list[str],
    out: npt.NDArray[np.float64],
    letters: npt.NDArray[np.uint16],
    probabilities: bool,
    /,
) -> list[int]: ...
def explain(
    cutter: Cutter,
    table: Table,
    headlines: list[str],
    probabilities: npt.NDArray[np.float64],
    letters: npt.NDArray[np.uint16],
    span: type[Span],
    fields: tuple[str, ...],
    /,
) -> tuple[list[int], list[tuple[tuple[Span, ...], float, float]]]: ...
def terms(cutter: Cutter, headline: str, /) -> list[str] | None: ...
def tally(least: int, part: int, parts: int, /) -> Tally: ...
def add_headlines(
    tally: Tally, cutter: Cutter, headlines: list[str], outlets: npt.NDArray[np.uint32], first: int, /
) -> list[int]: ...
def add_keys(tally: Tally, keys: npt.NDArray[np.uint64], headline: int, outlet: int, /) -> None: ...
def common(tally: Tally, /) -> tuple[bytes, bytes]: ...
def count(
    cutter: Cutter,
    table: Table,
    headlines: list[str],
    ends: npt.NDArray[np.int64],
    rows: npt.NDArray[np.int32],
    counts: npt.NDArray[np.float32],
    /,
) -> list[int]: ...
def name(cutter: Cutter, table: Table, headlines: list[str], names: list[str | None], /) -> None: ...
