"""The families of headlines that benchmarks.worst.requests tries."""

# dice need not be secret

import gzip
import random
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import TypeAlias

from model.artefact import DEFAULT

LONGEST = 500  # characters of a headline, the default limit

PATTERNS = {
    "words": "Council leader quits over parking space she never used by the harbour wall ",
    "letters": "abcdefghijklmnopqrstuvwxyz",
    "letters apart": "a b c d e f g h i j k l m n o p q r s t u v w x y z ",
    "one letter apart": "a ",
    "capitals apart": "A B ",
    "two letters apart": "of to in ",
    "shouting": "SHOCK Fury As GULL Slams WRONG Bus ",
    "one word": "x",
    "accents": "e" + "\u0301\u0316\u0334\u0345" * 150,
    "accents, few": ("e" + "\u0345\u0301\u0316\u0334\u0327" * 4),
    "accents apart": "e\u0345\u0301\u0316 ",
    "composed apart": "e\u0301 o\u0308 ",
    "strokes": "a\u0336\u0337 b\u0338 ",
    "look-alikes": "Yоu wоn't bеliеvе ",
    "look-alikes, others between": "о э ",
    "full-width": "Ｙｏｕ ｗｏｎ ",
    "ligatures": "\ufb03\ufb04 ",
    "set apart": "a b c, ",
    "set apart by points": "a.b.c.d e.f.g ",
    "marks of the wire": "LIVE: [UPDATED] ",
    "marks of the wire, last": " - live (video)",
    "sigma": "Σ",
    "sigma apart": "ΑΣ Σ ",
    "sigma, ignored": "ΑΣ" + "'." * 100,
    "dotted i": "İ",
    "dotted i apart": "İ Iİ ",
    "hard case": "ẞǅŉǰΐ",
    "hard case apart": "ẞ ǅ ŉ ",
    "entities": "&amp;amp; ",
    "entities, long": "&CounterClockwiseContourIntegral;",
    "entities, numbered": "&#x41;&#8217;",
    "entities, open": "&abcdefghijklmnopqrstuvwxyzabcdef ",
    "ampersands": "&",
    "emoji": "👩\u200d👩\u200d👧\u200d👦",
    "emoji apart": "👩\u200d👧 ",
    "flags": "🇬🇧",
    "ellipses": "… ",
    "ellipses, dots": "a... ",
    "quotes": "‘a’ “b” ",
    "quotes, straight": "'\" ",
    "double singles": "''",
    "dashes": "a - B | ",
    "long dashes": "a -- ",
    "outlets": "a - The Guardian | BBC News ",
    "digits": "1 ",
    "long digits": "1234567890",
    "numbers": "1,000.5% ",
    "listicle": "17 Things 5 ",
    "punctuation": "!?",
    "punctuation apart": "! ? : ; ",
    "brackets": "[(a)] ",
    "invisible": "a\u200b\u202e ",
    "control": "\x01a ",
    "control, long": "a" + "\x01" * 5,
    "white space": "a\x0b",
    "wide spaces": "a\u2003\u3000",
    "backslashes": '\\ " ',
    "ideographs": "中",
    "ideographs apart": "中 文 ",
    "hangul": "한국 ",
    "arabic": "خبر ",
    "questions": "What? Why? You Won't Believe This! ",
    "hyphens": "a-b-c-d-e ",
    "apostrophes": "o'a'b'c ",
    "acronyms": "U.S. N.H.S. ",
}
Family: TypeAlias = Callable[[int, random.Random], str]  # headline number n


def _scripts(_n: int, dice: random.Random) -> str:
    starts = (0x61, 0x3B1, 0x430, 0x561, 0x5D0, 0x628, 0x905, 0xE01, 0x10D0, 0x1E01, 0x3042, 0xAC00, 0x10428, 0x1D400)
    return "".join(f"{chr(dice.choice(starts) + dice.randrange(20))} " for _ in range(LONGEST // 2))


def _pages(n: int, _dice: random.Random) -> str:
    """A character of each of 500 pages of 256, other ones in the next headline; all in nine."""
    found = (((n * LONGEST + one) % 4352) * 256 + 0x41 + n % 64 for one in range(LONGEST))
    return "".join(chr(one) if not 0xD800 <= one < 0xE000 else "a" for one in found)


@cache
def _known() -> list[str]:
    return (DEFAULT / "common.txt").read_text(encoding="utf-8").split("\n")


@cache
def _short() -> list[str]:
    return [one for one in _known() if 0 < len(one) < 4]


@cache
def _terms() -> list[str]:
    return gzip.decompress((DEFAULT / "terms.txt.gz").read_bytes()).decode().split("\n")


@cache
def _longest() -> list[str]:
    plain = [term for term in _terms() if term[:1] not in {"~", "=", "<"}]
    return sorted(plain, key=lambda term: (-term.count(" "), -len(term)))[:20_000]


@cache
def _accents() -> str:
    marks = [chr(one) for one in range(0x300, 0x370) if unicodedata.combining(chr(one))]
    return "".join(sorted(marks, key=unicodedata.combining, reverse=True))


MADE: dict[str, Family] = {
    "scripts apart": _scripts,
    "pages": _pages,
    "pages apart": lambda n, dice: " ".join(_pages(n, dice)),
    "accents, worst order": lambda _n, _dice: "e" + _accents(),
    "known words": lambda _n, dice: " ".join(dice.choices(_known(), k=200)),
    "short known words": lambda _n, dice: " ".join(dice.choices(_short(), k=250)),
    "terms": lambda _n, dice: " ".join(term.lstrip("~=<") for term in dice.choices(_terms(), k=120)),
    "longest terms": lambda _n, dice: " ".join(dice.choices(_longest(), k=60)),
    "unknown words": lambda _n, dice: "".join(dice.choices("abcdefghijklmnopqrstuvwxyz      ", k=LONGEST)),
    "letters anywhere": lambda _n, dice: " ".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=250)),
    "all signs": lambda _n, dice: "".join(dice.choices([chr(one) for one in range(0x20, 0x17F)], k=LONGEST)),
}
FAMILIES = (*PATTERNS, *MADE)


def text_of(family: str, number: int, dice: random.Random, length: int) -> str:
    """Give `length` characters of a family, for headline `number`."""
    pattern = PATTERNS[family] if family in PATTERNS else MADE[family](number, dice)
    return (pattern * (length // len(pattern) + 1))[:length]
