"""An HTML page as its elements and texts in reading order, parsed in bounded time whatever the page is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import etree

from model.pages.limits import ATTRIBUTES, ATTRIBUTES_IN_ALL, DEPTH, ELEMENTS, TAGS
from model.pages.names import Names
from model.terms.cleaning import HALF

_STEPS = 40  # of a selector; the rest of a deeper path adds nothing that a reader could use
_PLAIN_ID = re.compile(r"[A-Za-z][\w-]{0,99}", re.ASCII)  # longer ones would stand in every selector below


@dataclass(slots=True, eq=False)
class Element:
    """An element of the page; it and its contents are the events `start` to `end`."""

    tag: str
    parent: "Element | None"
    attributes: Mapping[str, str]
    nth: int
    start: int
    marks: int = 0  # of its class names and id
    end: int = 0
    tags_inside: dict[str, int] = field(default_factory=dict)
    step: str = ""  # of a selector, once known

    def attribute(self, name: str) -> str:
        """The attribute's value, empty if it has none."""
        return self.attributes.get(name, "")

    def ancestors(self) -> Iterator["Element"]:
        """The elements around this one, innermost first."""
        here = self.parent
        while here is not None:
            yield here
            here = here.parent

    def holds(self, other: "Element") -> bool:
        """Whether `other` is this element or inside it."""
        return self.start <= other.start < self.end


Event: TypeAlias = tuple[Element, str | None]  # an element begins (None), or holds this text


def parse(document: str) -> list[Event]:
    """The page's elements and texts in reading order. Nothing on the page is run or fetched.

    Raise `PageTooLargeError` for a page of too many tags, elements or attributes, or one that is nested too deep.

    The parser is libxml2, told to build no tree: it never opens an element twice, takes 0.5 s for 4 MB whatever they
    are, and cuts a tag's name at 100 bytes. Its tree takes 10 s for 60,000 attributes on one element, and silently ends
    256 elements deep. The parsers that follow the HTML5 rules to the letter open elements anew: lexbor took 112 s for
    1 MB of "<div>", 37 s for 1 MB of "<option>", and made two million elements of 27 kB of unclosed "<b id=1>".
    """
    TAGS.check(document.count("<"))
    builder = Builder()
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True, target=builder
    )
    try:
        etree.fromstring(encoded(document), parser)
    except etree.LxmlError:  # an empty page, or nothing in it but comments
        return []
    return builder.events


def encoded(document: str) -> bytes:
    """The page as UTF-8, without what the parser would hand over in a piece of its own: four million take 1 s."""
    if "\r" in document:
        document = document.replace("\r\n", "\n").replace("\r", "\n")
    try:
        return document.replace("\0", "").encode()
    except UnicodeEncodeError:
        return HALF.sub("?", document).replace("\0", "").encode()


def selector_of(element: Element) -> str:
    """A CSS selector that finds `element`: from the nearest id, or from the root of the page."""
    steps: list[str] = []
    here: Element | None = element
    while here is not None and len(steps) < _STEPS and not (steps and steps[-1].startswith("#")):
        steps.append(here.step or _step(here))
        here = here.parent
    return "".join(reversed(steps)).removeprefix(" > ")


def _step(element: Element) -> str:
    """One step down the page. Browsers put a tbody between table and tr where the page has none."""
    inside, name = element.parent, element.attribute("id")
    if _PLAIN_ID.fullmatch(name):
        element.step = f"#{name}"
        return element.step
    down = " " if element.tag == "tr" and inside is not None and inside.tag == "table" else " > "
    alone = inside is None or inside.tags_inside[element.tag] == 1
    element.step = f"{down}{element.tag}" if alone else f"{down}{element.tag}:nth-of-type({element.nth})"
    return element.step


class Builder:
    """Takes what the parser finds, and refuses what is too much before anything is done with it."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._here: Element | None = None
        self._depth = self._elements = self._attributes = 0
        self._texts: list[str] = []
        self._names = Names()

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._count(len(attributes))
        parent, nth = self._here, 1
        if parent is not None:
            if self._texts:
                self._end_text(parent)
            nth = parent.tags_inside[tag] = parent.tags_inside.get(tag, 0) + 1
        elif self.events:
            return  # the page has ended, and the parser begins another one with what comes after </html>
        marks = self._marks(attributes) if attributes else 0
        self._here = Element(tag, parent, attributes, nth, len(self.events), marks)
        self.events.append((self._here, None))

    def end(self, _tag: str) -> None:
        """The element ends."""
        self._depth -= 1
        if (here := self._here) is not None:
            if self._texts:
                self._end_text(here)
            here.end = len(self.events)
            self._here = here.parent

    def data(self, text: str) -> None:
        """Text in the element, or a part of it."""
        if self._here is not None:
            self._texts.append(text)

    def close(self) -> None:
        """The page ends; the parser has ended its elements."""

    def _end_text(self, here: Element) -> None:
        self.events.append((here, "".join(self._texts)))
        self._texts.clear()

    def _count(self, attributes: int) -> None:
        self._elements += 1
        self._depth += 1
        self._attributes += attributes
        if self._elements > ELEMENTS.most or self._depth > DEPTH.most:
            ELEMENTS.check(self._elements)
            DEPTH.check(self._depth)
        if attributes:
            ATTRIBUTES.check(attributes)
            ATTRIBUTES_IN_ALL.check(self._attributes)

    def _marks(self, attributes: Mapping[str, str]) -> int:
        marks = 0
        for name in ("class", "id"):
            if value := attributes.get(name):
                marks |= self._names.marks_of(value)
        return marks
