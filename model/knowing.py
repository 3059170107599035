"""How much of a headline a model knows: with too little there is no verdict, only the share of all headlines.

Known words are tokens of letters that are terms of the model. Its `known_share` is the share of them that is usual in
the headlines that it learned from, which both limits follow; `python -m benchmarks.knowing` prints what chose them.
"""

import math
import unicodedata

import numpy as np
import numpy.typing as npt

from model.judgement import Axis, Evidence, Reason
from model.terms.cleaning import clean
from model.terms.tokens import tokens_in

ENOUGH = 4  # known words, where all are known as a rule
SHARE = 0.6  # of the usual share, below which many words may be another language's
FLUENT = 0.8  # usual share from which on a model knows its own language well enough to tell another
FEW = 4  # words of letters, fewer of which are too little text to tell a language by
_NEVER = 1e-15  # nearest that a probability comes to 0 or 1 on its way to log-odds

# Words of other languages. English headlines hold the first in names (Las Vegas, de Blasio), so that they say nothing
# of a headline's language; the second say that it is another, where many words are not known.
PARTICLES = frozenset("de la le les el los las del der den du des di da della nel al van von dos".split())
FUNCTION_WORDS = frozenset(
    (
        "et en une que por con para su lo das und ist nicht mit zu dem im ein eine einen auf sich nach bei aus il "
        "che gli een voor och att som av til og det ikke er uma na os ao mais sur dans pour est au aux ce qui pas "
        "avec yang untuk ini ve bir dei pentru om nytt ny ya tussen dell nelle sin tras sobre dit worden"
    ).split()
)
FOREIGN_WORDS = PARTICLES | FUNCTION_WORDS  # ASCII, as the compiled part has its words

Counts = npt.NDArray[np.uint16]


def unknown_rows(words: Counts, usual: float) -> list[int]:
    """Give of which of n headlines a model may know too little, from the counts of their words, shape (n, 3)."""
    enough, least = ENOUGH * usual, SHARE * usual  # most headlines are told by these: a call for each takes as long
    return [
        row
        for row, (known, count, foreign) in enumerate(words.tolist())
        if known < enough or (known - foreign < least * count and may_be_foreign(known, count, foreign, usual))
    ]


def may_be_foreign(known: int, count: int, foreign: int, usual: float, share: float = SHARE) -> bool:
    """Tell a headline of enough words of which a fluent model knows few, those of other languages aside."""
    return usual >= FLUENT and count >= FEW and known - foreign < share * usual * count


def reason_of(headline: str, words: Counts, usual: float) -> Reason | None:
    """Say why there is no verdict on a headline of `unknown_rows`, from the counts of its words, shape (3,).

    That most words are not known is not enough for another language: names and new words are English as well. Its
    script, its letters or its function words must say so.
    """
    known, count, foreign = words.tolist()
    text = clean(headline)  # a disguise is no script of its own
    if not _is_latin(text) or (may_be_foreign(known, count, foreign, usual) and _looks_foreign(text)):
        return "other language"
    return "too little text" if known < ENOUGH * usual else None


def weight_of(reason: Reason, known: int, usual: float) -> float:
    """Give how far a probability lies from the base rate: not at all in another language, else the share of enough."""
    return 0.0 if reason == "other language" else min(1.0, known / (ENOUGH * usual))


def drawn_weight(evidence: Evidence, axis: Axis, base: float, log_odds: float) -> float:
    """Give what each part of the evidence is worth, so that it adds up to `log_odds`, from `base` at the base rate."""
    added = evidence.bias[axis] + evidence.rest[axis] + sum(getattr(span, axis) for span in evidence.spans)
    return (log_odds - base) / (added - base) if added != base else 0.0


def logit(probability: float) -> float:
    """Give the log-odds of a probability; those of 0 and 1 are finite here."""
    kept = min(max(probability, _NEVER), 1 - _NEVER)
    return math.log(kept / (1 - kept))


def _looks_foreign(cleaned: str) -> bool:
    tokens = tokens_in(cleaned)
    return any(token in FUNCTION_WORDS or (token[0].isalpha() and not token.isascii()) for token in tokens)


def _is_latin(text: str) -> bool:
    """Tell a text at least half of whose letters are Latin; one without letters is."""
    letters = [character for character in text if character.isalpha()]
    latin = sum(unicodedata.name(character, "").startswith("LATIN") for character in letters)
    return 2 * latin >= len(letters)
