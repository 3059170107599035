"""The requests that benchmarks.worst_requests tries: headlines of many families, hand-made bodies, heads at limits."""

# ruff: noqa: S311  # dice need not be secret

import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from benchmarks.worst_pages import Spec, page_of
from model.artefact import DEFAULT

MOST_BYTES, MOST_HEADLINES, LONGEST = 4 << 20, 1000, 500  # the default limits
_HALF = re.compile("[\ud800-\udfff]")
_SPAN = 8190  # characters of one field of a head


@dataclass(frozen=True)
class Recipe:
    """What a request is made of; headline `n` holds `piece` characters of each family in turn, beginning with another.

    `by_hand` names a body of `BY_HAND`, `page` says what a page is made of, `head` names one of `HEADS`.
    """

    call: str
    families: tuple[str, ...] = ("words",)
    count: int = MOST_HEADLINES
    length: int = LONGEST
    piece: int = LONGEST
    ids: int = 0  # characters of each headline's id
    id_of: str = "letters"
    half: bool = False  # the last headline is half a surrogate pair, which calls for the slower reader
    escaped: bool = False  # all but ASCII is written as \\u0000
    by_hand: str = ""
    page: Spec | None = None
    head: str = "plain"


@dataclass(frozen=True)
class Request:
    """A request, ready to be sent; `kind` is what a page is."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    kind: str = "html"


@dataclass(frozen=True)
class Call:
    """A call of the service, and whether it is to explain."""

    method: str
    target: str
    explain: bool = False


CALLS = {
    "score": Call("POST", "/v1/score"),
    "score, explain": Call("POST", "/v1/score", explain=True),
    "page, html": Call("POST", "/v1/page"),
    "page, html, explain": Call("POST", "/v1/page", explain=True),
    "page, text": Call("POST", "/v1/page"),
    "page, text, explain": Call("POST", "/v1/page", explain=True),
    "model": Call("GET", "/v1/model"),
    "livez": Call("GET", "/livez"),
    "readyz": Call("GET", "/readyz"),
    "metrics": Call("GET", "/metrics"),
    "openapi": Call("GET", "/openapi.json"),
    "docs": Call("GET", "/docs"),
    "index": Call("GET", "/"),
}

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


def _text(family: str, number: int, dice: random.Random, length: int) -> str:
    pattern = PATTERNS[family] if family in PATTERNS else MADE[family](number, dice)
    return (pattern * (length // len(pattern) + 1))[:length]


def _headline(recipe: Recipe, number: int, dice: random.Random) -> str:
    families = [*recipe.families[number % len(recipe.families) :], *recipe.families[: number % len(recipe.families)]]
    if len(families) == 1 or recipe.piece >= recipe.length:
        return _text(families[0], number, dice, recipe.length)
    pieces = [_text(family, number, dice, recipe.piece) for family in families]
    return "".join(pieces[place % len(pieces)] for place in range(recipe.length // recipe.piece + 1))[: recipe.length]


def _headlines(recipe: Recipe, explain: bool, count: int) -> bytes:
    dice = random.Random(1)
    texts = [_headline(recipe, number, dice) for number in range(count)]
    if recipe.half:
        texts[-1] = "\ud800"
    given = [{"id": _text(recipe.id_of, 0, dice, recipe.ids), "text": one} for one in texts] if recipe.ids else texts
    return _json({"headlines": given, **({"explain": True} if explain else {})}, escaped=recipe.escaped)


def _json(value: object, *, escaped: bool = False) -> bytes:
    text = json.dumps(value, ensure_ascii=escaped, separators=(",", ":"))
    return _HALF.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode()  # which UTF-8 cannot write


def _page(spec: Spec, explain: bool) -> tuple[bytes, str]:
    """Give the largest such page whose JSON is within the limit."""
    most = MOST_BYTES
    while True:
        document, kind = page_of(spec, most)
        body = _json({kind: document, **({"explain": True} if explain else {})})
        if len(body) <= MOST_BYTES:
            return body, kind
        most = min(most - 1, int(most * MOST_BYTES / len(body)) - 16)


def _list(inside: str, start: str = "", end: str = "") -> bytes:
    return f'{{"headlines":[{start}{inside}{end}]}}'.encode()


_FULL = '"' + "a " * 250 + '",'
_MANY = "0," * 1500
BY_HAND: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "4 MiB of blanks": lambda: b" " * MOST_BYTES,
    "a byte over 4 MiB": lambda: b" " * (MOST_BYTES + 1),
    "1,000 headlines without an end": lambda: _list(_FULL * 999 + '"a"')[:-2],
    "1,000 headlines of 4,190 letters": lambda: _list(f'"{"a" * 4188}",' * 999 + '"a"'),
    "1,000 headlines of 4,190 letters without an end": lambda: _list(f'"{"a" * 4180}",' * 999 + '"a"')[:-1],
    "1,000 headlines of 690 escapes": lambda: _list(('"' + "\\u0001" * 690 + '",') * 999 + '"a"'),
    "1,000 headlines of 690 escapes without an end": lambda: _list(('"' + "\\u0001" * 690 + '",') * 999 + '"a"')[:-1],
    "1,000 headlines of 690 half pairs": lambda: _list(('"' + "\\ud800" * 690 + '",') * 999 + '"a"'),
    "one headline of 690,000 half pairs": lambda: _list('"' + "\\ud800" * 690_000 + '"'),
    "no UTF-8 at the end": lambda: _list(_FULL * 999, end='"a')[:-2] + b'\xff"]}',
    "a million numbers": lambda: _list("0," * 1_000_000 + "0"),
    "1.3 million empty texts": lambda: _list('"",' * 1_300_000 + '""'),
    "100,000 numbers in lists": lambda: _list(("[" + "0," * 98 + "0],") * 999 + "0"),
    "100,000 lists in lists": lambda: _list(("[" + "[]," * 98 + "[]],") * 999 + "0"),
    "100,000 texts in lists": lambda: _list(("[" + '"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",' * 98 + "0],") * 999 + "0"),
    "100,000 objects in lists, and half a pair": lambda: _list(
        ("[" + '{"a":1},' * 98 + "0],") * 998 + "0", end=',"\\ud800"'
    ),
    "100,000 keys in items": lambda: _list(
        ('{"text":{' + ",".join(f'"{n}":{n}' for n in range(98)) + "}},") * 999 + "0"
    ),
    "100,000 keys in one item": lambda: _list('{"text":{' + ",".join(f'"{n}":{n}' for n in range(99_000)) + "}}"),
    "lists 900 deep": lambda: _list(("[" * 900 + "]" * 900 + ",") * 999 + "0"),
    "lists 2,000 deep": lambda: _list(("[" * 2000 + "]" * 2000 + ",") * 999 + "0"),
    "lists 900 deep, and half a pair": lambda: _list(("[" * 900 + "]" * 900 + ",") * 998 + '0,"\\ud800"'),
    "lists 900 deep, 2,300 times": lambda: _list(("[" * 900 + "]" * 900 + ",") * 2300 + "0"),
    "objects 700 deep in items": lambda: _list(('{"text":' + '{"a":' * 700 + "0" + "}" * 701 + ",") * 990 + "0"),
    "lists 300 deep, each of 98": lambda: _list(("[0," * 49 + "[" * 900 + "]" * 949 + ",") * 999 + "0"),
    "4 MiB of opening brackets": lambda: _list("[" * (MOST_BYTES - 20))[:MOST_BYTES],
    "4 MiB of brackets, then commas": lambda: _list("[" * (MOST_BYTES - 4000), end=_MANY),
    "4 MiB of brackets and braces": lambda: _list("[{" * (MOST_BYTES // 2 - 2000), end=_MANY),
    "4 MiB of brackets shut": lambda: _list("[]" * (MOST_BYTES // 2 - 2000), end=_MANY),
    "4 MiB of closing brackets": lambda: _list("]" * (MOST_BYTES - 4000), end=_MANY),
    "4 MiB of quotes, then commas": lambda: _list('""' * (MOST_BYTES // 2 - 2000), end=_MANY),
    "texts without commas, then commas": lambda: _list('"a" ' * (MOST_BYTES // 4 - 2000), end=_MANY),
    "4 MiB of escaped quotes": lambda: _list('"' + '\\"' * (MOST_BYTES // 2 - 2000) + '",' + _MANY[:-1]),
    "a text of commas": lambda: _list('"' + "," * (MOST_BYTES - 20) + '"'),
    "1,000 texts of commas": lambda: _list(('"' + "," * 4188 + '",') * 999 + "0"),
    "quotes between commas": lambda: _list('"",' * 99_000 + '""' * 1_000_000),
    "a number of 4 MiB": lambda: _list("1" * (MOST_BYTES - 20)),
    "a fraction of 4 MiB": lambda: _list("0." + "1" * (MOST_BYTES - 22)),
    "a number of 4 MiB, and half a pair": lambda: _list("1" * (MOST_BYTES - 40), end=',"\\ud800"'),
    "a fraction of 4 MiB, and half a pair": lambda: _list("0." + "1" * (MOST_BYTES - 42), end=',"\\ud800"'),
    "1,000 numbers of 4,180 digits": lambda: _list(("1" * 4180 + ",") * 999 + "0"),
    "1,000 numbers of 4,180 digits, and half a pair": lambda: _list(("1" * 4180 + ",") * 998 + '0,"\\ud800"'),
    "1,000 fractions of 4,180 digits": lambda: _list(("0." + "1" * 4170 + "e-300,") * 999 + "0"),
    "an exponent of 4 MiB": lambda: _list("1e" + "1" * (MOST_BYTES - 22)),
    "NaN": lambda: _list(_FULL * 998 + "NaN"),
    "an unknown field of 4 MiB": lambda: b'{"' + b"x" * (MOST_BYTES - 20) + b'":1}',
    "an unknown field of places": lambda: b'{"' + b" - at `$." * 400_000 + b'":1}',
    "an unknown field of marks": lambda: b'{"' + b"`a`" * 1_300_000 + b'":1}',
    "an unknown field of an item": lambda: _list('{"' + " - at `$" * 400_000 + '":1}'),
    "explain, 99,000 times": lambda: b'{"headlines":["a"]' + b',"explain":true' * 99_000 + b"}",
    "headlines, again and again": lambda: b"{" + b'"headlines":["a"],' * 99_000 + b'"headlines":["a"]}',
    "a text, again and again": lambda: _list("{" + '"text":"a",' * 90_000 + '"text":"a"}'),
    "an item of many unknown fields": lambda: _list("{" + ",".join(f'"{n}":1' for n in range(90_000)) + "}"),
    "explain no boolean": lambda: _list(_FULL * 998 + '"a"')[:-1] + b',"explain":1}',
    "ids of numbers": lambda: _list('{"text":"a","id":"' + "a" * 4000 + '"},' + _FULL * 900 + '{"text":"a","id":1}'),
    "the last id half a pair": lambda: _list(
        ('{"text":"a","id":"' + "a" * 4000 + '"},') * 998 + '{"text":"a","id":"\\ud800"}'
    ),
    "pages of both kinds": lambda: b'{"html":"' + b"<p>a" * 500_000 + b'","text":"' + b"a\\n" * 700_000 + b'"}',
    "a page of a blank": lambda: b'{"html":"' + b" " * (MOST_BYTES - 20) + b'"}',
    "a page of escapes": lambda: b'{"html":"' + b"\\u0061" * 690_000 + b'"}',
    "a page of half pairs": lambda: b'{"html":"<h2>' + b"\\ud800" * 690_000 + b'"}',
    "a page of commas": lambda: b'{"html":"' + b"," * (MOST_BYTES - 20) + b'"}',
    "a page without an end": lambda: b'{"html":"' + b"<p>a" * 1_000_000,
    "a page that is a list": lambda: b'{"html":[' + b"[" * 900 + b"]" * 900 + b"]}",
}
PAGES_BY_HAND = tuple(name for name in BY_HAND if "page" in name)

_PLAIN = {"host": "localhost", "content-type": "application/json"}
HEADS: dict[str, dict[str, str]] = {  # fields of up to 8 KiB, 32 KiB in all
    "plain": _PLAIN,
    "ETags": {**_PLAIN, "if-none-match": ", ".join([",".join(['W/""'] * 1600)] * 3)},
    "commas": {**_PLAIN, "if-none-match": ", ".join(["," * _SPAN] * 3)},
    "long fields": {
        **_PLAIN,
        "x-request-id": "a" * _SPAN,
        "authorization": "Bearer " + " " * (_SPAN - 10) + "a",
        "origin": "chrome-extension://" + "a" * (_SPAN - 20),
    },
    "long host": {**_PLAIN, "host": "a" * (_SPAN - 1) + ","},
    "content type of blanks": {**_PLAIN, "content-type": "application/json" + " " * (_SPAN - 20) + "x"},
    "content type of another": {**_PLAIN, "content-type": "text/plain"},
    "100 headers": {**_PLAIN, **{f"x-{n}": "a" * 250 for n in range(97)}},
}


def request_of(recipe: Recipe) -> Request:
    """Make the request."""
    call, headers, kind = CALLS[recipe.call], dict(HEADS[recipe.head]), "html"
    if call.method == "GET":
        return Request(call.method, call.target, headers, b"")
    if recipe.by_hand:
        body = BY_HAND[recipe.by_hand]()
    elif recipe.page:
        body, kind = _page(recipe.page, call.explain)
    else:
        body, count = _headlines(recipe, call.explain, recipe.count), recipe.count
        while len(body) > MOST_BYTES:
            count = min(count - 1, count * MOST_BYTES // len(body))
            body = _headlines(recipe, call.explain, count)
    headers.setdefault("content-length", str(len(body)))
    return Request(call.method, call.target, headers, body, kind)
