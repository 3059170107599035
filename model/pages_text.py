"""Tells the headlines of a text page from its paragraphs, teasers, bylines, dates, buttons and section names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

from model.pages_found import CUT, LONGEST, PageHeadline, without_repeats
from model.pages_lines import Line, read_lines
from model.pages_words import count_words, is_credit, is_furniture, is_list_name, is_name, is_prose, is_section_name

_FEWEST, _MOST = 4, 45  # words of a headline
_TEASER = 18  # words; feeds cut headlines shorter than that and teasers longer
_SUBHEADING = 7  # words at most, where nothing but length tells it from the next story's headline
_MENU = 3  # names in a row


class _Kind(Enum):
    HEADLINE = "headline"
    SECTION = "section"
    SHORT = "short"  # a section's name, a person's, or a headline of three words: its place will tell
    PROSE = "prose"
    CREDIT = "credit"  # who, when, how many: the line above was a headline
    FURNITURE = "furniture"


@dataclass(slots=True)
class _Entry:
    line: Line
    kind: _Kind


def read_text(document: str) -> list[PageHeadline]:
    """Find the headlines of a text page, in reading order, each once."""
    entries = [_Entry(line, _kind_of(line.text)) for line in read_lines(document)]
    if _is_plain_list(entries):
        _take_all(entries)
    _drop_menus(entries)
    _settle_short(entries)
    _take_repeated(entries)
    _drop_teasers(entries)
    for region in _regions(entries):
        _drop_parts_of_article(region)
    return without_repeats(list(_headlines(entries)))


def _kind_of(text: str) -> _Kind:
    if len(text) > LONGEST:
        return _Kind.PROSE
    if is_credit(text):
        return _Kind.CREDIT
    if is_furniture(text):
        return _Kind.FURNITURE
    if is_section_name(text):
        return _Kind.SECTION
    length = count_words(text)
    if text.endswith(":") or is_prose(text) or length > _MOST or text[:2].islower():
        return _Kind.PROSE
    return _Kind.HEADLINE if length >= _FEWEST else _Kind.SHORT


def _is_plain_list(entries: Sequence[_Entry]) -> bool:
    """Whether the page is headlines and nothing else, so that a full stop or three words speak against none."""
    kinds = Counter(entry.kind for entry in entries)
    prose_runs = any(one.kind is other.kind is _Kind.PROSE for one, other in pairwise(entries))
    rest = kinds[_Kind.SECTION] + kinds[_Kind.CREDIT] + kinds[_Kind.FURNITURE]
    return not rest and not prose_runs and 10 * kinds[_Kind.PROSE] < 3 * kinds[_Kind.HEADLINE]


def _take_all(entries: Sequence[_Entry]) -> None:
    for entry in entries:
        if 3 <= count_words(entry.line.text) < _TEASER and len(entry.line.text) <= LONGEST:
            entry.kind = _Kind.HEADLINE


def _drop_menus(entries: Sequence[_Entry]) -> None:
    """Make furniture of names in a row: a menu, whose last says nothing of the headline below."""
    for names, run in groupby(entries, key=_may_be_on_a_menu):
        menu = list(run)
        if names and len(menu) >= _MENU:
            for entry in menu:
                entry.kind = _Kind.FURNITURE


def _may_be_on_a_menu(entry: _Entry) -> bool:
    return entry.kind in {_Kind.SECTION, _Kind.SHORT} and not entry.line.heading


def _settle_short(entries: Sequence[_Entry]) -> None:
    """Decide what each line of one to three words is, by the lines above and below it."""
    for index, entry in enumerate(entries):
        if entry.kind is _Kind.SHORT:
            above = entries[index - 1].kind if index else None
            below = entries[index + 1].kind if index + 1 < len(entries) else None
            entry.kind = _kind_of_short(entry.line, above, below)


def _kind_of_short(line: Line, above: _Kind | None, below: _Kind | None) -> _Kind:
    if is_name(line.text) and above is _Kind.HEADLINE and (below is _Kind.CREDIT or not line.after_blank):
        return _Kind.CREDIT
    if count_words(line.text) == 3 and (below is _Kind.CREDIT or (line.bullet and above is not None)):
        return _Kind.HEADLINE
    return _Kind.SECTION if below is _Kind.HEADLINE or line.heading else _Kind.FURNITURE


def _take_repeated(entries: Sequence[_Entry]) -> None:
    """A sentence that is printed twice beside its date is a headline, whatever it ends with."""
    seen = Counter(entry.line.text for entry in entries)
    for one, other in pairwise(entries):
        for entry, beside in ((one, other), (other, one)):
            fits = len(entry.line.text) <= LONGEST and count_words(entry.line.text) <= _MOST
            if entry.kind is _Kind.PROSE and beside.kind is _Kind.CREDIT and fits and seen[entry.line.text] > 1:
                entry.kind = _Kind.HEADLINE


def _drop_teasers(entries: Sequence[_Entry]) -> None:
    """A long line that is cut short below a headline is the beginning of its story."""
    for above, entry in pairwise(entries):
        cut = entry.line.text.endswith(CUT) and not above.line.text.endswith(CUT)
        if cut and above.kind is entry.kind is _Kind.HEADLINE and count_words(entry.line.text) >= _TEASER:
            entry.kind = _Kind.PROSE


def _regions(entries: Sequence[_Entry]) -> Iterator[list[_Entry]]:
    """The page cut before every section name."""
    region: list[_Entry] = []
    for entry in entries:
        if entry.kind is _Kind.SECTION and region:
            yield region
            region = []
        region.append(entry)
    yield region


def _drop_parts_of_article(region: Sequence[_Entry]) -> None:
    """Make prose of standfirsts, captions, sub-headings and pull quotes: what an article has among its paragraphs."""
    told = [entry for entry in region if entry.kind in {_Kind.HEADLINE, _Kind.PROSE}]
    runs = [(kind, list(run)) for kind, run in groupby(told, key=lambda entry: entry.kind)]
    article = _is_article(runs)
    credited = {id(entry) for entry, below in pairwise(region) if below.kind is _Kind.CREDIT}
    for index, (kind, run) in enumerate(runs):
        if kind is _Kind.HEADLINE:
            before = len(runs[index - 1][1]) if index else 0
            after = len(runs[index + 1][1]) if index + 1 < len(runs) else 0
            _drop_from_run(run, before, after, article=article, listed=_is_listed(region), credited=credited)


def _is_article(runs: Sequence[tuple[_Kind, list[_Entry]]]) -> bool:
    prose = [len(run) for kind, run in runs if kind is _Kind.PROSE]
    others = sum(len(run) for kind, run in runs if kind is _Kind.HEADLINE)
    return max(prose, default=0) >= 3 or (sum(prose) >= 4 and sum(prose) >= 3 * others)


def _is_listed(region: Sequence[_Entry]) -> bool:
    return region[0].kind is _Kind.SECTION and is_list_name(region[0].line.text)


def _drop_from_run(
    run: Sequence[_Entry], before: int, after: int, *, article: bool, listed: bool, credited: set[int]
) -> None:
    """Of a run of headlines between so many paragraphs, keep those that head a story."""
    if not before:
        dropped = run[1:] if article and not listed else []
    elif article:
        stories = not after and len(run) > 1
        dropped = [entry for entry in run if id(entry) not in credited and not stories]
    else:
        short = min(before, after) >= 2
        dropped = [entry for entry in run if short and id(entry) not in credited and _is_subheading(entry)]
    for entry in dropped:
        entry.kind = _Kind.PROSE


def _is_subheading(entry: _Entry) -> bool:
    return count_words(entry.line.text) <= _SUBHEADING


def _headlines(entries: Sequence[_Entry]) -> Iterator[PageHeadline]:
    section = None
    for entry in entries:
        if entry.kind is _Kind.SECTION:
            section = entry.line.text
        elif entry.kind is _Kind.HEADLINE:
            yield PageHeadline(entry.line.text, section, entry.line.number)
