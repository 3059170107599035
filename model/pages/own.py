"""Which of a page's texts is the headline of the article that the page prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from model.pages.blocks import Block, printed
from model.pages.found import LONGEST
from model.pages.layout import Layout
from model.pages.likeness import best_likeness, is_same, letters_of
from model.pages.markup import is_named_headline
from model.pages.metadata import Metadata
from model.pages.targets import is_no_story, leads_nowhere
from model.pages.words import Furniture, count_words, is_section_name

_ENOUGH = 25  # points
_AGREED = 0.8  # of the words
_UNLIKE = 0.25
_POINTS = {"h1": 30, "h2": 15, "h3": 10, "h4": 6}
_FEW = 3
_FRONT = 10  # headings that lead to stories; articles have fewer before their end
_PARAGRAPH = 12  # words
_JOINTS = " :|–—-·•"  # that a kicker left behind
_CANDIDATES, _LINES = 300, 2000  # that are weighed: a page's own headline is near its beginning
_MOST_WORDS = 60
_PARTS = 8  # of a heading that are tried


@dataclass(frozen=True, slots=True)
class Own:
    """The block that prints the headline, and the headline, which may be a part of it."""

    block: Block
    text: str


class Finder:
    """Weighs the headings of one page."""

    def __init__(self, blocks: Sequence[Block], layout: Layout, metadata: Metadata, furniture: Furniture) -> None:
        self._blocks, self._layout, self._furniture = blocks, layout, furniture
        self._titles = [title.text for title in metadata.titles]
        self._letters = {letters for title in self._titles if (letters := letters_of(title))}
        self._named = [title.text for title in metadata.titles if title.selector != "title"]
        self._site = metadata.site
        self._is_article = metadata.is_article or layout.has_body
        self._is_front, self._says_article = metadata.is_front, metadata.is_article
        self._begin = self._first_paragraph()

    def find(self) -> Own | None:
        """The page's own headline as it is printed, if it is one article's page and prints it."""
        candidates = list(islice(self._candidates(), _CANDIDATES))
        if not candidates:
            return self._repeated_title()
        nearest = self._nearest(candidates)
        points = [self._points(self._blocks[index], text, index, nearest) for index, text in candidates]
        best = max(range(len(points)), key=points.__getitem__)
        block, text = self._blocks[candidates[best][0]], candidates[best][1]
        if points[best] < _ENOUGH or not self._may_have_own(block, text):
            return self._repeated_title()
        return Own(block, text)

    def _nearest(self, candidates: list[tuple[int, str]]) -> int | None:
        """The last main heading before the article's text, or the last heading, if there is no main one."""
        if not self._layout.has_body:
            return None
        before = [index for index, text in candidates if index < self._begin and count_words(text) >= 3]
        mains = [index for index in before if _is_main(self._blocks[index])]
        return next(reversed(mains or before), None)

    def _candidates(self) -> Iterator[tuple[int, str]]:
        for index, block in enumerate(self._blocks):
            named = block.kind != "heading" and is_named_headline(block.element)
            if block.said > _MOST_WORDS or not (block.kind == "heading" or named):
                continue
            text = self._part_that_is_the_title(block)
            if 0 < len(text) <= LONGEST and not self._furniture[text] and not is_same(text, self._site):
                yield index, text

    def _part_that_is_the_title(self, block: Block) -> str:
        """The block's text, or the part of it that the page's title is: the rest is a kicker or a deck."""
        whole = block.text
        if len(block.pieces) < 2 or not self._holds_title(whole):
            return whole
        for cut in range(1, min(len(block.pieces), _PARTS)):
            for part in (printed(block.pieces[cut:]), printed(block.pieces[:cut])):
                if letters_of(part) in self._letters:
                    return part.lstrip(_JOINTS)
        return whole

    def _holds_title(self, text: str) -> bool:
        """Whether a title, and more, is in a text."""
        letters = letters_of(text)
        return letters not in self._letters and any(title in letters for title in self._letters)

    def _points(self, block: Block, text: str, index: int, nearest: int | None) -> float:
        element, target, length = block.element, _target(block), count_words(text)
        alike = best_likeness(text, self._titles)
        points = 100.0 if alike >= _AGREED and length >= 2 else 50 * alike
        points += _POINTS.get(element.tag, 0) + (15 if is_named_headline(element) else 0)
        points += 12 * (index == nearest) + 5 * (self._layout.in_story(element))
        points -= 200 * bool(target and leads_nowhere(target)) + 20 * bool(target and index != nearest)
        points -= 60 * self._layout.on_named_list(element) + 60 * is_section_name(text) + 30 * (length < 3)
        points -= 40 * (index > self._begin) + 20 * block.banner + 60 * is_no_story(target)
        return points

    def _may_have_own(self, block: Block, text: str) -> bool:
        """Whether the page is one article's, rather than a front page with a heading of its own."""
        if self._is_front:
            return False
        if count_words(text) >= 4 and best_likeness(text, self._named) >= _AGREED:
            return True
        stories = sum(1 for one in self._blocks if one.kind == "heading" and one.link is not None)
        is_main = block.element.tag == "h1" and not _target(block) and count_words(text) >= 3
        is_line = block.kind != "heading" and not self._says_article  # such as a title of a box
        if is_line and best_likeness(text, self._titles) < _UNLIKE:
            return False
        if not self._is_article:
            return is_main and (stories < _FEW or self._begins_text(block))
        is_listed = stories >= _FRONT or (bool(_target(block)) and self._layout.tells_several)
        return is_main or not is_listed or best_likeness(text, self._titles) >= _UNLIKE

    def _begins_text(self, heading: Block) -> bool:
        """Whether a paragraph comes after a heading, before any heading that leads to a story."""
        after = self._blocks[self._blocks.index(heading) + 1 :]
        for block in after:
            if block.kind == "heading" and block.link is not None:
                return False
            if block.kind == "text" and block.said >= _PARAGRAPH:
                return True
        return False

    def _repeated_title(self) -> Own | None:
        """A line that is the title word for word, where no heading is: pages of old have their headlines in bold."""
        for block in self._blocks[:_LINES] if self._is_article and not self._is_front else ():
            if (
                block.said <= _MOST_WORDS
                and block.kind != "heading"
                and not (block.link and leads_nowhere(_target(block)))
            ):
                text = block.text
                if (
                    count_words(text) >= 3
                    and not self._furniture[text]
                    and any(is_same(text, title) for title in self._titles)
                ):
                    return Own(block, text)
        return None

    def _first_paragraph(self) -> int:
        for index, block in enumerate(self._blocks):
            if block.kind == "text" and block.said >= _PARAGRAPH and self._layout.in_body(block.element):
                return index
        return len(self._blocks)


def _is_main(block: Block) -> bool:
    return block.element.tag == "h1" and not block.banner and not (block.link and leads_nowhere(_target(block)))


def _target(block: Block) -> str:
    return block.link.attribute("href")[:2000].strip() if block.link else ""
