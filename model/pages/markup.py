"""What an element's tag, role and class names say of it: never read, printed beside a headline, a line of its own."""

import re
from collections.abc import Mapping

from model.pages.names import Mark
from model.pages.tree import Element

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
WHOLE = frozenset({"html", "body", "main"})  # their names describe the page, not a part of it
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr picture q s samp "
    "small source span strike strong sub sup time tt u var wbr".split()
)
NO_TEXT = frozenset(
    "script style noscript template svg math button select input textarea iframe video audio object canvas blockquote "
    "figcaption caption title head map pre".split()
)
_AROUND = frozenset("form nav footer dialog menu".split())  # a story, where whoever made the page did not care
_UNREAD_ROLES = frozenset("navigation contentinfo dialog alertdialog search menu menubar tablist form".split())
_UNREAD_RELATIONS = re.compile(r"(?<!\S)(?:sponsored|author)(?!\S)")
_ASIDE = frozenset({"time", "label", "cite", "sup", "address"})

_HIDDEN = re.compile(r"(?<!\S)hidden(?!\S)")
_SHOWN_LATER = re.compile(r":(?:block|flex|grid|inline)")  # Tailwind: hidden on a telephone only
_UNSEEN = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|clip:rect\((?:[01](?:px)?,?){4}\)|clip-path:inset\((?:50|100)%"
    r"|(?:width|height):1px(?:!important)?(?:;|$)|(?:text-indent|left|top):-\d{3,}|font-size:0(?:px)?(?:;|$))"
)
_LONGEST_STYLE = 1000  # characters that are looked at


def is_no_text(element: Element) -> bool:
    """Whether the element is of a kind that prints no text of the page's own."""
    return element.tag in NO_TEXT


def is_furnished(element: Element) -> bool:
    """Whether the markup calls the element furniture, which is not so if it holds the story."""
    if element.tag in WHOLE or (element.tag == "form" and element.parent is not None and element.parent.tag == "body"):
        return False
    return element.tag in _AROUND or (
        bool(element.attributes) and (bool(element.marks & Mark.UNREAD) or _is_called_furniture(element.attributes))
    )


def is_never_read(element: Element) -> bool:
    """Whether the markup says that the element asks for consent, an address or comments."""
    return element.tag not in WHOLE and bool(element.marks & Mark.NEVER)


def is_hidden(element: Element) -> bool:
    """Whether the markup hides the element."""
    if element.tag in WHOLE or not element.attributes:
        return False
    outermost = element.parent is not None and element.parent.tag == "body"
    return bool(element.marks & Mark.HIDDEN) or _is_unseen(element.attributes, outermost)


def is_aside(element: Element) -> bool:
    """Whether the element holds a kicker, a byline, a date, a count or the like."""
    if element.tag in _ASIDE:
        return True
    if element.marks & (Mark.ASIDE | Mark.NO_ASIDE) != Mark.ASIDE:
        return False
    return not (element.tag in WHOLE or element.tag in HEADINGS or element.tag in {"article", "section"})


def is_card(element: Element) -> bool:
    """Whether the element holds one story of several, or the page's one."""
    return element.tag in {"article", "li"} or bool(element.marks & Mark.CARD)


def is_banner(element: Element) -> bool:
    """Whether the element heads the page rather than an article."""
    if element.tag == "header":
        return not element.marks & Mark.STORY
    return bool(element.marks & Mark.MASTHEAD) or element.attribute("role") == "banner"


def is_titled(element: Element) -> bool:
    """Whether the element is named as a title or a headline."""
    return bool(element.marks & Mark.TITLED)


def is_named_headline(element: Element) -> bool:
    """Whether the element is called the headline or the title, or says so to search engines."""
    return is_titled(element) or "headline" in element.attribute("itemprop").split()


def is_block_level(element: Element) -> bool:
    """Whether the element begins a line of its own, as far as its tag tells."""
    return element.tag not in _INLINE


def _is_called_furniture(said: Mapping[str, str]) -> bool:
    return ("role" in said and said["role"] in _UNREAD_ROLES) or (
        "rel" in said and bool(_UNREAD_RELATIONS.search(said["rel"]))
    )


def _is_unseen(said: Mapping[str, str], outermost: bool) -> bool:
    return (
        "hidden" in said
        or ("aria-hidden" in said and said["aria-hidden"] == "true" and not outermost)
        or ("style" in said and bool(_UNSEEN.search("".join(said["style"][:_LONGEST_STYLE].split()).lower())))
        or ("class" in said and _is_hidden(said["class"]))
    )


def _is_hidden(names: str) -> bool:
    return "hidden" in names and bool(_HIDDEN.search(names)) and not _SHOWN_LATER.search(names)
