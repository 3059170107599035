"""Tells the headlines of an HTML page from its section names, sub-headings, menus and links in running text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from model.pages_blocks import Block, printed, read_blocks
from model.pages_found import LONGEST, PageHeadline, without_repeats
from model.pages_layout import Layout, Sections, is_on_named_list
from model.pages_markup import is_block_level, is_titled, words_of_names
from model.pages_metadata import Metadata, read_metadata
from model.pages_tree import Element, parse, selector_of
from model.pages_words import count_words, is_furniture, is_list_name, is_prose, is_section_name

_MOST_WORDS = 60  # of a block that is looked at; the rest is text
_NAMED_SECTION = frozenset("section widget list block box group rail module container strand".split())
_INDEX = re.compile(r"(?:https?://[^/]+)?(?:/[a-z][a-z0-9-]{0,24}){1,2}/?", re.ASCII)
_NO_STORY = re.compile(r"#|(?:javascript|mailto|tel):|(?:https?://[^/?#]+)?/?(?:[?#].*)?$", re.IGNORECASE)


@dataclass(slots=True)
class _Reading:
    """What is known of the page, and the sections and the last headline's target at the point that reading is at."""

    layout: Layout
    site: str
    is_article: bool
    sections: Sections = field(default_factory=Sections)
    last_target: str = ""


def read_html(document: str) -> list[PageHeadline]:
    """Find the headlines of an HTML page, in reading order, each once.

    The page's metadata counts only where the page shows no headline, or an article page shows none of its own.
    """
    events = parse(document)
    blocks, metadata = read_blocks(events), read_metadata(events)
    layout = Layout(blocks)
    reading = _Reading(layout, metadata.site.casefold(), metadata.is_article or layout.has_body)
    found = [pair for block in blocks for pair in _read(block, reading)]
    return without_repeats([*_unseen(metadata, [block.element.tag for block, _ in found]), *(hit for _, hit in found)])


def _unseen(metadata: Metadata, seen: list[str]) -> tuple[PageHeadline, ...]:
    if not seen:
        return metadata.headlines
    return metadata.headlines[:1] if metadata.is_article and "h1" not in seen else ()


def _read(block: Block, reading: _Reading) -> Iterator[tuple[Block, PageHeadline]]:
    text = _text_of(block)
    if not text or len(text) > LONGEST or text.casefold() == reading.site or is_furniture(text):
        return
    if _is_section(block, text, reading):
        reading.sections.announce(text, _level(block), block.element)
    elif _is_headline(block, text, reading):
        reading.last_target = _target(block)
        section = reading.sections.name_for(block.element)
        yield block, PageHeadline(text, section, None, selector_of(block.element))


def _text_of(block: Block) -> str:
    if block.said > _MOST_WORDS:
        return ""
    return _link_text(block) if block.kind == "link" else block.text


def _level(block: Block) -> int:
    return int(block.element.tag[1]) if block.kind == "heading" else 4


def _target(block: Block) -> str:
    return block.link.attribute("href").strip() if block.link else ""


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
    names = words_of_names(block.element)
    return not names.isdisjoint({"title", "heading", "header"}) and not names.isdisjoint(_NAMED_SECTION)


def _stands_bare(block: Block, reading: _Reading) -> bool:
    """Whether a heading leads nowhere, heads no card and is no sub-heading of an article."""
    return block.link is None and not reading.layout.in_body(block.element) and not reading.layout.heads_a_card(block)


def _is_index(text: str, target: str) -> bool:
    """Whether a link leads to a section's front: few words, and a short path such as /sport/rugby/."""
    return count_words(text) <= 4 and bool(_INDEX.fullmatch(target)) and target.count("-") < 2


def _is_headline(block: Block, text: str, reading: _Reading) -> bool:
    if block.kind == "text":
        return False
    if block.kind == "link":
        return _is_headline_link(block, text, reading)
    length = count_words(text)
    if block.element.tag == "h1":
        return not (_target(block) and _NO_STORY.match(_target(block))) and (not block.banner or length >= 4)
    return length >= 3 and not block.banner and _is_headline_heading(block, text, reading)


def _is_headline_heading(block: Block, text: str, reading: _Reading) -> bool:
    layout, element = reading.layout, block.element
    if 2 * block.linked >= len(text):
        return not layout.in_body(element) or layout.on_card_in_body(element)
    if layout.in_body(element) or element.tag not in {"h2", "h3"}:
        return False
    return layout.heads_a_card(block) or count_words(text) >= 6


def _is_headline_link(block: Block, text: str, reading: _Reading) -> bool:
    target, element = _target(block), block.element
    if block.holds_heading or block.banner or _NO_STORY.match(target) or text[0].islower() or is_prose(text):
        return False
    listed = is_on_named_list(element) or reading.sections.are_a_list(element)
    if count_words(text) < (3 if listed else 4) or is_section_name(text) or _is_index(text, target):
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
    groups: dict[Element, list[tuple[str, Element]]] = {}
    for text, element in block.pieces:
        groups.setdefault(_holder(element, block.element), []).append((text, element))
    if len(groups) == 1:
        return block.text
    titled = [pieces for holder, pieces in groups.items() if is_titled(holder)]
    texts = [printed(pieces) for pieces in [*titled, *groups.values()]]
    return next((text for text in texts if count_words(text) >= 4 and not is_furniture(text)), "")


def _holder(element: Element, link: Element) -> Element:
    around = (
        here for here in (element, *element.ancestors()) if here is link or is_block_level(here) or is_titled(here)
    )
    return next(around, link)
