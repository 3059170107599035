"""What a page says of itself where readers do not see it: OpenGraph, JSON-LD and the title."""

import html
import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from model.pages.found import LONGEST, PageHeadline, squeezed
from model.pages.likeness import agrees, is_same, without_any_publisher, without_publisher
from model.pages.limits import LEVELS, OBJECTS, VALUES
from model.pages.tree import Event
from model.pages.words import count_words

_ARTICLES = frozenset({"BlogPosting", "LiveBlogPosting", "Report"})  # and whatever ends with Article
_LINKED_DATA = "application/ld+json"
_LINKED = f'script[type="{_LINKED_DATA}"]'
_NAMED = ("og:title", "twitter:title")
_TITLES, _DESCRIBED = 3, 50  # titles, and articles in JSON-LD, that may be the page's
_LONGEST_TITLE = 2000  # characters that are looked at
_ITEMS = 8  # inside each other; a story on a list is the item of an item
_WRAPPED = re.compile(r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*+(?:;\s*+)?\Z|;\s*+\Z")
_ROOT = re.compile(r"https?://[^/?#]{1,253}/?(?:#.*)?")
_COMMA = re.compile(r",\s*(?=[\]}])")
_TAG = re.compile(r"</?(?:a|b|br|em|i|span|strong|sub|sup|u)(?:\s[^<>]*)?/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What names the page's article, best first; the stories that it lists; the site; what it says that it is."""

    titles: tuple[PageHeadline, ...]
    listed: tuple[PageHeadline, ...]
    site: str
    is_article: bool
    is_front: bool = False  # it says that its address is the site's


def read_metadata(events: Iterable[Event]) -> Metadata:
    """Read a page's metadata; broken JSON counts as none. Raise `PageTooLargeError` for too much JSON-LD."""
    properties: dict[str, str] = {}
    titles: list[str] = []
    linked: list[str] = []
    address = ""
    for element, text in events:
        if text is None:
            if element.tag == "meta":
                name = element.attribute("property") or element.attribute("name")
                properties.setdefault(name, squeezed(element.attribute("content")))
            elif element.tag == "link" and element.attribute("rel").lower() == "canonical":
                address = element.attribute("href").strip()
        elif element.tag == "title" and element.parent is not None and element.parent.tag == "head":
            titles.append(squeezed(text[:_LONGEST_TITLE]))
        elif element.tag == "script" and element.attribute("type").lower().startswith(_LINKED_DATA):
            linked.append(text)
    things = _linked_things(linked)
    titles = titles[:_TITLES]
    articles = [thing for thing in things if _is_article(thing)][:_DESCRIBED]
    site = _plain(properties.get("og:site_name", ""))
    named = [(_plain(properties.get(name, "")), f"meta[property='{name}']") for name in _NAMED]
    named += [(_plain(title), "title") for title in titles]
    found = [(_plain(_name(thing)), _LINKED) for thing in _best_first(articles, [name for name, _ in named])]
    return Metadata(
        tuple(_titles([*found, *named], site)),
        tuple(_listed(things)) if not articles else (),
        site,
        bool(articles) or properties.get("og:type") == "article",
        bool(_ROOT.fullmatch(address or properties.get("og:url", ""))),
    )


def _best_first(articles: list[dict[str, Any]], titles: list[str]) -> list[dict[str, Any]]:
    """The object that describes the page: the first that its titles agree with, or the first."""
    return sorted(articles, key=lambda thing: not agrees(_name(thing), titles))[:1]


def _titles(found: Iterable[tuple[str, str]], site: str) -> Iterator[PageHeadline]:
    for name, selector in found:
        title = without_publisher(name, site)
        title = without_any_publisher(title) if selector == "title" else title
        if _reads(title) and not is_same(title, site):
            yield PageHeadline(title, selector=selector, source="metadata")


def _listed(things: Iterable[dict[str, Any]]) -> Iterator[PageHeadline]:
    names = (_plain(_name(thing)) for thing in things if "position" in thing)
    return (PageHeadline(name, selector=_LINKED, source="metadata") for name in names if _reads(name))


def _reads(name: str) -> bool:
    return len(name) <= LONGEST and count_words(name) >= 3


def _plain(name: str) -> str:
    """A name without references and tags, which JSON-LD and careless OpenGraph hold, once or twice escaped."""
    if "&" in name and len(name) <= 2 * LONGEST:
        name = html.unescape(html.unescape(name))
    return squeezed(_TAG.sub("", name)) if "<" in name else squeezed(name)


def _name(thing: dict[str, Any]) -> str:
    for _ in range(_ITEMS):
        for key in ("headline", "name"):
            if isinstance(name := thing.get(key), str):
                return squeezed(name)
        if not isinstance(item := thing.get("item"), dict):
            break
        thing = item
    return ""


def _is_article(thing: dict[str, Any]) -> bool:
    """Whether the object is an article: its type may be a list, and be written as an address."""
    given = thing.get("@type")
    kinds = [kind for kind in (given if isinstance(given, list) else [given]) if isinstance(kind, str)]
    named = (re.split(r"[/#:]", kind.rstrip("/"))[-1] for kind in kinds)
    return any(kind in _ARTICLES or kind.endswith("Article") for kind in named)


def _linked_things(scripts: list[str]) -> list[dict[str, Any]]:
    """The objects of all JSON-LD on the page, whose signs are counted before it is read."""
    OBJECTS.check(sum(script.count("{") for script in scripts))
    VALUES.check(sum(script.count(sign) for script in scripts for sign in "{[,"))
    return [thing for script in scripts for thing in _things(script)]


def _things(text: str) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD script, however deep, outermost first and in the order of lists."""
    waiting = [(_parsed(text), 1)]
    while waiting:
        value, level = waiting.pop()
        LEVELS.check(level)
        inside: Collection[Any] = ()
        if isinstance(value, dict):
            yield value
            inside = value.values()
        elif isinstance(value, list):
            inside = value
        # most values are texts
        waiting.extend((inner, level + 1) for inner in reversed(list(inside)) if isinstance(inner, dict | list))


def _parsed(text: str) -> Any:
    """The script's value, or none; comment signs around it and commas too many are let pass."""
    try:
        return _value(text)
    except json.JSONDecodeError:
        with suppress(json.JSONDecodeError):
            return _value(_COMMA.sub("", _WRAPPED.sub("", text)))
    return None


def _value(text: str) -> Any:
    """The value of JSON whose texts may have line breaks in them."""
    try:
        return json.loads(text, strict=False, parse_int=_no_number, parse_float=_no_number)
    except RecursionError as error:
        raise LEVELS.broken() from error


def _no_number(_digits: str) -> None:
    """What a number is read as: nobody asks for one, and one of a million digits takes long."""
