"""The pages that benchmarks.worst.pages tries: structures, the texts and the names that fill them."""

# ruff: noqa: ARG005  # all parts of pages are made alike

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

TEXTS = {
    "words": "Council leader quits over parking space she never used by the harbour wall ",
    "shouts": "GULL Steals Timer From Island's ONLY Light ",
    "letters": "a",
    "two letters": "ab ",
    "capitals": "A ",
    "typographic": "‘Gull’ — “steals” timer… ",
    "accents": "é ",
    "combining": "e\u0301\u0316 a\u0323\u0301 ",
    "ideographs": "中",
    "emoji": "𝕏 ",
    "invisible": "a\u200b\u202e ",
    "entities": "&amp;amp; a ",
    "references": "&#20013;",
    "ampersands": "&",
    "unknown entities": "&abcdefghijklmnopqrstuvwxyzabcdef ",
    "sentences": "A. B ",
    "questions": "No? Yes! “Oh.” He ",
    "dashes": "ab - Cd | ",
    "credits": "by Ann | ",
    "dates": "12 march 2026 ",
    "numbers": "1 ",
    "pictures": "photo: abcdefgh ",
    "long pictures": f"photo: {'a' * 60} ! ! ! ! ! ! ",
    "files": "a (file [photo ",
    "photographs": "photograph: a.b ",
    "addresses": "a.b@c.d/",
    "joining": "get a join b ",
    "names": "Ann Bell and ",
    "roles": "Ann Bell, x-y ",
    "sections": "most read latest news ",
    "marks": "*a* [b](c) # ",
    "brackets": "[(a",
    "signs": "• | · ",
    "spaces": " ",
    "newlines": "\n a ",
    "returns": "\r",
    "nothing": "\0a ",
    "half": "\ud800a ",
    "cut": "Gull steals timer again…",
}
NAMES = {
    "none": "",
    "one": "x",
    "different": "n{n} ",
    "cards": "card-{n} story_b ",
    "capitals": "aB{n}cDeFgHiJ ",
    "dashes": "a-{n}--b__c-",
    "posts": "tag-{n} has-x ",
    "titles": "section-title-{n} ",
    "asides": "x-kicker-{n} ",
    "lists": "related-{n} ",
    "bodies": "story-body ",
    "many": "a b c d e f g h ",
}


@dataclass(frozen=True)
class Spec:
    """What a page is made of: `count` times its structure, with texts of `length` characters, `depth` deep."""

    structure: str
    text: str = "words"
    names: str = "none"
    count: int = 1000
    length: int = 50
    depth: int = 1
    and_also: "Spec | None" = None

    def filled(self, number: int) -> str:
        """A text of about `length` characters; all differ."""
        text = _repeated_to(TEXTS[self.text], self.length)
        return f"{number:x} {text}" if number % 2 else f"{text} {number:x}"  # what is looked for stands at either end

    def named(self, number: int) -> str:
        """A list of names, as long as the text."""
        return _repeated_to(NAMES[self.names].replace("{n}", f"{number:x}"), self.length)


def _repeated_to(pattern: str, length: int) -> str:
    return (pattern * (length // max(1, len(pattern)) + 1))[:length]


Structure: TypeAlias = Callable[[Spec, int], str]  # of the page, the part with this number


def _around(tag: str) -> Structure:
    return lambda spec, n: f'<{tag} class="{spec.named(n)}">{spec.filled(n)}</{tag}>'


PARTS: dict[str, Structure] = {
    "p": _around("p"),
    "h1": _around("h1"),
    "h2": _around("h2"),
    "h4": _around("h4"),
    "spans": _around("span"),
    "times": _around("time"),
    "b": lambda spec, n: f"<b>{spec.filled(n)}",
    "b id": lambda spec, n: f'<p><b id="{n}">{spec.filled(n)}',
    "i a": lambda spec, n: f"<b><i><a>{spec.filled(n)}",
    "p bare": lambda spec, n: f"<p>{spec.filled(n)}",
    "no tag": lambda spec, n: spec.filled(n),
    "br": lambda spec, n: f"{spec.filled(n)}<br>",
    "one break each": lambda spec, n: "a<br>",
    "h2 linked": lambda spec, n: f'<h2 class="{spec.named(n)}"><a href="/a-b-{n}">{spec.filled(n)}</a></h2>',
    "a": lambda spec, n: f'<a href="/a-b-c/{n}">{spec.filled(n)}</a>',
    "li a": lambda spec, n: f'<li class="{spec.named(n)}"><a href="/a-b/{n}">{spec.filled(n)}</a>',
    "a in text": lambda spec, n: f'a <a href="/a-b-c/{n}">{spec.filled(n)}</a> and ',
    "a of lines": lambda spec, n: f'<a href="/a-b-{n}"><div>{spec.filled(n)}</div><div>{spec.filled(n)}</div></a>',
    "a of spans": lambda spec, n: f'<a href="/a-b-{n}">' + f"<span>{spec.filled(n)}</span>" * 20 + "</a>",
    "a long": lambda spec, n: f'<a href="/a-{"b" * spec.length}{n}">Gull steals the timer again {n}</a>',
    "card": lambda spec, n: (
        f'<article class="card {spec.named(n)}"><h2><a href="/a-b-{n}">{spec.filled(n)}</a></h2><p>{spec.filled(n)}'
        "</p><time>2 hours ago</time></article>"
    ),
    "section": lambda spec, n: f'<section><h2>Latest</h2><a href="/a-b-{n}/c">{spec.filled(n)}</a></section>',
    "sections inside": lambda spec, n: f'<section><h2>Latest</h2><a href="/a-b-{n}/c">{spec.filled(n)}</a>',
    "h2 section": lambda spec, n: f"<div><h2>Most read</h2></div><div><h3>{spec.filled(n)}</h3></div>",
    "section then links": lambda spec, n: f'<div><h2>Sport {n}</h2></div><a href="/a-b-{n}">{spec.filled(n)}</a>',
    "body": lambda spec, n: (
        f'<div class="story-body">{"<p>Twelve words of text are what it takes to be a text. " * 3}'
        f"<h2>{spec.filled(n)}</h2></div>"
    ),
    "deep": lambda spec, n: "<div>" * spec.depth + f"<h2>{spec.filled(n)}</h2>" + "</div>" * spec.depth,
    "deep cards": lambda spec, n: (
        "<div class=card>" * spec.depth + f"<h2>{spec.filled(n)}</h2>" + "</div>" * spec.depth
    ),
    "table": lambda spec, n: f"<table><tr><td>{spec.filled(n)}",
    "table rows": lambda spec, n: f"<table><tr><td><h3>{spec.filled(n)}</h3></table>",
    "option": lambda spec, n: f"<option>{spec.filled(n)}",
    "form": lambda spec, n: f"<form>{spec.filled(n)}",
    "svg": lambda spec, n: f'<svg><path d="{spec.filled(n)}"/></svg>',
    "template": lambda spec, n: f"<template><h2>{spec.filled(n)}</h2></template>",
    "frame": lambda spec, n: f'<frameset><frame src="{n}"></frameset><iframe>{spec.filled(n)}</iframe>',
    "script": lambda spec, n: f"<script>{spec.filled(n)}</script>",
    "style": lambda spec, n: f'<p style="{spec.filled(n)}">x',
    "end tags": lambda spec, n: "</i>",
    "less than": lambda spec, n: "<",
    "comment": lambda spec, n: f"<!--{spec.filled(n)}-->",
    "cdata": lambda spec, n: f"<![CDATA[{spec.filled(n)}]]>",
    "instruction": lambda spec, n: f"<?{spec.filled(n)}>",
    "doctype": lambda spec, n: f"<!DOCTYPE {spec.filled(n)}>",
    "meta": lambda spec, n: f'<meta property="og:{n}" content="{spec.filled(n)}">',
    "title": lambda spec, n: f"<title>{spec.filled(n)}</title>",
    "attribute": lambda spec, n: f"<p {' '.join(f'{spec.text[0]}{n:x}-{one}' for one in range(spec.depth))}>x",
    "same attributes": lambda spec, n: f"<p {' '.join(f'a{one}=1' for one in range(spec.depth))}>{spec.filled(n)}",
    "value": lambda spec, n: f'<p data-x="{spec.filled(n)}">x',
    "src": lambda spec, n: f'<img src="data:{spec.filled(n)}">',
    "id": lambda spec, n: f'<div id="{"i" * spec.length}{n}"><h2>Gull steals the timer again {n}</h2></div>',
    "relation": lambda spec, n: f'<p rel="{spec.filled(n)}">x',
    "hidden": lambda spec, n: f'<p class="x:hidden {spec.named(n)}">{spec.filled(n)}',
    "tag": lambda spec, n: f"<{('x' * spec.length)[:90]}{n:x}>{spec.filled(n)}",
    "tags shut": lambda spec, n: f"<x-{n:x}>{spec.filled(n)}</x-{n:x}>",
    "linked data": lambda spec, n: (
        f'<script type="application/ld+json">{{"position":1,"name":"{spec.filled(n)}"}}</script>'
    ),
    "linked list": lambda spec, n: '<script type="application/ld+json">[' + "[]," * spec.length + "0]</script>",
    "linked chain": lambda spec, n: (
        '<script type="application/ld+json">'
        + '{"@type":"Article","item":' * spec.depth
        + "1"
        + "}" * spec.depth
        + "</script>"
    ),
    "linked position": lambda spec, n: (
        '<script type="application/ld+json">'
        + '{"position":1,"item":' * spec.depth
        + "1"
        + "}" * spec.depth
        + "</script>"
    ),
    "linked numbers": lambda spec, n: f'<script type="application/ld+json">[{"1" * spec.length}.{n}]</script>',
    "linked words": lambda spec, n: f'<script type="application/ld+json">["{"a b " * spec.length}"]</script>',
    "full": lambda spec, n: (
        f'<h2 class="{spec.named(n)}" id="{n}" a="1" b="2" c="3"><a href="/a-b-{n}" d>{spec.filled(n)}</a></h2>'
    ),
    "full section": lambda spec, n: (
        f'<div class="{spec.named(n)}"><h2>Sport {n}</h2></div><a id="n{n}" href="/a-b-{n}" a b c>{spec.filled(n)}</a>'
    ),
    "after the end": lambda spec, n: f"</html><h2>{spec.filled(n)}</h2>",
}
ONCE: dict[str, tuple[str, str]] = {  # what stands around all parts
    "": ("", ""),
    "one link": ('<a href="/a-b-c">', "</a>"),
    "one long link": (f'<a href="/{"x" * 100_000}">', "</a>"),
    "one heading": ("<h2>", "</h2>"),
    "one list": ('<ul class="most-read"><li>', "</ul>"),
    "one long id": (f'<div id="{"x" * 100_000}">', "</div>"),
    "deep": ("<div>" * 250, ""),
    "deep bold": ("<b>" * 250, ""),
    "deep article": ("<div class=story-body>" * 250, ""),
    "deep section": ("<div>" * 240 + "<h2>Most read</h2>" + "</div>" * 239, ""),
    "long tags": ("<" + "x" * 95 + ">", ""),
    "deep long tags": (("<" + "x" * 95 + ">") * 60, ""),
    "script": ("<script>", ""),
    "title": ("<title>", ""),
    "meta": ('<meta property="og:title" content="', '">'),
    "class": ('<p class="', '">x'),
    "svg": ("<svg>", ""),
    "nav": ("<nav>", ""),
    "aside": ('<div class="kicker">', "</div>"),
    "plaintext": ("<plaintext>", ""),
    "linked values": (
        '<script type="application/ld+json">[' + '{"position":1,"@type":["a"],"b":[[],[],[]]},' * 4_400 + "0]</script>",
        "",
    ),
    "signs": ("<script>" + "<b" * 140_000 + "</script>", ""),
    "values and signs": (
        "<script>" + "<b" * 140_000 + '</script><script type="application/ld+json">['
        "" + '{"position":1,"@type":["a"],"b":[[],[],[]]},' * 4_400 + "0]</script><div>" + "<b>" * 400,
        "",
    ),
    "article page": ('<script type="application/ld+json">{"@type":"Article"}</script><article>', "</article>"),
}
LINES: dict[str, Structure] = {
    "lines": lambda spec, n: spec.filled(n),
    "bullets": lambda spec, n: f"• {spec.filled(n)}",
    "headings": lambda spec, n: f"## {spec.filled(n)} ##",
    "links": lambda spec, n: f"- **[{spec.filled(n)}](http://a.b/{n})**",
    "pictures": lambda spec, n: f"![a](b) {spec.filled(n)}",
    "starred": lambda spec, n: f"**{spec.filled(n)}**",
    "blank between": lambda spec, n: f"{spec.filled(n)}\n",
    "dated": lambda spec, n: f"{spec.filled(n)}\n2 hours ago",
    "articles": lambda spec, n: f"Latest news\n\n{spec.filled(n)}\n\nIt went away. It did. It was so.\n",
    "wrapped": lambda spec, n: f"x{spec.filled(n)}",
    "short": lambda spec, n: "Sport",
    "names": lambda spec, n: f"Gull steals timer {n}\nAnn Bell",
    "same": lambda spec, n: spec.filled(0),
    "empty": lambda spec, n: "",
    "cut": lambda spec, n: f"{'Gull steals timer' + ' again' * (n % 40)}…",
    "running": lambda spec, n: f"{spec.filled(n)} ",
}


def page_of(spec: Spec, most: int) -> tuple[str, str]:
    """The page and its kind, cut to `most` bytes."""
    document, kind = _page(spec, most)
    if spec.and_also is not None and (other := _page(spec.and_also, most - len(document)))[1] == kind:
        document += other[0]
    return document.encode("utf-8", "surrogatepass")[:most].decode("utf-8", "ignore"), kind


def _page(spec: Spec, most: int) -> tuple[str, str]:
    outer, _, part = spec.structure.rpartition("/")
    if outer == "text":
        return _repeated(LINES[part], spec, most, "" if part == "running" else "\n"), "text"
    before, after = ONCE[outer]
    return before + _repeated(PARTS[part], spec, most - len(before + after), "") + after, "html"


def _repeated(part: Structure, spec: Spec, most: int, between: str) -> str:
    parts: list[str] = []
    size = 0
    for number in range(spec.count):
        parts.append(part(spec, number) + between)
        size += len(parts[-1])
        if size >= most:
            break
    return "".join(parts)[: max(0, most)]
