"""What a page says of itself where readers do not see it: OpenGraph, JSON-LD and the title."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from model.pages.found import LONGEST, PageHeadline, squeezed
from model.pages.limits import LEVELS, OBJECTS, VALUES
from model.pages.tree import Event

_ARTICLES = ("Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting", "OpinionNewsArticle")
_LINKED_DATA = "application/ld+json"
_ITEMS = 8  # inside each other; a story on a list is the item of an item


@dataclass(frozen=True, slots=True)
class Metadata:
    """The headlines that a page's metadata names, best first, the site's name, and whether the page is one article."""

    headlines: tuple[PageHeadline, ...]
    site: str
    is_article: bool


def read_metadata(events: Iterable[Event]) -> Metadata:
    """Read a page's metadata; broken JSON counts as none. Raise `PageTooLargeError` for too much JSON-LD."""
    properties: dict[str, str] = {}
    titles: list[str] = []
    linked: list[str] = []
    for element, text in events:
        if text is None:
            if element.tag == "meta":
                name = element.attribute("property") or element.attribute("name")
                properties.setdefault(name, squeezed(element.attribute("content")))
        elif element.tag == "title" and element.parent is not None and element.parent.tag == "head":
            titles.append(squeezed(text))
        elif element.tag == "script" and element.attribute("type") == _LINKED_DATA:
            linked.append(text)
    things = _linked_things(linked)
    articles = [thing for thing in things if _is_article(thing)]
    is_article = bool(articles) or properties.get("og:type") == "article"
    return Metadata(
        tuple(_headlines(articles, things, properties, titles)), properties.get("og:site_name", ""), is_article
    )


def _headlines(
    articles: list[dict[str, Any]], things: list[dict[str, Any]], properties: dict[str, str], titles: list[str]
) -> Iterator[PageHeadline]:
    """The first source that names the article, or else the stories that the page lists."""
    if not articles and (listed := [thing for thing in things if "position" in thing]):
        found = [(_name(thing), f'script[type="{_LINKED_DATA}"]') for thing in listed]
    else:
        found = [(_name(thing), f'script[type="{_LINKED_DATA}"]') for thing in articles[:1]]
        found += [(properties.get(name, ""), f"meta[property='{name}']") for name in ("og:title", "twitter:title")]
        found = [*found, *((title, "title") for title in titles)]
        found = [pair for pair in found if _reads(pair[0])][:1]
    return (PageHeadline(name, selector=selector) for name, selector in found if _reads(name))


def _reads(name: str) -> bool:
    return len(name) <= LONGEST and len(name.split()) >= 3


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
    kinds = thing.get("@type")
    return any(kind in _ARTICLES for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def _linked_things(scripts: list[str]) -> list[dict[str, Any]]:
    """The objects of all JSON-LD on the page, whose signs are counted before it is read."""
    OBJECTS.check(sum(script.count("{") for script in scripts))
    VALUES.check(sum(script.count(sign) for script in scripts for sign in "{[,"))
    return [thing for script in scripts for thing in _things(script)]


def _things(text: str) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD script, however deep, outermost first and in the order of lists."""
    try:
        waiting = [(json.loads(text, parse_int=_no_number, parse_float=_no_number), 1)]
    except RecursionError as error:
        raise LEVELS.broken() from error
    except ValueError:
        return
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


def _no_number(_digits: str) -> None:
    """What a number is read as: nobody asks for one, and one of a million digits takes long."""
