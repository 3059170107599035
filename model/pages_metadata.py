"""What a page says of itself where readers do not see it: OpenGraph, JSON-LD and the title."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from model.pages_found import LONGEST, PageHeadline
from model.pages_tree import Event

_ARTICLES = ("Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting", "OpinionNewsArticle")
_LINKED_DATA = "application/ld+json"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The headlines that a page's metadata names, best first, the site's name, and whether the page is one article."""

    headlines: tuple[PageHeadline, ...]
    site: str
    is_article: bool


def read_metadata(events: Iterable[Event]) -> Metadata:
    """Read a page's metadata; broken JSON counts as none."""
    properties: dict[str, str] = {}
    titles: list[str] = []
    things: list[dict[str, Any]] = []
    for element, text in events:
        if text is None and element.tag == "meta":
            name = element.attribute("property") or element.attribute("name")
            properties.setdefault(name, " ".join(element.attribute("content").split()))
        elif text and element.tag == "title" and element.parent is not None and element.parent.tag == "head":
            titles.append(" ".join(text.split()))
        elif text and element.tag == "script" and element.attribute("type") == _LINKED_DATA:
            things.extend(_things(text))
    articles = [thing for thing in things if _is_article(thing)]
    is_article = bool(articles) or properties.get("og:type") == "article"
    return Metadata(
        tuple(_headlines(articles, things, properties, titles)), properties.get("og:site_name", ""), is_article
    )


def _headlines(
    articles: list[dict[str, Any]], things: list[dict[str, Any]], properties: dict[str, str], titles: list[str]
) -> Iterator[PageHeadline]:
    """The first source that names the article, or else the stories that the page lists."""
    linked, listed = [_name(thing) for thing in articles], [_name(thing) for thing in things if "position" in thing]
    if listed and not articles:
        found = [(name, f'script[type="{_LINKED_DATA}"]') for name in listed]
    else:
        found = [(name, f'script[type="{_LINKED_DATA}"]') for name in linked[:1]]
        found += [(properties.get(name, ""), f"meta[property='{name}']") for name in ("og:title", "twitter:title")]
        found = [*found, *((title, "title") for title in titles)]
        found = [pair for pair in found if _reads(pair[0])][:1]
    return (PageHeadline(name, selector=selector) for name, selector in found if _reads(name))


def _reads(name: str) -> bool:
    return len(name.split()) >= 3 and len(name) <= LONGEST


def _name(thing: dict[str, Any]) -> str:
    for key in ("headline", "name"):
        if isinstance(name := thing.get(key), str):
            return " ".join(name.split())
    item = thing.get("item")
    return _name(item) if isinstance(item, dict) and item is not thing else ""


def _is_article(thing: dict[str, Any]) -> bool:
    kinds = thing.get("@type")
    return any(kind in _ARTICLES for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str))


def _things(text: str) -> Iterator[dict[str, Any]]:
    """Every object in a JSON-LD script, however deep, outermost first and in the order of lists."""
    try:
        waiting: list[Any] = [json.loads(text)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
