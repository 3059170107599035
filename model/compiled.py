"""The compiled scorer: the cutter and the table of `model/kernel`, told of characters and words by Python."""

import re
import struct
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from model import clean, style
from model.artefact import Artefact
from model.judgement import AXES
from model.portable import Portable
from model.terms import TermSettings

try:
    from model import _kernel
except ImportError:  # no compiler where Broadsheet was installed
    _kernel = None  # type: ignore[assignment]

Doubles = npt.NDArray[np.float64]

# As model/kernel/kernel.h names them, in the order of their bits.
_HARD = re.compile("[\u0300-\u036f\ud800-\udfff]")  # composed with what stands before; half of a character
_PROPERTIES = (
    re.compile(r"\w").match,
    re.compile(r"\d").match,
    str.isalpha,
    str.isdigit,
    re.compile(r"\s").match,
    str.isupper,
    lambda character: character.islower() or (character.istitle() and not character.isupper()),
    re.compile(f"[{clean.INVISIBLE}]").match,
    frozenset(clean.SINGLE_QUOTES + "'").__contains__,
    frozenset(clean.DOUBLE_QUOTES + '"').__contains__,
    frozenset(clean.DASHES).__contains__,
    "-".__eq__,
    clean.ELLIPSIS.__eq__,
    "&".__eq__,
)
_HARD_BIT = 1 << len(_PROPERTIES)
_CASE_KEEPS = 0b1111  # word, decimal, alpha, digit: what a character and its lower case must have in common
_SIGMA = "Σ"  # whose lower case depends on where it stands

_WORDS = (style.STYLE_WORDS, style.ACRONYMS, style.SHORT, clean.LINKING, clean.OUTLETS, clean.DOMAINS)
_LINK, _CLASS_SHIFT = 1 << len(_WORDS), 8


def is_available() -> bool:
    """Say whether the compiled part was built when Broadsheet was installed."""
    return _kernel is not None


class Compiled:
    """Scores with one artefact, in C; what C leaves to the reference (one headline in many thousands) in NumPy.

    Threads may share it; a batch of 32 or more lets others run meanwhile.
    """

    name = "compiled"

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._cutter = cutter(artefact.settings)
        bias = [artefact.heads[axis].intercept for axis in AXES]
        records = artefact.weights.view(np.uint8)
        self._table = _kernel.table(self._cutter, records, bias[0], bias[1], list(artefact.common))

    @cached_property
    def _portable(self) -> Portable:
        """What scores the headlines that C leaves alone; most processes never meet one."""
        return Portable(self._artefact)

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        return self._scored(headlines, probabilities=False)

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probabilities, in the same way."""
        return self._scored(headlines, probabilities=True)

    def _scored(self, headlines: Sequence[str], *, probabilities: bool) -> Doubles:
        out = np.empty((len(headlines), len(AXES)))
        if doubtful := _kernel.score(self._cutter, self._table, list(headlines), out, probabilities):
            left = [headlines[row] for row in doubtful]
            portable = self._portable
            out[doubtful] = portable.predict_proba(left) if probabilities else portable.decision_function(left)
        return out


def cutter(settings: TermSettings) -> Any:
    """Make what the kernel's functions cut headlines with."""
    classes = [f"<{name}>" for name in style.CLASSES]
    return _kernel.cutter(settings.words, settings.skeleton, *settings.chars, vocabulary(), classes, classify)


def vocabulary() -> dict[str, int]:
    """Give what each word is to the rules of style and cleaning: a bit a list, and its class, from 1, above them."""
    traits: dict[str, int] = {}
    for bit, words in enumerate(_WORDS):
        for word in words:
            traits[word] = traits.get(word, 0) | 1 << bit
    numbers = {name: number for number, name in enumerate(style.CLASSES, 1)}
    for word, name in style.CLASS_OF.items():
        traits[word] = traits.get(word, 0) | numbers[name] << _CLASS_SHIFT | (_LINK if name == "link" else 0)
    return traits


def classify(page: int) -> bytes:
    """Say of the 256 characters from `256 * page` what they are, and their lower case: two numbers each."""
    return struct.pack("<512I", *(number for low in range(256) for number in _properties(chr(256 * page + low))))


def _properties(character: str) -> tuple[int, int]:
    lower = character.lower()
    hard = len(lower) > 1 or character == _SIGMA or _HARD.match(character)
    if hard or (_bits(character) ^ _bits(lower)) & _CASE_KEEPS:
        return _bits(character) | _HARD_BIT, ord(character)
    return _bits(character), ord(lower)


def _bits(character: str) -> int:
    return sum(1 << bit for bit, holds in enumerate(_PROPERTIES) if holds(character))  # type: ignore[operator, misc]
