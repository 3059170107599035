"""The headlines of a feed: RSS of any version (0.90 to 2.0, as RDF too) and Atom (RFC 4287), well-formed or not."""

import html
import re
from dataclasses import dataclass, field

from model.pages.found import LONGEST, PageHeadline, squeezed, without_repeats
from model.pages.limits import HEADLINES, TEXT
from model.pages.tree import Element, Event, selector_of
from model.pages.xml import FOREIGN, parse_xml

_ITEMS = frozenset({"item", "entry"})
_TITLE, _FOREIGN_TITLE = "title", FOREIGN + "title"
_LONGEST_MARKED = 4000  # characters of a title with its markup
_TAG = re.compile(
    r"</?(?P<name>a|abbr|acronym|b|big|br|cite|code|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|nobr|p|q|s|small|"
    r"span|strike|strong|sub|sup|tt|u|ul|var|wbr)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_APART = frozenset("br div h1 h2 h3 h4 h5 h6 img li p ul".split())


@dataclass(slots=True, eq=False)
class _Title:
    """An item's title, with its texts in order."""

    element: Element
    pieces: list[str] = field(default_factory=list)


def read_feed(document: str) -> list[PageHeadline]:
    """Find the titles of a feed's items, in order, each once; the feed's own title is none.

    Raise `PageTooLargeError` for a feed of more than `model.pages.limits` allows.
    """
    titles = _titles(parse_xml(document))
    HEADLINES.check(len(titles))
    found = [(_printed(title), title.element) for title in titles]
    return without_repeats(
        [PageHeadline(text, selector=selector_of(place)) for text, place in found if 0 < len(text) <= LONGEST]
    )


def _titles(events: list[Event]) -> list[_Title]:
    """The title of each item. One of another vocabulary, such as Media RSS, counts where there is no other.

    A title in an image, a source or an author speaks of that.
    """
    inside: dict[Element | None, _Title | None] = {None: None}
    of_items: dict[Element | None, dict[str, _Title]] = {}
    characters = 0
    for element, text in events:
        if text is None:
            title = inside[element.parent] or _begun(element)
            inside[element] = title
            if title and title.element is element:
                of_items.setdefault(element.parent, {}).setdefault(element.tag, title)
        elif title := inside[element]:
            characters += len(text)
            TEXT.check(characters)
            title.pieces.append(text)
    return [_best(titles) for titles in of_items.values()]


def _begun(element: Element) -> _Title | None:
    is_one = element.tag in {_TITLE, _FOREIGN_TITLE} and element.parent is not None and element.parent.tag in _ITEMS
    return _Title(element) if is_one else None


def _best(titles: dict[str, _Title]) -> _Title:
    own, foreign = titles.get(_TITLE), titles.get(_FOREIGN_TITLE)
    if own and (not foreign or "".join(own.pieces).strip()):
        return own
    return foreign or next(iter(titles.values()))


def _printed(title: _Title) -> str:
    """A title without markup. HTML is escaped in RSS, which does not say so; in Atom, where it does."""
    text = "".join(title.pieces)
    if len(text) > _LONGEST_MARKED:
        return ""
    if _holds_html(title.element):
        text = html.unescape(_TAG.sub(lambda tag: " " if tag["name"].lower() in _APART else "", text))
    return squeezed(text)


def _holds_html(title: Element) -> bool:
    if title.parent is None or title.parent.tag != "entry" or title.tag != _TITLE:
        return True
    return title.attribute("type").lower() in {"html", "text/html"} or title.attribute("mode") == "escaped"
