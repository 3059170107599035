"""The requests that benchmarks.worst.requests tries: headlines of many families, hand-made bodies, heads at limits."""

# ruff: noqa: S311  # dice need not be secret

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.worst.families import LONGEST, text_of
from benchmarks.worst.markup import Spec, page_of

MOST_BYTES, MOST_HEADLINES = 4 << 20, 1000  # the default limits
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


def _headline(recipe: Recipe, number: int, dice: random.Random) -> str:
    families = [*recipe.families[number % len(recipe.families) :], *recipe.families[: number % len(recipe.families)]]
    if len(families) == 1 or recipe.piece >= recipe.length:
        return text_of(families[0], number, dice, recipe.length)
    pieces = [text_of(family, number, dice, recipe.piece) for family in families]
    return "".join(pieces[place % len(pieces)] for place in range(recipe.length // recipe.piece + 1))[: recipe.length]


def _headlines(recipe: Recipe, explain: bool, count: int) -> bytes:
    dice = random.Random(1)
    texts = [_headline(recipe, number, dice) for number in range(count)]
    if recipe.half:
        texts[-1] = "\ud800"
    given = [{"id": text_of(recipe.id_of, 0, dice, recipe.ids), "text": one} for one in texts] if recipe.ids else texts
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
