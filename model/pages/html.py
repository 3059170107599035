"""Tells the headlines of an HTML page from its section names, sub-headings, menus and links in running text."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from model.pages.blocks import Block, Piece, printed, read_blocks
from model.pages.found import LONGEST, PageHeadline, Role, without_repeats
from model.pages.holdings import Holdings
from model.pages.layout import Layout, Sections
from model.pages.limits import HEADLINES
from model.pages.markup import is_block_level, is_titled
from model.pages.metadata import Metadata, read_metadata
from model.pages.names import Mark
from model.pages.own import Finder, Own
from model.pages.targets import is_bare, is_dated, is_index, is_no_story, leads_nowhere
from model.pages.tree import Element, parse, selector_of
from model.pages.words import Furniture, count_words, is_furniture, is_list_name, is_prose, is_section_name

_MOST_WORDS = 60  # of a block that is looked at; the rest is text
_SEVERAL = 3  # headings that lead to stories: a main heading that leads nowhere is the front page's, then
_LONGEST_TARGET = 2000  # characters of a link that are looked at; all headings inside one link look at the same


@dataclass(slots=True)
class _Reading:
    """What is known of the page, and the sections and the last headline's target at the point that reading is at."""

    layout: Layout
    holdings: Holdings
    furniture: Furniture
    site: str
    is_article: bool
    is_front: bool
    own: Own | None
    sections: Sections = field(default_factory=Sections)
    last_target: str = ""


def read_hypertext(document: str) -> list[PageHeadline]:
    """Find the headlines of an HTML page, the article's own first, then in reading order, each once.

    The page's metadata counts only where the page shows no headline, or an article page shows none of its own.
    Raise `PageTooLargeError`, which names the limit, for a page that holds more than `model.pages.limits` allows.
    """
    events, furniture = parse(document), Furniture()
    metadata = read_metadata(events)
    holdings = Holdings(events, [title.text for title in metadata.titles])
    blocks = read_blocks(events, furniture, holdings)
    layout = Layout([element for element, text in events if text is None], blocks)
    own = Finder(blocks, layout, metadata, furniture).find()
    is_article = own is not None or metadata.is_article or layout.has_body
    is_front = metadata.is_front or (not is_article and sum(map(_lists_story, blocks)) >= _SEVERAL)
    reading = _Reading(layout, holdings, furniture, metadata.site.casefold(), is_article, is_front, own)
    found: list[PageHeadline] = []
    for block in blocks:
        found.extend(_read(block, reading))
        HEADLINES.check(len(found))
    headlines = _own_first(found, metadata)
    HEADLINES.check(len(headlines))
    return without_repeats(headlines)


def _lists_story(block: Block) -> bool:
    return block.kind == "heading" and block.link is not None


def _own_first(found: list[PageHeadline], metadata: Metadata) -> list[PageHeadline]:
    """The headlines with what they are to the page; what only search engines see counts where readers see nothing."""
    own = [headline for headline in found if headline.role == "own"]
    if not own and not found and metadata.listed and not metadata.is_article:
        return list(metadata.listed)
    if not own and (not found or metadata.is_article) and not metadata.is_front:
        own = [replace(title, role="own") for title in metadata.titles[:1]]
    if not own and not found:
        return list(metadata.listed)
    others: Role = "related" if own else "listed"
    return [*own, *(replace(headline, role=others) for headline in found if headline.role != "own")]


def _read(block: Block, reading: _Reading) -> Iterator[PageHeadline]:
    if reading.own is not None and block is reading.own.block:
        reading.last_target = _target(block)
        section = reading.sections.name_for(block.element)
        yield PageHeadline(reading.own.text, section, None, selector_of(block.element), "own")
        return
    text = _text_of(block)
    if not text or len(text) > LONGEST or text.casefold() == reading.site or reading.furniture[text]:
        return
    if _is_section(block, text, reading):
        reading.sections.announce(text, _level(block), block.element)
    elif _is_headline(block, text, reading):
        reading.last_target = _target(block)
        section = reading.sections.name_for(block.element)
        yield PageHeadline(text, section, None, selector_of(block.element))


def _text_of(block: Block) -> str:
    if block.said > _MOST_WORDS:
        return ""
    return _link_text(block) if block.kind == "link" else block.text


def _level(block: Block) -> int:
    return int(block.element.tag[1]) if block.kind == "heading" else 4


def _target(block: Block) -> str:
    return block.link.attribute("href")[:_LONGEST_TARGET].strip() if block.link else ""


def _is_section(block: Block, text: str, reading: _Reading) -> bool:
    if block.kind == "link" or block.banner:
        return False
    length = count_words(text)
    if block.kind == "text":
        return 0 < length <= 6 and (_is_titled_section(block) or is_list_name(text))
    if is_section_name(text):
        return True
    if block.element.tag == "h1":
        return length < 3 and not reading.is_article
    return length < 3 or _is_index(text, _target(block)) or (length < 6 and _stands_bare(block, reading))


def _is_titled_section(block: Block) -> bool:
    return bool(block.element.marks & Mark.HEADED) and bool(block.element.marks & Mark.SECTION)


def _stands_bare(block: Block, reading: _Reading) -> bool:
    """Whether a heading leads nowhere, heads no card and is no sub-heading of an article."""
    return block.link is None and not reading.layout.in_body(block.element) and not reading.layout.heads_a_card(block)


def _is_index(text: str, target: str) -> bool:
    """Whether a link leads to a section's front: few words, and a short path such as /sport/rugby/."""
    return count_words(text) <= 4 and (is_index(target) or text.casefold().endswith(" news"))


def _is_headline(block: Block, text: str, reading: _Reading) -> bool:
    if block.kind == "text":
        return False
    if block.kind == "link":
        return _is_headline_link(block, text, reading)
    length, target = count_words(text), _target(block)
    if is_no_story(target) or (reading.own is not None and block.link is None and not _heads_a_link(block, reading)):
        return False
    if block.element.tag == "h1":
        if reading.is_front and not target:  # what the site says of itself
            return False
        return not (target and leads_nowhere(target)) and (not block.banner or length >= 4)
    return length >= 3 and not block.banner and _is_headline_heading(block, text, reading)


def _heads_a_link(block: Block, reading: _Reading) -> bool:
    """Whether a heading that leads nowhere is on a card that does: beside an article, others are sub-headings."""
    card = reading.layout.card_around(block.element)
    return card is not None and reading.layout.heads_a_card(block) and reading.holdings.links_to_stories(card)


def _is_headline_heading(block: Block, text: str, reading: _Reading) -> bool:
    layout, element = reading.layout, block.element
    if 2 * block.linked >= len(text):
        return not layout.in_body(element) or layout.on_card_in_body(element)
    if layout.in_body(element) or element.tag not in {"h2", "h3"}:
        return False
    return layout.heads_a_card(block) or count_words(text) >= 6


def _is_headline_link(block: Block, text: str, reading: _Reading) -> bool:
    target, element = _target(block), block.element
    if block.holds_heading or block.banner or leads_nowhere(target) or is_no_story(target):
        return False
    if text[0].islower() or is_prose(text) or is_section_name(text) or _is_index(text, target):
        return False
    listed = reading.layout.on_named_list(element) or reading.sections.are_a_list(element)
    if count_words(text) < (3 if listed or is_dated(target) else 4) or (is_bare(target) and not listed):
        return False
    if not listed and (target == reading.last_target or reading.layout.in_body(element)):
        return False
    return _stands_alone(block)


def _stands_alone(block: Block) -> bool:
    """Whether no sentence runs around the link. A card may go on in text after it, a paragraph may not."""
    if block.around is None or block.around.said <= 1:
        return True
    return block.leads and block.around.element.tag != "p"


def _link_text(block: Block) -> str:
    """What a link that holds a headline, a teaser and a date, each on lines of its own, would be called by."""
    groups: dict[Element, list[Piece]] = {}
    holders = {block.element: block.element}
    for text, element in block.pieces:
        groups.setdefault(_holder(element, holders), []).append((text, element))
    if len(groups) == 1:
        return block.text
    titled = [pieces for holder, pieces in groups.items() if is_titled(holder)]
    texts = (printed(pieces) for pieces in [*titled, *groups.values()])
    return next((text for text in texts if count_words(text) >= 4 and not is_furniture(text)), "")


def _holder(element: Element, holders: dict[Element, Element]) -> Element:
    """The innermost element in a link that holds a line or a title, or the link; `holders` has those that are known."""
    passed: list[Element] = []
    while element not in holders:
        if is_block_level(element) or is_titled(element):
            holders[element] = element
        else:
            passed.append(element)
            element = element.parent or element
    holders.update(dict.fromkeys(passed, holders[element]))
    return holders[element]
