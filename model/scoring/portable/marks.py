"""Marks of style and form for the portable scorer: sums of facts about words, then a table from a sum to its marks.

`model.terms.style.marks` is the specification; here a word's part in each rule is settled once (`facts_of`), so that a
headline's marks follow from the sums of its words' facts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from model.knowing import FOREIGN_WORDS
from model.scoring.portable.terms import Doubles, FoldedTerms, Places
from model.terms.analyzer import block_of, is_topical
from model.terms.keys import keys_of
from model.terms.style import (
    AGED,
    ALL_CAPS,
    CLASS_OF,
    CLASSES,
    CLOSING_QUOTE,
    MARK_OF,
    MONEY,
    OPENING_QUOTE,
    TITLE,
    is_shouted,
)

Facts = npt.NDArray[np.int16]
Counts = npt.NDArray[np.int64]
Slot = list[tuple[str, ...]]  # the marks of its values 0, 1 ...
Whole = Any  # an int or an array of them: one headline is counted with Python's numbers, many with NumPy's

FEW = 8  # headlines, up to which NumPy's fixed cost a call is more than Python's for each number
_LONGEST_WORD = 1000  # letters that 500 characters can hold once they are cleaned
_NAMES = {**CLASS_OF, **MARK_OF, **dict.fromkeys(MONEY, "money")}
ENDS = "?!:."

# The facts of a word. Each of those before LETTERS has marks of its own, by its sum over the headline.
COUNTED = (*CLASSES, *MARK_OF.values(), "money")
_OF_NAME = {name: place for place, name in enumerate(COUNTED)}
_OF_TOKEN = {token: _OF_NAME[name] for token, name in _NAMES.items()}
COLON = _OF_NAME["colon"]
DASH, BRACKET, COMMA, END, QUOTE_FIRST = (len(COUNTED) + place for place in (0, 1, 2, 3, 3 + len(ENDS)))
NUMBER, COUNT, TOPICAL, LONG_TOKENS, CHARACTERS, LETTERS = range(QUOTE_FIRST + 1, QUOTE_FIRST + 7)
LONG, LONG_UPPER, SHOUTED = range(LETTERS + 1, LETTERS + 4)
BODY, BODY_LONG, BODY_UPPER, NAMES = range(SHOUTED + 1, SHOUTED + 5)
AGED_WORD, COMMA_LAST, OPENS, CLOSES = range(NAMES + 1, NAMES + 5)
KNOWN = CLOSES + 1  # tokens of letters that are terms of the model
FOREIGN = KNOWN + 1
FACTS = FOREIGN + 1


def facts_of(word: str, tokens: Sequence[str]) -> list[int]:
    """Give what one white-space word adds to each fact of a headline."""
    facts = [0] * FACTS
    for token in tokens:
        if (place := _OF_TOKEN.get(token)) is not None:
            facts[place] += 1
        if token[0].isalpha():
            facts[COUNT] += 1
            facts[TOPICAL] += is_topical(token)
            facts[LONG_TOKENS] += len(token) > 6
            facts[LETTERS] += len(token)
            facts[FOREIGN] += token in FOREIGN_WORDS
        elif token[0] == "0":
            facts[NUMBER] += 1
    facts[CHARACTERS] = len(word) + 1
    _add_case(facts, word)
    if not word.isalpha():
        _add_punctuation(facts, word)
        facts[AGED_WORD] = bool(AGED.match(word))
    return facts


def closing_facts(character: str) -> list[int]:
    """Give the facts of a headline's end, after its last character."""
    facts = [0] * FACTS
    facts[CHARACTERS] = -1  # words are joined by one space fewer than there are words
    if character in ENDS:
        facts[END + ENDS.index(character)] = 1
    return facts


def opening_facts(character: str) -> list[int]:
    """Give the facts of a headline's beginning, before its first character."""
    facts = [0] * FACTS
    facts[QUOTE_FIRST] = character in {"'", '"'}
    return facts


def _add_case(facts: list[int], word: str) -> None:
    letters = len(word) if word.isalpha() else sum(map(str.isalpha, word))
    facts[LONG] = letters > 2
    if word.isupper():
        facts[LONG_UPPER] = letters > 2
        facts[SHOUTED] = is_shouted(word)
    if (body := word.lstrip("'\"("))[:1].isalpha():
        facts[BODY] = 1
        facts[BODY_LONG] = len(body) > 3
        if body[0].isupper():
            facts[BODY_UPPER] = len(body) > 3
            facts[NAMES] = body != "I"


def _add_punctuation(facts: list[int], word: str) -> None:
    facts[DASH] = word == "-"
    facts[BRACKET] = "(" in word
    facts[COMMA] = "," in word
    facts[COMMA_LAST] = word[-1] == ","
    facts[OPENS] = bool(OPENING_QUOTE.search(word))
    facts[CLOSES] = bool(CLOSING_QUOTE.search(word))


def derived(sums: Sequence[Whole] | Counts) -> tuple[Whole, ...]:
    """Give the values that follow from several sums of facts, in the order of the slots of the table."""
    body, count = sums[BODY] + (sums[BODY] == 0), sums[COUNT] + (sums[COUNT] == 0)
    shouting = is_shouting(sums)
    naming = (sums[BODY] > 1) & ((sums[BODY_LONG] <= 2) | (sums[BODY_UPPER] <= TITLE * sums[BODY_LONG]))
    return (
        shouting * sums[SHOUTED],
        naming * sums[NAMES],
        naming * (1 + _rounded(10 * sums[NAMES], body) // 2 * 2),
        _rounded(2 * sums[LETTERS], count),
        8 * (sums[COUNT] - sums[TOPICAL]) // count,
    )


def is_shouting(sums: Sequence[Whole] | Counts | Facts) -> Whole:
    """Tell where capitals are emphasis: among the longer words are some, and most are not in capitals."""
    return (sums[LONG] > 0) & (sums[LONG_UPPER] <= ALL_CAPS * sums[LONG])


def _rounded(dividend: Whole, divisor: Whole) -> Whole:
    """Divide and round half to even, as Python's `round`."""
    quotient, rest = divmod(2 * dividend + divisor, 2 * divisor)
    return quotient - ((rest == 0) & (quotient & 1))


class MarkTable:
    """What the marks of a headline add to its blocks of style and form, from the values of its slots."""

    def __init__(self, terms: FoldedTerms) -> None:
        slots = _slots()
        entries = [marks for slot in slots for marks in slot]
        names = [mark for marks in entries for mark in marks]
        places, columns = terms.find(keys_of(names))
        rows = np.repeat(np.arange(len(entries)), list(map(len, entries)))[places]
        late = np.array([block_of(name) == 4 for name in names])[places]
        table = np.zeros((len(entries), 2, terms.values.shape[1]))
        np.add.at(table, (rows, late.astype(np.intp)), terms.values[columns])
        sizes = np.array(list(map(len, slots)))
        self._table = table.reshape(len(entries), -1)
        self._last = sizes - 1
        self._first = sizes.cumsum() - sizes

    def add_up(self, sums: Facts, number_first: Places, colon_at: Places) -> Doubles:
        """Give numerators and squared norms of style, then of form, shape (n, 6), from n headlines' sums of facts.

        `number_first` (n,) is 1 where a headline begins with a number; `colon_at` (n,) is one more than the place of
        the first colon, or 0 for none.
        """
        count = _few if len(sums) < FEW else _many
        values = np.minimum(count(sums, number_first, colon_at), self._last)
        values += self._first
        added: Doubles = np.add.reduce(self._table.take(values, axis=0), axis=1)
        return added


def _few(sums: Facts, number_first: Places, colon_at: Places) -> Counts:
    last = zip(sums.tolist(), number_first.tolist(), colon_at.tolist(), strict=True)
    return np.array([[*row[:LETTERS], *derived(row), first, colon] for row, first, colon in last])


def _many(sums: Facts, number_first: Places, colon_at: Places) -> Counts:
    each = sums.T.astype(np.int64, order="C")
    return np.stack([*each[:LETTERS], *derived(each), number_first, colon_at], axis=1)


def _slots() -> list[Slot]:
    """Give for each slot the marks of its values 0, 1 ...; the last entry stands for all larger values too."""
    flags = [*COUNTED, *(f"end {character}" for character in ENDS), "quote first", "number"]
    slots: dict[str, Slot] = {name: [(), (f"<{name}>",)] for name in flags}
    slots["link"] = [(f"<links {count}>", *["<link>"][: min(count, 1)]) for count in range(5)]
    counted: dict[str, Slot] = {
        name: [(), *((f"<{name} {count}>",) for count in (1, 2, 3))] for name in ("dash", "bracket", "comma")
    }
    lengths: dict[str, Slot] = {
        "words": [(f"<words {count // 2 * 2}>", f"#words about {count // 4 * 4}") for count in range(25)],
        "topical": [(f"#topic words {count}",) for count in range(13)],
        "long": [(f"#long words {count}",) for count in range(7)],
        "characters": [(f"#characters {count // 10 * 10}",) for count in range(141)],
    }
    several: list[Slot] = [
        [(), ("<shout 1>",), ("<shout 1>", "<shout 2>")],
        [(), *((f"#names {count}",) for count in range(1, 9))],
        [(), *((f"#names of ten {count}",) for count in range(11))],
        [(f"#letters a word {halves / 2:g}",) for halves in range(2 * _LONGEST_WORD)],
        [(f"#style words of eight {count}",) for count in range(9)],
        [(), ("<number first>",)],
        [(), *((f"<colon at {place}>",) for place in range(5))],
    ]
    plain = [slots[name] for name in COUNTED]
    later = [slots[name] for name in flags[len(COUNTED) :]]
    return [*plain, *counted.values(), *later, *lengths.values(), *several]
