"""What an element's tag, role and class names say of it: never read, printed beside a headline, a line of its own."""

import re
from functools import lru_cache

from model.pages_tree import Element

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
_UNREAD_RELATIONS = frozenset({"sponsored", "author"})
_ASIDE = frozenset({"time", "label", "cite", "sup", "address"})

# Of class names and ids. What has one of the first two is not read at all. What has one of the third as its last
# word is printed beside a headline, so a heading inside it still counts.
_UNREAD_WORDS = frozenset(
    "nav navbar navigation breadcrumb breadcrumbs cookie cookies consent gdpr newsletter newsletters signup subscribe "
    "subscription paywall ad ads advert adverts advertisement advertising sponsored sponsor taboola outbrain modal "
    "popup login sharing disqus".split()
)
_UNREAD_NAMES = frozenset(
    "visuallyhidden visually-hidden sr-only screen-reader-text screenreader screen-reader u-hidden is-hidden "
    "offscreen vh menu main-menu site-footer page-footer site-menu skip-link skip comments comment-list".split()
)
_ASIDE_WORDS = frozenset(
    "kicker eyebrow overline strapline badge label flag pill icon tag tags topics category categories byline author "
    "authors date dateline time timestamp datetime readtime duration count counts views rank number index caption "
    "credit standfirst excerpt dek subtitle meta metadata share shares comment comments rating score scores".split()
)
_TITLED = frozenset({"title", "headline"})

_OF_THE_POST = re.compile(r"(?:has|no|with|not|tag|category|format|type|status)[-_]", re.IGNORECASE)  # WordPress
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHOWN_LATER = re.compile(r":(?:block|flex|grid|inline)")  # Tailwind: hidden on a telephone only


def is_unread(element: Element) -> bool:
    """Whether nothing inside is read. A saved page may have one form, or one hidden element, around everything."""
    if element.tag in WHOLE:
        return False
    outermost = element.parent is not None and element.parent.tag == "body"
    return (
        (element.tag in _UNREAD and not (outermost and element.tag == "form"))
        or (element.attribute("aria-hidden") == "true" and not outermost)
        or _is_hidden(element)
        or element.attribute("role") in _UNREAD_ROLES
        or not _UNREAD_RELATIONS.isdisjoint(element.attribute("rel").split())
        or any(not _UNREAD_WORDS.isdisjoint(name) or "-".join(name) in _UNREAD_NAMES for name in names_of(element))
    )


def is_aside(element: Element) -> bool:
    """Whether the element holds a kicker, a byline, a date, a count or the like."""
    if element.tag in _ASIDE:
        return True
    if element.tag in WHOLE or element.tag in HEADINGS or element.tag in {"article", "section"}:
        return False
    last_words = {name[-1] for name in names_of(element)}
    return not _ASIDE_WORDS.isdisjoint(last_words) and _TITLED.isdisjoint(last_words)


def is_banner(element: Element) -> bool:
    """Whether the element heads the page rather than an article."""
    if element.tag == "header":
        return {"article", "entry", "post", "story"}.isdisjoint(words_of_names(element))
    return element.attribute("role") == "banner" or ("masthead",) in names_of(element)


def is_titled(element: Element) -> bool:
    """Whether the element is named as a title or a headline."""
    return not _TITLED.isdisjoint(words_of_names(element))


def is_block_level(element: Element) -> bool:
    """Whether the element begins a line of its own, as far as its tag tells."""
    return element.tag not in _INLINE


def names_of(element: Element) -> tuple[tuple[str, ...], ...]:
    """Its class names and id, each as the words that it is made of: `card__headText` is (card, head, text)."""
    return _split_names(f"{element.attribute('class')} {element.attribute('id')}"[:1000])


def words_of_names(element: Element) -> frozenset[str]:
    """The words of all its class names and its id."""
    return frozenset(word for name in names_of(element) for word in name)


@lru_cache(maxsize=4096)
def _split_names(names: str) -> tuple[tuple[str, ...], ...]:
    kept = (name for name in names.split() if not _OF_THE_POST.match(name))
    split = (re.split("[-_]+", _CAPITAL.sub("-", name).lower().strip("-_")) for name in kept)
    return tuple(tuple(words) for words in split)


def _is_hidden(element: Element) -> bool:
    styled = "display:none" in element.attribute("style").replace(" ", "").lower()
    name = element.attribute("class")
    return "hidden" in element.attributes or styled or ("hidden" in name.split() and not _SHOWN_LATER.search(name))
