"""How a page is laid out: which parts are an article's body, cards or lists, and what a section's name covers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from model.pages.blocks import Block
from model.pages.markup import WHOLE, is_card
from model.pages.names import Mark
from model.pages.tree import Element
from model.pages.words import is_list_name

_PARAGRAPH = 12  # words; shorter texts stand on cards too
_PARAGRAPHS = 3  # of a body; a card has a teaser of one or two
_PAGE = frozenset({"html", "body"})
_WALLS = frozenset({"section", "aside", "article"})  # a section's name says nothing of what is outside


@dataclass(slots=True)
class _Section:
    name: str
    level: int
    is_list: bool
    reach: Element | None  # what it names the headlines of, as far as it is known; None once they are outside

    def widen(self, element: Element) -> bool:
        """Reach as far as `element`, if no wall is before it. What has ended by then is never looked at again."""
        while self.reach is not None and not self.reach.holds(element):
            self.reach = None if self.reach.tag in _WALLS else self.reach.parent
        return self.reach is not None

    def reaches(self, element: Element) -> bool:
        return self.reach is not None and self.reach.holds(element)


@dataclass(slots=True)
class Sections:
    """The section headings in force while a page is read, outermost first; never more than there are levels."""

    _open: list[_Section] = field(default_factory=list)
    _pending: _Section | None = None

    def announce(self, name: str, level: int, element: Element) -> None:
        """A section heading of this level was read. It names the headlines that share its container."""
        self._pending = _Section(name, level, is_list_name(name), element.parent)

    def name_for(self, element: Element) -> str | None:
        """The nearest section heading of a headline in `element`, as printed."""
        self._settle(element)
        return self._open[-1].name if self._open else None

    def are_a_list(self, element: Element) -> bool:
        """Whether what stands at `element` is announced as a list of other stories."""
        if self._pending is not None and self._pending.widen(element):
            return self._pending.is_list
        around = [section for section in self._open if section.reaches(element)]
        return bool(around) and around[-1].is_list

    def _settle(self, element: Element) -> None:
        while self._open and not self._open[-1].reaches(element):
            self._open.pop()
        if (section := self._pending) is not None:
            self._pending = None
            if section.widen(element):
                self._open = [above for above in self._open if above.level < section.level] + [section]


class _Around(NamedTuple):
    """What the elements around one are: the nearest that is named as an article's body, the nearest card, any list."""

    body: Element | None = None
    card: Element | None = None
    listed: bool = False
    story: bool = False


class Layout:
    """The bodies, cards and lists of one page, known once all of its blocks are; each element is looked at once."""

    def __init__(self, elements: Sequence[Element], blocks: Iterable[Block]) -> None:
        blocks = list(blocks)
        self._around: dict[Element | None, _Around] = {None: _Around()}  # what is around the contents of an element
        for element in elements:
            self._around[element] = _inside(element, self._around[element.parent])
        self._bodies = self._find_bodies(blocks)
        self._in_body: set[Element | None] = set()  # whose contents are in a body, or on a card in one
        self._on_card: set[Element | None] = set()
        for element in elements if self._bodies else ():
            self._look_for_body(element)
        self._first_headings = self._find_first_headings(blocks)

    @property
    def has_body(self) -> bool:
        """Whether an article is printed on the page."""
        return bool(self._bodies)

    @property
    def tells_several(self) -> bool:
        """Whether the texts of several articles are printed on the page."""
        return len(self._bodies) > 1

    def in_body(self, element: Element) -> bool:
        """Whether the element is part of an article's text."""
        return element.parent in self._in_body

    def on_card_in_body(self, element: Element) -> bool:
        """Whether a card, or a list that is named as one, sets the element apart from the body that it is in."""
        return element.parent in self._on_card

    def on_named_list(self, element: Element) -> bool:
        """Whether the markup calls a list around the element most-read, related or the like."""
        return self._around[element.parent].listed

    def in_story(self, element: Element) -> bool:
        """Whether an article, or the page's main part, is around the element."""
        return self._around[element.parent].story

    def card_around(self, element: Element) -> Element | None:
        """The nearest card around the element."""
        return self._around[element.parent].card

    def heads_a_card(self, heading: Block) -> bool:
        """Whether the heading is the first of a card, the page's main article not counted."""
        return heading.element in self._first_headings

    def _find_bodies(self, blocks: Iterable[Block]) -> set[Element]:
        paragraphs: dict[Element, int] = {}
        apart: dict[Element, int] = {}  # by what is around what holds them: some pages wrap each paragraph
        listing = _all_around(block.element for block in blocks if block.kind == "heading" and block.link)
        for block in blocks:
            if block.kind == "text" and block.element.tag == "p" and block.said >= _PARAGRAPH:
                holder = block.element.parent or block.element
                body = self._around[block.element.parent].body or holder
                paragraphs[body] = paragraphs.get(body, 0) + 1
                if holder.parent and not (is_card(holder) or holder in listing or holder.parent.tag in _PAGE):
                    apart[holder.parent] = apart.get(holder.parent, 0) + 1
        bodies = {body for body, count in paragraphs.items() if count >= _PARAGRAPHS}
        return bodies or {body for body, count in apart.items() if count >= _PARAGRAPHS}

    def _look_for_body(self, element: Element) -> None:
        """Note what a body, or a card in one, means for the contents of `element`; those around were asked before."""
        if element in self._bodies:
            self._in_body.add(element)
            return
        if element.parent in self._in_body:
            self._in_body.add(element)
        if element.tag not in WHOLE and (
            element.parent in self._on_card or is_card(element) or element.marks & Mark.LIST
        ):
            self._on_card.add(element)

    def _find_first_headings(self, blocks: Iterable[Block]) -> set[Element]:
        headings = [block.element for block in blocks if block.kind == "heading"]
        main = _all_around(heading for heading in headings if heading.tag == "h1")
        first: dict[Element, Element] = {}
        for heading in headings:
            card = self._around[heading.parent].card
            if card is not None and card not in main:
                first.setdefault(card, heading)
        return set(first.values())


def _inside(element: Element, around: _Around) -> _Around:
    body = element if _is_named_body(element) else around.body
    card = element if is_card(element) else around.card
    listed = around.listed or (element.tag not in WHOLE and bool(element.marks & Mark.LIST))
    story = around.story or element.tag in {"article", "main"}
    inside = (body, card, listed, story)
    return around if inside == around else _Around(*inside)


def _all_around(elements: Iterable[Element]) -> set[Element]:
    """All elements around any of these."""
    found: set[Element] = set()
    for element in elements:
        for above in element.ancestors():
            if above in found:
                break
            found.add(above)
    return found


def _is_named_body(element: Element) -> bool:
    return bool(element.marks & Mark.BODY) or element.attribute("itemprop") == "articleBody"
