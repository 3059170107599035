"""The compiled scorer: the cutter and the table of `model/scoring/kernel`, told of characters and words by Python."""

import re
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from html.entities import html5
from typing import Any

import numpy as np
import numpy.typing as npt

from model.artefact import Artefact
from model.judgement import AXES, SPAN_FIELDS, Evidence, Span
from model.knowing import FOREIGN_WORDS
from model.scoring.portable import Portable, expit
from model.terms import cleaning, folding, style
from model.terms.analyzer import TermSettings

try:
    from model.scoring import _kernel
except ImportError:  # no compiler where Broadsheet was installed
    _kernel = None  # type: ignore[assignment]

Doubles = npt.NDArray[np.float64]
Counts = npt.NDArray[np.uint16]

# As model/scoring/kernel/kernel.h names them, in the order of their bits.
_KINDS: tuple[Callable[[str], bool], ...] = (
    lambda character: character.isalnum() or character == "_",  # \w
    str.isdecimal,  # \d
    str.isalpha,
    str.isdigit,
    str.isspace,  # \s
    str.isupper,
    lambda character: character.islower() or (character.istitle() and not character.isupper()),
)
_PLACED = (
    folding.INVISIBLE,
    folding.SINGLE_QUOTES + "'",
    folding.DOUBLE_QUOTES + '"',
    folding.DASHES,
    r"\-",
    folding.ELLIPSIS,
)
_ON_PAGE = tuple((1 << bit, re.compile(f"[{listed}]")) for bit, listed in enumerate(_PLACED, len(_KINDS)))
_RARE, _HARD, _CASED, _IGNORABLE, _IS_SIGMA, _IS_DOTTED, _BAR = (1 << bit for bit in range(13, 20))
_UPPER_OR_LOWER = 0b1100000
_CASE_KEEPS = 0b1111  # word, decimal, alpha, digit: what a character and its lower case must have in common
_SIGMA, _FINAL_SIGMA = "Σς"  # the first's lower case depends on where it stands
_DOTTED = "İ"  # whose lower case is two characters

_WORDS = (
    style.STYLE_WORDS,
    style.ACRONYMS,
    style.SHORT,
    cleaning.LINKING,
    cleaning.OUTLETS,
    cleaning.DOMAINS,
    cleaning.WIRE_MARKS,
    FOREIGN_WORDS,
    cleaning.TIGHT_MARKS,
)
_LINK, _CLASS_SHIFT = 1 << len(_WORDS), 1 + len(_WORDS)


def is_available() -> bool:
    """Say whether the compiled part was built when Broadsheet was installed."""
    return _kernel is not None


class Compiled:
    """Scores with one artefact, in C; what C leaves alone, in NumPy: no headline that is accepted is known to be.

    Threads may share it; a batch of 32 or more lets others run meanwhile.
    """

    name = "compiled"

    def __init__(self, artefact: Artefact) -> None:
        self._artefact = artefact
        self._cutter = cutter(artefact.settings)
        bias = [artefact.heads[axis].intercept for axis in AXES]
        records = artefact.weights.view(np.uint8)
        self._bias = dict(zip(AXES, bias, strict=True))
        self._table = _kernel.table(self._cutter, records, bias[0], bias[1], list(artefact.common))

    @cached_property
    def _portable(self) -> Portable:
        """What scores, or refuses, the headlines that C leaves alone; most processes never meet one."""
        return Portable(self._artefact)

    def decision_function(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated log-odds, shape `(n, 2)`, columns as `AXES`; raise `HeadlineError` for a bad one."""
        return self._scored(headlines, probabilities=False)[0]

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probabilities, in the same way."""
        return self._scored(headlines, probabilities=True)[0]

    def assess(self, headlines: Sequence[str]) -> tuple[Doubles, Counts]:
        """Give the calibrated probabilities, and what is counted of its words, shape `(n, 3)`."""
        return self._scored(headlines, probabilities=True)

    def explain(self, headlines: Sequence[str]) -> tuple[Doubles, Counts, list[Evidence]]:
        """Give the same, and the evidence for each headline."""
        out, words = np.empty((len(headlines), len(AXES))), np.empty((len(headlines), 3), np.uint16)
        doubtful, found = _kernel.explain(self._cutter, self._table, list(headlines), out, words, Span, SPAN_FIELDS)
        if doubtful:
            out[doubtful], words[doubtful], others = self._portable.explain([headlines[row] for row in doubtful])
            left = dict(zip(doubtful, others, strict=True))
            return out, words, [left.get(row) or self._evidence(*parts) for row, parts in enumerate(found)]
        return out, words, [self._evidence(*parts) for parts in found]

    def _evidence(self, spans: tuple[Span, ...], *rest: float) -> Evidence:
        return Evidence(self._bias.copy(), spans, dict(zip(AXES, rest, strict=True)))

    def _scored(self, headlines: Sequence[str], *, probabilities: bool) -> tuple[Doubles, Counts]:
        out, words = np.empty((len(headlines), len(AXES))), np.empty((len(headlines), 3), np.uint16)
        if doubtful := _kernel.score(self._cutter, self._table, list(headlines), out, words, probabilities):
            scores, words[doubtful] = self._portable.scored([headlines[row] for row in doubtful])
            out[doubtful] = expit(scores) if probabilities else scores
        return out, words


def cutter(settings: TermSettings) -> Any:
    """Make what the kernel's functions cut headlines with."""
    classes = [f"<{name}>" for name in style.CLASSES]
    return _kernel.cutter(
        settings.words, settings.skeleton, *settings.chars, vocabulary(), classes, html5, classify, opened
    )


def opened(text: str) -> tuple[str, bytes | None, bytes | None]:
    """Open a text as `model.terms.folding` does, and say where each character started and stopped, 16 bits each.

    Or nothing, where each is one that stood in its place.
    """
    aligned = folding.open_aligned(text)
    if isinstance(aligned.starts, range):
        return aligned.text, None, None
    return aligned.text, array("H", aligned.starts).tobytes(), array("H", aligned.ends).tobytes()


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
    characters = [chr(256 * page + low) for low in range(256)]
    numbers = np.empty((256, 2), "<u4")
    numbers[:, 1] = np.arange(256 * page, 256 * page + 256)
    kinds = set(map(unicodedata.category, characters))
    is_plain = len(kinds) == 1 and kinds <= {"Lo", "Cs", "Co", "Cn"}  # nine pages in ten: no case, all letters or none
    numbers[:, 0] = _bits(characters[0]) if is_plain else list(map(_bits, characters))
    numbers[:, 0] |= np.where(list(map(folding.is_rare, characters)), _RARE, 0).astype("<u4")
    for bit, listed in _ON_PAGE:
        for found in listed.finditer("".join(characters)):
            numbers[found.start(), 0] |= bit
    if is_plain:
        numbers[:, 0] |= _HARD if kinds == {"Cs"} else 0
        return numbers.tobytes()
    for low, character in enumerate(characters):
        if (lower := character.lower()) != character:
            numbers[low] = _lowered(int(numbers[low, 0]), character, lower)
    return numbers.tobytes()


def _bits(character: str) -> int:
    bits = sum(1 << bit for bit, holds in enumerate(_KINDS) if holds(character))
    bits |= _BAR if character == "|" else 0
    # Case_Ignorable and Cased, which nothing in Python tells but the lower case of a sigma
    probe = f"1{character}{_SIGMA}" if bits & _UPPER_OR_LOWER else f"A{character}{_SIGMA}"
    is_final = probe.lower()[-1] == _FINAL_SIGMA
    if bits & _UPPER_OR_LOWER:
        return bits | (_CASED if is_final else _IGNORABLE)
    return bits | (_IGNORABLE if is_final else 0)


def _lowered(bits: int, character: str, lower: str) -> tuple[int, int]:
    """Give what a character with another lower case is, and that lower case."""
    if character == _DOTTED:
        return bits | _IS_DOTTED, ord(character)
    if len(lower) > 1 or (bits ^ _bits(lower)) & _CASE_KEEPS:
        return bits | _HARD, ord(character)
    return bits | (_IS_SIGMA if character == _SIGMA else 0), ord(lower)
