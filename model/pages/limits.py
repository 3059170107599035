"""What a page may hold: more is refused before the work it would cause, never cut. One place for every number."""

from dataclasses import dataclass

from model.errors import PageTooLargeError


@dataclass(frozen=True, slots=True)
class Limit:
    """How many of something a page may have."""

    most: int
    things: str

    def check(self, count: int) -> None:
        """Raise `PageTooLargeError` if `count` is above the limit; it is what the page has, or the first too many."""
        if count > self.most:
            raise self.broken()

    def broken(self) -> PageTooLargeError:
        """The error that says so."""
        return PageTooLargeError(f"a page may have at most {self.most:,} {self.things}, this one has more")


# Measured with benchmarks/worst/pages.py, whose worst page is in docs/performance.md. Real pages are those that were
# saved by browsers: front pages of 1,500-10,000 elements, seldom 20,000, of 1-2 MB.
TAGS = Limit(200_000, 'signs "<"')  # the parser looks at its whole stack for each; scripts hold some thousands too
ELEMENTS = Limit(20_000, "elements")
ATTRIBUTES = Limit(256, "attributes on one element")  # real ones have up to 50
ATTRIBUTES_IN_ALL = Limit(100_000, "attributes")  # 3-5 an element
DEPTH = Limit(512, "elements inside each other")  # what Chrome nests; real pages have 20-60
NAMES = Limit(1_000_000, "characters of different class names and ids")  # 3,000 different lists of 150 are 450,000
TEXT = Limit(1_000_000, "characters of text")  # that are read: long live blogs have 300,000
LINES = Limit(20_000, "lines")  # of a text page; a front page as text has 1,000-3,000
HEADLINES = Limit(5_000, "headlines")  # a long front page has 300
OBJECTS = Limit(10_000, "JSON-LD objects")  # lists of some thousand stories
VALUES = Limit(50_000, "JSON-LD values")  # ten an object, for some thousand stories
LEVELS = Limit(100, "levels of JSON-LD")  # a graph of lists of articles of authors has 8
REFERENCES = Limit(100_000, 'signs "&" that are not XML\'s own')  # of a feed; a long one has some thousand
LINES_OF_MESSAGE = Limit(300_000, "lines of MHTML")  # pictures take most: 20 MB of them have 270,000
PARTS = Limit(20_000, 'lines of MHTML that begin with "--"')  # two pages of a thousand pictures have 2,000
NESTED_PARTS = Limit(16, "parts of MHTML that hold others")  # MHTML has one, an e-mail three
