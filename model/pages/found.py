"""What reading a page gives, and the removal of repeats that HTML and text pages share."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from model.terms.cleaning import clean

LONGEST = 300  # characters; the longest headline of the corpora has 335, and paragraphs begin to look alike
CUT = ("…", "...")  # how a page shows that it prints the beginning only
_SHORTEST_CUT = 12  # characters of a cut headline that are enough to know the full one by


Role: TypeAlias = Literal["own", "related", "listed"]
Source: TypeAlias = Literal["printed", "metadata"]


@dataclass(frozen=True, slots=True)
class PageHeadline:
    """A headline as printed, white space folded, and where the page has it.

    `role` is `own` for the headline of the article that the page prints, `related` for others beside it, `listed`
    on a page of many, such as a front page or a feed. `source` is `metadata` where readers do not see the text.
    `section` is the nearest section heading as printed. A text page gives the 1-based `line`, an HTML page
    the CSS `selector` of the element.
    """

    text: str
    section: str | None = None
    line: int | None = None
    selector: str | None = None
    role: Role = "listed"
    source: Source = "printed"

    def cells(self) -> dict[str, Any]:
        """Say the same in a row."""
        return {**self.where(), "role": self.role, "source": self.source}

    def placed(self) -> dict[str, Any]:
        """Say what the headline is to its page, as programs read it."""
        return {"role": self.role, "source": self.source, "where": self.where()}

    def where(self) -> dict[str, Any]:
        """Say where on its page the headline stands; what does not apply is null."""
        return {"section": self.section, "line": self.line, "selector": self.selector}


def squeezed(text: str) -> str:
    """The text with every run of white space made one space, up to more words than `LONGEST` has room for."""
    return " ".join(text.split(None, LONGEST))


def fold(text: str) -> str:
    """The form in which two printings of a headline are equal: case, quotes, white space, publisher, cut mark."""
    return clean(text).casefold()


def without_repeats(headlines: Sequence[PageHeadline]) -> list[PageHeadline]:
    """Keep the first of every headline, in order; one that is cut short gives way to the full one."""
    first: dict[str, PageHeadline] = {}
    for headline in headlines:
        key = fold(headline.text)
        if key not in first or (_is_cut(first[key].text) and not _is_cut(headline.text)):
            first.pop(key, None)
            first[key] = headline
    keys = sorted(first)
    return [found for key, found in first.items() if not (_is_cut(found.text) and _begins_another(key, keys))]


def _is_cut(text: str) -> bool:
    return text.endswith(CUT)


def _begins_another(key: str, keys: Sequence[str]) -> bool:
    after = bisect_right(keys, key)
    return len(key) >= _SHORTEST_CUT and after < len(keys) and keys[after].startswith(key)
