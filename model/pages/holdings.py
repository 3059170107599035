"""What the parts of a page hold, counted once: whoever holds the story is no furniture, whatever its name says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from model.pages.likeness import agrees
from model.pages.markup import is_no_text
from model.pages.names import Mark
from model.pages.notices import is_notice
from model.pages.targets import is_index, is_no_story, leads_nowhere
from model.pages.tree import Element, Event
from model.pages.words import count_unspaced, count_words

_PARAGRAPH = 12  # words
_PARAGRAPHS = 3  # of a story
_LINK = 4  # words of one that may be a story's
_COUNTED = 61
_MAINS = 100  # main headings that may be the page's
_LONGEST_MAIN = 300  # characters of a main heading that are looked at


class _In(NamedTuple):
    """The paragraph, link and main heading around a text; `read` is false in scripts and the like."""

    read: bool = True
    paragraph: Element | None = None
    link: Element | None = None
    main: Element | None = None


@dataclass(slots=True)
class _Count:
    """How many of something begin before each event."""

    before: Sequence[int]

    def inside(self, element: Element) -> int:
        """How many `element` holds, or is."""
        return self.before[element.end] - self.before[element.start]

    def most(self, element: Element, least: int = 1) -> bool:
        """Whether `element` holds over half of them, of at least so many on the page."""
        return self.before[-1] >= least and 2 * self.inside(element) > self.before[-1]


class Holdings:
    """Counts a page's paragraphs, stories' links and articles, and knows its main heading."""

    def __init__(self, events: Sequence[Event], titles: Iterable[str]) -> None:
        words: dict[Element, int] = {}
        mains: dict[Element, str] = {}
        for around, text in _texts(events):
            counted = min(_COUNTED, len(text.split(None, _COUNTED)) + count_unspaced(text[:_LONGEST_MAIN]))
            for holder in (around.paragraph, around.link):
                if holder is not None:
                    words[holder] = words.get(holder, 0) + counted
            if around.main is not None and (around.main in mains or len(mains) < _MAINS):
                mains[around.main] = (mains.get(around.main, "") + text)[:_LONGEST_MAIN]
        size = len(events)
        self._paragraphs = _counted(size, (one for one, n in words.items() if one.tag != "a" and n >= _PARAGRAPH))
        self._links = _counted(size, (one for one, n in words.items() if n >= _LINK and _leads_to_story(one)))
        self._articles = _counted(size, (one for one, text in events if text is None and one.tag == "article"))
        self.main = _main(mains, list(titles))

    @property
    def is_told(self) -> bool:
        """Whether the page has a story's paragraphs."""
        return self._paragraphs.before[-1] >= _PARAGRAPHS

    def has_story(self, element: Element) -> bool:
        """Whether an element holds the main heading, most paragraphs, or most articles or stories' links."""
        return self._holds_main(element) or self.has_text(element)

    def has_text(self, element: Element) -> bool:
        """Whether an element holds most paragraphs, or most articles or stories' links."""
        return self._paragraphs.most(element, _PARAGRAPHS) or self._articles.most(element) or self.has_stories(element)

    def links_to_stories(self, element: Element) -> bool:
        """Whether an element holds any link to a story."""
        return self._links.inside(element) > 0

    def has_stories(self, element: Element) -> bool:
        """Whether an element holds most links to stories, of a page that tells none."""
        least = _PARAGRAPHS if element.tag in {"nav", "footer", "menu"} else 1
        return not self.is_told and self._links.most(element, least)

    def has_page(self, element: Element) -> bool:
        """Whether an element holds the main heading and most paragraphs both."""
        return self._holds_main(element) and self._paragraphs.most(element, _PARAGRAPHS)

    def has_list(self, element: Element) -> bool:
        """Whether an element holds most links to stories, and several, of a page that tells none."""
        return not self.is_told and self._links.most(element, _PARAGRAPHS)

    def _holds_main(self, element: Element) -> bool:
        return self.main is not None and element.holds(self.main)


def _texts(events: Sequence[Event]) -> Iterable[tuple[_In, str]]:
    places: dict[Element | None, _In] = {None: _In()}
    for element, text in events:
        if text is None:
            places[element] = _entered(element, places[element.parent])
        elif (around := places[element]).read and around != places[None]:
            yield around, text


def _entered(element: Element, around: _In) -> _In:
    tag = element.tag
    if not around.read or is_no_text(element):
        return _In(read=False)
    if tag == "p":
        return around._replace(paragraph=element)
    if tag == "a":
        return around._replace(link=element)
    return around._replace(main=element) if tag == "h1" else around


def _leads_to_story(element: Element) -> bool:
    target = element.attribute("href") if element.tag == "a" else ""
    return bool(target) and not (leads_nowhere(target) or is_index(target) or is_no_story(target))


def _main(mains: dict[Element, str], titles: list[str]) -> Element | None:
    """The main heading that the page's title agrees with, or the first that reads as a headline."""
    reads = {
        element: " ".join(text.split())
        for element, text in mains.items()
        if count_words(text) >= _LINK and not is_notice(text.strip()) and not element.marks & (Mark.NEVER | Mark.HIDDEN)
    }
    agreed = next((element for element, text in reads.items() if agrees(text, titles)), None)
    return agreed or next(iter(reads), None)


def _counted(size: int, elements: Iterable[Element]) -> _Count:
    begins = [0] * (size + 1)
    for element in elements:
        begins[element.start + 1] = 1
    return _Count(list(accumulate(begins)))
