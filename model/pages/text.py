"""Tells the headlines of a text page from its paragraphs, teasers, bylines, dates, buttons and section names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise

from model.pages.found import CUT, LONGEST, PageHeadline, Role, without_repeats
from model.pages.limits import HEADLINES
from model.pages.lines import Line, read_lines
from model.pages.notices import is_notice
from model.pages.words import count_words, is_credit, is_list_name, is_name, is_prose, is_section_name

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


_BETWEEN_STORIES = frozenset({_Kind.CREDIT, _Kind.FURNITURE, _Kind.SECTION})


@dataclass(slots=True)
class _Entry:
    line: Line
    kind: _Kind


def read_plain_text(document: str) -> list[PageHeadline]:
    """Find the headlines of a text page, in reading order, each once."""
    entries = [_Entry(line, _kind_of(line.text)) for line in read_lines(document)]
    if _is_plain_list(entries):
        _take_all(entries)
    _drop_menus(entries)
    _settle_short(entries)
    _take_credited(entries)
    _drop_teasers(entries)
    regions = list(_regions(entries))
    articles = [entry for region in regions if (entry := _drop_parts_of_article(region))]
    own = articles[0] if articles else _above_lists(regions)
    headlines = list(_headlines(entries, own))
    HEADLINES.check(len(headlines))
    return without_repeats(headlines)


def _kind_of(text: str) -> _Kind:
    if len(text) > LONGEST:
        return _Kind.PROSE
    if is_credit(text):
        return _Kind.CREDIT
    if is_notice(text):
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
    rest = kinds[_Kind.SECTION] + kinds[_Kind.CREDIT] + kinds[_Kind.FURNITURE]
    paragraphs = any(count_words(entry.line.text) > _MOST for entry in entries if entry.kind is _Kind.PROSE)
    return not paragraphs and 20 * rest <= len(entries) and 3 * kinds[_Kind.PROSE] <= len(entries)


def _take_all(entries: Sequence[_Entry]) -> None:
    for entry in entries:
        listed = entry.kind in {_Kind.PROSE, _Kind.SHORT}
        if listed and 3 <= count_words(entry.line.text) < _TEASER and len(entry.line.text) <= LONGEST:
            entry.kind = _Kind.HEADLINE


def _drop_menus(entries: Sequence[_Entry]) -> None:
    """Make furniture of names in a row, but for one that a blank line sets apart from the menu above it."""
    for names, run in groupby(entries, key=_may_be_on_a_menu):
        menu = list(run)
        if names and len(menu) >= _MENU:
            apart = menu[-1].line.after_blank and not menu[-2].line.after_blank
            for entry in menu[:-1] if apart else menu:
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
    opens = above is None and not is_name(line.text)
    if count_words(line.text) == 3 and (opens or below is _Kind.CREDIT or line.bullet):
        return _Kind.HEADLINE
    return _Kind.SECTION if below is _Kind.HEADLINE or line.heading else _Kind.FURNITURE


def _take_credited(entries: Sequence[_Entry]) -> None:
    """A sentence above its date is a headline, where no headline or paragraph stands above it, or it is repeated."""
    seen = Counter(entry.line.text for entry in entries)
    above: _Kind | None = None
    for entry, below in pairwise(entries):
        repeated = seen[entry.line.text] > 1
        if entry.kind is _Kind.PROSE and below.kind is _Kind.CREDIT and count_words(entry.line.text) <= _MOST:
            leads = above in _BETWEEN_STORIES and count_words(entry.line.text) < _TEASER
            entry.kind = _Kind.HEADLINE if len(entry.line.text) <= LONGEST and (leads or repeated) else entry.kind
        above = entry.kind


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
    if region:
        yield region


def _above_lists(regions: Sequence[list[_Entry]]) -> _Entry | None:
    """The one headline above lists of other stories, whose article has no text here."""
    told = [(region, [one for one in region if one.kind is _Kind.HEADLINE]) for region in regions]
    with_headlines = [(region, headlines) for region, headlines in told if headlines]
    if len(with_headlines) < 2 or not all(_is_listed(region) for region, _ in with_headlines[1:]):
        return None
    region, headlines = with_headlines[0]
    return headlines[0] if len(headlines) == 1 and region[0].kind is not _Kind.SECTION else None


def _drop_parts_of_article(region: Sequence[_Entry]) -> _Entry | None:
    """Make prose of standfirsts, captions, sub-headings and pull quotes: what an article has among its paragraphs.

    Return the headline of the article, if the region is one.
    """
    told = [entry for entry in region if entry.kind in {_Kind.HEADLINE, _Kind.PROSE}]
    runs = [(kind, list(run)) for kind, run in groupby(told, key=lambda entry: entry.kind)]
    credited = {id(entry) for entry, below in pairwise(region) if below.kind is _Kind.CREDIT}
    named = region[0].kind is _Kind.SECTION
    article = _is_article(runs) or (not named and _may_be_article(runs, credited))
    listed = _is_listed(region)
    for index, (kind, run) in enumerate(runs):
        if kind is _Kind.HEADLINE:
            before = len(runs[index - 1][1]) if index else 0
            after = len(runs[index + 1][1]) if index + 1 < len(runs) else 0
            _drop_from_run(run, before, after, article=article, listed=listed, credited=credited)
    left = [entry for entry in region if entry.kind is _Kind.HEADLINE]
    return left[0] if article and not listed and len(left) == 1 else None


def _is_article(runs: Sequence[tuple[_Kind, list[_Entry]]]) -> bool:
    """Whether paragraphs prevail up to the last of them: at least three in a row, or three to each other line."""
    prose = [len(run) for kind, run in runs if kind is _Kind.PROSE]
    told = runs[:-1] if runs and runs[-1][0] is _Kind.HEADLINE else runs
    others = sum(len(run) for kind, run in told if kind is _Kind.HEADLINE)
    in_a_row = max(prose, default=0) >= 3 and sum(prose) >= others
    return in_a_row or (sum(prose) >= 4 and sum(prose) >= 3 * others)


def _may_be_article(runs: Sequence[tuple[_Kind, list[_Entry]]], credited: set[int]) -> bool:
    """Whether paragraphs in twos have short, undated lines between them: sub-headings, rather than a front page."""
    prose = [len(run) for kind, run in runs if kind is _Kind.PROSE]
    between = [entry for kind, run in runs[1:] if kind is _Kind.HEADLINE for entry in run]
    short = sum(_is_subheading(entry) for entry in between)
    undated = all(id(entry) not in credited for entry in between)
    return max(prose, default=0) >= 2 and sum(prose) > len(between) and 2 * short >= len(between) and undated


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


def _headlines(entries: Sequence[_Entry], own: _Entry | None) -> Iterator[PageHeadline]:
    """The article's own headline first, then the others in order."""
    found: list[PageHeadline] = []
    section = None
    for entry in entries:
        if entry.kind is _Kind.SECTION:
            section = entry.line.text
        elif entry is own:
            yield PageHeadline(entry.line.text, section, entry.line.number, role="own")
        elif entry.kind is _Kind.HEADLINE:
            others: Role = "related" if own else "listed"
            found.append(PageHeadline(entry.line.text, section, entry.line.number, role=others))
    yield from found
