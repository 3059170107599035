"""How a page is laid out: which parts are an article's body, cards or lists, and what a section's name covers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from model.pages_blocks import Block
from model.pages_markup import WHOLE, names_of, words_of_names
from model.pages_tree import Element
from model.pages_words import is_list_name

_PARAGRAPH = 12  # words; shorter texts stand on cards too
_PARAGRAPHS = 3  # of a body; a card has a teaser of one or two
_BODY_NAMES = frozenset(
    "article-body articlebody story-body storybody entry-content post-content article-content story-content post-body "
    "body-content body-copy article-text".split()
)
_CARDS = frozenset("card teaser story item post tile promo".split())
_LISTS = frozenset("related recommended read trending popular missed miss latest viewed".split())
_WALLS = frozenset({"section", "aside", "article"})  # a section's name says nothing of what is outside


@dataclass(slots=True)
class _Section:
    name: str
    level: int
    element: Element
    reach: Element | None = None  # known once a headline has shown how far it must reach


@dataclass(slots=True)
class Sections:
    """The section headings in force while a page is read, outermost first."""

    _open: list[_Section] = field(default_factory=list)
    _pending: _Section | None = None

    def announce(self, name: str, level: int, element: Element) -> None:
        """A section heading of this level was read. It names the headlines that share its container."""
        self._pending = _Section(name, level, element)

    def name_for(self, element: Element) -> str | None:
        """The nearest section heading of a headline in `element`, as printed."""
        self._settle(element)
        return self._open[-1].name if self._open else None

    def are_a_list(self, element: Element) -> bool:
        """Whether what stands at `element` is announced as a list of other stories."""
        if self._pending is not None and _reach(self._pending.element, element) is not None:
            return is_list_name(self._pending.name)
        around = [section for section in self._open if _reaches(section, element)]
        return bool(around) and is_list_name(around[-1].name)

    def _settle(self, element: Element) -> None:
        while self._open and not _reaches(self._open[-1], element):
            self._open.pop()
        if (section := self._pending) is not None:
            section.reach, self._pending = _reach(section.element, element), None
            if section.reach is not None:
                self._open = [above for above in self._open if above.level < section.level] + [section]


def _reaches(section: _Section, element: Element) -> bool:
    return section.reach is not None and section.reach.holds(element)


def _reach(heading: Element, headline: Element) -> Element | None:
    for above in heading.ancestors():
        if above.holds(headline):
            return above
        if above.tag in _WALLS:
            return None
    return None


class Layout:
    """The bodies, cards and lists of one page, known once all of its blocks are."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        blocks = list(blocks)
        self._bodies = _bodies(blocks)
        self._first_headings = _first_headings(blocks)

    @property
    def has_body(self) -> bool:
        """Whether an article is printed on the page."""
        return bool(self._bodies)

    def in_body(self, element: Element) -> bool:
        """Whether the element is part of an article's text."""
        return not self._bodies.isdisjoint(element.ancestors())

    def on_card_in_body(self, element: Element) -> bool:
        """Whether a card, or a list that is named as one, sets the element apart from the body that it is in."""
        for above in element.ancestors():
            if above in self._bodies or above.tag in WHOLE:
                return False
            if _is_card(above) or not _LISTS.isdisjoint(words_of_names(above)):
                return True
        return False

    def heads_a_card(self, heading: Block) -> bool:
        """Whether the heading is the first of a card, the page's main article not counted."""
        return heading.element in self._first_headings


def is_on_named_list(element: Element) -> bool:
    """Whether the markup calls a list around the element most-read, related or the like."""
    around = (above for above in element.ancestors() if above.tag not in WHOLE)
    return any(not _LISTS.isdisjoint(words_of_names(above)) for above in around)


def _is_card(element: Element) -> bool:
    return element.tag in {"article", "li"} or not _CARDS.isdisjoint(words_of_names(element))


def _bodies(blocks: Iterable[Block]) -> set[Element]:
    paragraphs: dict[Element, int] = {}
    for block in blocks:
        if block.kind == "text" and block.element.tag == "p" and block.said >= _PARAGRAPH:
            body = _body_of(block.element)
            paragraphs[body] = paragraphs.get(body, 0) + 1
    return {body for body, count in paragraphs.items() if count >= _PARAGRAPHS}


def _body_of(paragraph: Element) -> Element:
    named = (above for above in paragraph.ancestors() if _is_named_body(above))
    return next(named, paragraph.parent or paragraph)


def _is_named_body(element: Element) -> bool:
    if element.attribute("itemprop") == "articleBody":
        return True
    return any("-".join(name) in _BODY_NAMES for name in names_of(element))


def _first_headings(blocks: Iterable[Block]) -> set[Element]:
    headings = [block.element for block in blocks if block.kind == "heading"]
    main = {above for heading in headings if heading.tag == "h1" for above in heading.ancestors()}
    first: dict[Element, Element] = {}
    for heading in headings:
        card = next((above for above in heading.ancestors() if _is_card(above)), None)
        if card is not None and card not in main:
            first.setdefault(card, heading)
    return set(first.values())
