"""What a page prints, as headings, links and running text, without what its markup says is not content."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from model.pages.holdings import Holdings
from model.pages.limits import TEXT
from model.pages.markup import (
    HEADINGS,
    is_aside,
    is_banner,
    is_block_level,
    is_card,
    is_furnished,
    is_hidden,
    is_never_read,
    is_no_text,
)
from model.pages.targets import is_no_story
from model.pages.tree import Element, Event
from model.pages.words import Furniture, count_unspaced, is_furniture, is_section_name

Kind: TypeAlias = Literal["heading", "link", "text"]
Piece: TypeAlias = tuple[str, Element]  # a text and the element that directly holds it

_LONGEST_FURNITURE = 200  # characters
_LONGEST_LABEL = 40
_JOINTS = " |–—·•-"  # between a kicker and the rest
_COUNTED = 61  # words of one text; a block of more is running text, however many more
_LABELS = frozenset(
    "live video exclusive breaking watch gallery opinion analysis updated new photos pictures listen podcast comment "
    "review interview quiz explainer feature".split()
)


@dataclass(slots=True, eq=False)
class Block:
    """A heading, a link outside headings, or the running text of one element, with its pieces in order."""

    kind: Kind
    element: Element
    banner: bool = False
    pieces: list[Piece] = field(default_factory=list)
    said: int = 0  # words, those of dates and other furniture not counted
    link: Element | None = None  # of a heading: the link around it, or the first in it; of a link: itself
    linked: int = 0  # characters of a heading that are inside a link
    around: "Block | None" = None  # of a link: the running text that it stands in
    leads: bool = True  # of a link: nothing was said before it in that text
    holds_heading: bool = False
    kicker: list[Piece] = field(default_factory=list)  # left out of `pieces`, which it is followed by

    @property
    def text(self) -> str:
        """The block as printed, without labels such as LIVE that stand before the rest."""
        text = printed(self.pieces)
        return text.lstrip(_JOINTS) if self.kicker else text


class _Place(NamedTuple):
    """What an element inherits from those around it."""

    unread: bool = False
    aside: bool = False
    banner: bool = False
    in_article: bool = False
    in_card: bool = False
    heading: Block | None = None
    link: Block | None = None
    running: Block | None = None


_OUTSIDE, _UNREAD = _Place(), _Place(unread=True)


def read_blocks(events: Iterable[Event], furniture: Furniture, holdings: Holdings) -> list[Block]:
    """The page's blocks in reading order; those that hold no text are left out.

    Raise `PageTooLargeError` for a page with more text than is read.
    """
    places: dict[Element | None, _Place] = {None: _OUTSIDE}
    blocks: list[Block] = []
    characters = 0
    for element, text in events:
        if text is None:
            around = places[element.parent]
            places[element] = place = around if around.unread else _enter(element, around, blocks, holdings)
            if element.tag == "br" and not place.unread:
                _print("\n", element, place, furniture)
        elif not (place := places[element]).unread:
            characters += len(text)
            TEXT.check(characters)
            _print(text, element, place, furniture)
    return [block for block in blocks if block.pieces]


def printed(pieces: Iterable[Piece]) -> str:
    """The text of `pieces`, white space folded, with a space where only the layout sets two of them apart."""
    kept = _without_labels(list(pieces))
    joined = [text for text, _ in kept[:1]]
    for (left, before), (right, element) in pairwise(kept):
        if before is not element and _is_apart(before, element) and _needs_space(left, right):
            joined.append(" ")
        joined.append(right)
    return " ".join("".join(joined).split())


def _enter(element: Element, place: _Place, blocks: list[Block], holdings: Holdings) -> _Place:
    ends_card = element.tag == "footer" and place.in_card
    if not ends_card and _is_unread(element, holdings):
        return _UNREAD
    in_article = place.in_article or element.tag in {"article", "main"}
    in_card = place.in_card or is_card(element)
    banner = place.banner or (not in_article and is_banner(element) and not holdings.has_text(element))
    aside = place.aside or ends_card or (is_aside(element) and not holdings.has_story(element))
    heading, link, running = place.heading, place.link, place.running
    if element.tag in HEADINGS and heading is None:
        heading, aside = _heading(element, link, banner), False
        blocks.append(heading)
    elif element.tag == "a" and element.attribute("href") and link is None:
        link = _link(element, running, heading, banner)
        blocks.extend([link] if heading is None else [])
    elif heading is None and link is None and is_block_level(element):
        running = Block("text", element, banner)
        blocks.append(running)
    return _Place(False, aside, banner, in_article, in_card, heading, link, running)


def _is_unread(element: Element, holdings: Holdings) -> bool:
    """Whether nothing inside is read: by what an element is, or by what it is called, unless it holds the story."""
    if is_no_text(element):
        return True
    if is_hidden(element):
        return not holdings.has_page(element)
    if is_never_read(element):
        return not (holdings.has_page(element) or holdings.has_list(element))
    return is_furnished(element) and (element.tag == "a" or not holdings.has_story(element))


def _heading(element: Element, link: Block | None, banner: bool) -> Block:
    if link is not None:
        link.holds_heading = True
    return Block("heading", element, banner, link=link.element if link else None)


def _link(element: Element, running: Block | None, heading: Block | None, banner: bool) -> Block:
    if heading is not None and (heading.link is None or is_no_story(heading.link.attribute("href"))):
        heading.link = element
    leads = running is None or running.said == 0
    return Block("link", element, banner, link=element, around=running, leads=leads)


def _print(text: str, element: Element, place: _Place, furniture: Furniture) -> None:
    block = place.heading or place.link or place.running
    if block is None:
        return
    if place.aside and not (block.kind == "text" and is_section_name(text[:_LONGEST_FURNITURE])):
        if block.kind != "text" and not block.pieces and len(text) <= _LONGEST_LABEL:
            block.kicker.append((text, element))
        return
    if not block.pieces and block.kicker and text.lstrip().startswith(":"):
        block.pieces.extend(block.kicker)  # as printed: a colon cannot begin a headline
    if text.strip() or block.pieces:
        block.pieces.append((text, element))
    if len(text) > _LONGEST_FURNITURE or not furniture[text]:
        block.said += len(text.split(None, _COUNTED)) + count_unspaced(text)
    if place.heading is not None and place.link is not None:
        place.heading.linked += len(text.strip())


def _without_labels(pieces: list[Piece]) -> list[Piece]:
    first = 0
    while first + 1 < len(pieces) and _is_label(pieces[first], pieces[first + 1]):
        first += 1
    return pieces[first:]


def _is_label(piece: Piece, after: Piece) -> bool:
    """Whether an element of its own holds no more than LIVE, a rank or a time; with a colon it begins the headline."""
    text = piece[0].strip()
    if piece[1] is after[1] or after[0].lstrip().startswith(":") or text.endswith(":"):
        return False
    bare = text.strip(" .|•·-–")
    return not bare or bare.casefold() in _LABELS or (len(bare) <= _LONGEST_LABEL and is_furniture(bare))


def _is_apart(one: Element, other: Element) -> bool:
    return any(is_block_level(element) or element.attribute("class") for element in (one, other))


def _needs_space(left: str, right: str) -> bool:
    return (left[-1].isalnum() or left[-1] in ".!?:’”") and (right[0].isalnum() or right[0] in "‘“'\"")
