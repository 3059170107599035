"""The compiled scorer's functions; a cutter and a table are opaque. model/kernel/module.c has them."""

from collections.abc import Callable
from typing import Any, NewType

import numpy as np
import numpy.typing as npt

Cutter = NewType("Cutter", object)
Table = NewType("Table", object)

def cutter(
    words: int,
    skeleton: int,
    shortest: int,
    longest: int,
    vocabulary: dict[str, int],
    classes: list[str],
    classify: Callable[[int], bytes],
    /,
) -> Cutter: ...
def table(cutter: Cutter, records: npt.NDArray[Any], first: float, second: float, words: list[str], /) -> Table: ...
def decision_function(
    cutter: Cutter, table: Table, headlines: list[str], scores: npt.NDArray[np.float64], /
) -> list[int]: ...
def terms(cutter: Cutter, headline: str, /) -> list[str] | None: ...
