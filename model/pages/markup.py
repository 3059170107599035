"""What an element's tag, role and class names say of it: never read, printed beside a headline, a line of its own."""

import re

from model.pages.names import Mark
from model.pages.tree import Element

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
WHOLE = frozenset({"html", "body", "main"})  # their names describe the page, not a part of it
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr picture q s samp "
    "small source span strike strong sub sup time tt u var wbr".split()
)
_UNREAD = frozenset(
    "script style noscript template svg math button form select input textarea nav footer iframe video audio object "
    "canvas dialog menu blockquote figcaption caption title head map pre".split()
)
_UNREAD_ROLES = frozenset("navigation contentinfo dialog alertdialog search menu menubar tablist form".split())
_UNREAD_RELATIONS = re.compile(r"(?<!\S)(?:sponsored|author)(?!\S)")
_ASIDE = frozenset({"time", "label", "cite", "sup", "address"})

_HIDDEN = re.compile(r"(?<!\S)hidden(?!\S)")
_SHOWN_LATER = re.compile(r":(?:block|flex|grid|inline)")  # Tailwind: hidden on a telephone only


def is_unread(element: Element) -> bool:
    """Whether nothing inside is read. A saved page may have one form, or one hidden element, around everything."""
    if element.tag in WHOLE:
        return False
    outermost = element.parent is not None and element.parent.tag == "body"
    if element.tag in _UNREAD and not (outermost and element.tag == "form"):
        return True
    return bool(element.attributes) and (bool(element.marks & Mark.UNREAD) or _says_unread(element, outermost))


def is_aside(element: Element) -> bool:
    """Whether the element holds a kicker, a byline, a date, a count or the like."""
    if element.tag in _ASIDE:
        return True
    if element.marks & (Mark.ASIDE | Mark.NO_ASIDE) != Mark.ASIDE:
        return False
    return not (element.tag in WHOLE or element.tag in HEADINGS or element.tag in {"article", "section"})


def is_banner(element: Element) -> bool:
    """Whether the element heads the page rather than an article."""
    if element.tag == "header":
        return not element.marks & Mark.STORY
    return bool(element.marks & Mark.MASTHEAD) or element.attribute("role") == "banner"


def is_titled(element: Element) -> bool:
    """Whether the element is named as a title or a headline."""
    return bool(element.marks & Mark.TITLED)


def is_block_level(element: Element) -> bool:
    """Whether the element begins a line of its own, as far as its tag tells."""
    return element.tag not in _INLINE


def _says_unread(element: Element, outermost: bool) -> bool:
    said = element.attributes
    return (
        "hidden" in said
        or ("aria-hidden" in said and said["aria-hidden"] == "true" and not outermost)
        or ("role" in said and said["role"] in _UNREAD_ROLES)
        or ("rel" in said and bool(_UNREAD_RELATIONS.search(said["rel"])))
        or ("style" in said and "display:none" in said["style"].replace(" ", "").lower())
        or ("class" in said and _is_hidden(said["class"]))
    )


def _is_hidden(names: str) -> bool:
    return "hidden" in names and bool(_HIDDEN.search(names)) and not _SHOWN_LATER.search(names)
