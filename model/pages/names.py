"""What class names and ids say of an element, as marks: each different list of names is read once a page."""

import re
from collections.abc import Iterable
from typing import Final

from model.pages.limits import NAMES


class Mark:
    """What a name may say, in bits of a number; an element has the marks of all its class names and of its id.

    Plain numbers: the operators of `IntFlag` take 0.5 us, for every element of a page several times.
    """

    UNREAD = 1  # nothing inside is a headline, unless the story itself is
    ASIDE = 2  # a kicker, a byline, a date: printed beside a headline
    NO_ASIDE = 4  # it is named a title as well
    TITLED = 8  # a title or a headline
    HEADED = 16  # a title or a heading
    SECTION = 32
    CARD = 64
    LIST = 128  # of other stories
    BODY = 256  # of an article
    STORY = 512  # an article, whole
    MASTHEAD = 1024
    NEVER = 2048  # nor does it help that it holds paragraphs: consent, comments
    HIDDEN = 4096


_LONGEST = 1000  # characters of one list that are looked at
_UNREAD_WORDS = frozenset(
    "nav navbar navigation breadcrumb breadcrumbs subscribe subscription paywall ad ads advert adverts advertisement "
    "advertising sponsored sponsor modal".split()
)
_NEVER_WORDS = frozenset(
    "cookie cookies consent gdpr newsletter newsletters signup taboola outbrain popup login sharing disqus".split()
)
_UNREAD_NAMES = frozenset("menu main-menu site-footer page-footer site-menu".split())
_NEVER_NAMES = frozenset("skip-link skip comments comment-list".split())
_HIDDEN_NAMES = frozenset(
    "visuallyhidden visually-hidden sr-only screen-reader-text screenreader screen-reader u-hidden is-hidden "
    "offscreen vh".split()
)
_ASIDE_WORDS = frozenset(
    "kicker eyebrow overline strapline badge label flag pill icon tag tags topics category categories byline author "
    "authors writer writers contributor reporter bio date dateline time timestamp datetime readtime duration count "
    "counts views rank number index caption credit standfirst excerpt dek deck subhead subtitle blurb desc description "
    "snippet abstract meta metadata share shares comment comments rating score scores".split()
)
_BODY_NAMES = frozenset(
    "article-body articlebody story-body storybody entry-content post-content article-content story-content post-body "
    "body-content body-copy article-text".split()
)
_TITLED = frozenset({"title", "headline"})
_MASTHEAD = frozenset({"masthead"})
_OF_ANY_WORD: Final = (
    (_UNREAD_WORDS, Mark.UNREAD),
    (_NEVER_WORDS, Mark.NEVER),
    (_TITLED, Mark.TITLED),
    (frozenset({"title", "heading", "header"}), Mark.HEADED),
    (frozenset("section widget list block box group rail module container strand".split()), Mark.SECTION),
    (frozenset("card teaser story item post tile promo".split()), Mark.CARD),
    (frozenset("related recommended read trending popular missed miss latest viewed most".split()), Mark.LIST),
    (frozenset({"article", "entry", "post", "story"}), Mark.STORY),
)
_OF_THE_LAST_WORD: Final = ((_ASIDE_WORDS, Mark.ASIDE), (_TITLED, Mark.NO_ASIDE))
_OF_THE_NAME: Final = (
    (_UNREAD_NAMES, Mark.UNREAD),
    (_NEVER_NAMES, Mark.NEVER),
    (_HIDDEN_NAMES, Mark.HIDDEN),
    (_BODY_NAMES, Mark.BODY),
    (_MASTHEAD, Mark.MASTHEAD),
)
_TELLING = frozenset(  # the first or only word of whatever is listed above: nearly all names have none
    name.partition("-")[0] for listed, _ in (*_OF_ANY_WORD, *_OF_THE_LAST_WORD, *_OF_THE_NAME) for name in listed
)
_ELSEWHERE = frozenset(  # before the name of what is not here: no-icon, has-ads, below-header-ad
    "has have no not non with without below above after before under over beside between hide".split()
)
_OF_STATES = frozenset(  # after the name of what this only makes room for: modal-enabled, page-ad-margins, nav-open
    "enabled disabled free margin margins padding spacing gap offset open opened closed active ready loaded aware "
    "supported visible".split()
)
_OF_LOOKS = frozenset("rounded bg text color colour border font shadow".split())  # rounded-pill
_OF_LISTS = frozenset({"most", "top"})  # most-views is no count
_OF_DECKS = frozenset("sub subhead subheading subheadline subtitle deck dek standfirst summary".split())  # sub-headline
_OF_THE_POST = re.compile(r"(?:has|no|with|not|tag|category|format|type|status)[-_]", re.IGNORECASE)  # WordPress
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Names:
    """Reads the names of one page's elements."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._characters = 0

    def marks_of(self, names: str) -> int:
        """The marks of a class attribute or an id; raise `PageTooLargeError` if the page has too many different."""
        names = names[:_LONGEST]
        marks = self._known.get(names)
        if marks is None:
            self._characters += len(names)
            NAMES.check(self._characters)
            marks = self._known[names] = _marks(names)
        return marks


def _marks(names: str) -> int:
    if _TELLING.isdisjoint(_spelled(names).replace("-", " ").split()):
        return 0
    spelled = [_spelled(name).strip("-") for name in names.split() if not _OF_THE_POST.match(name)]
    said = [said for name in spelled if (said := _without_what_is_elsewhere(name.split("-")))]
    words = {word for name in said for word in name}
    last = {name[-1] for name in said if _OF_LISTS.isdisjoint(name)}
    whole = {"-".join(name) for name in said}
    if not _OF_DECKS.isdisjoint(words):
        words -= _TITLED
    return _among(words, _OF_ANY_WORD) | _among(last, _OF_THE_LAST_WORD) | _among(whole, _OF_THE_NAME)


def _without_what_is_elsewhere(words: list[str]) -> list[str]:
    """The words that say what an element is: not what it has, lacks, makes room for or merely looks like."""
    if words[0] in _OF_LOOKS:
        return []
    kept: list[str] = []
    for word in words:
        if word in _ELSEWHERE:
            break
        if word in _OF_STATES:
            kept = kept[:-1]
        else:
            kept.append(word)
    return kept


def _spelled(names: str) -> str:
    """Each name with a dash between the words that it is made of: `card__headText` is of card, head and text."""
    spelled = names.replace("_", "-")
    if not spelled.islower():
        spelled = _CAPITAL.sub("-", spelled).lower()
    while "--" in spelled:
        spelled = spelled.replace("--", "-")
    return spelled


def _among(words: set[str], listed: Iterable[tuple[frozenset[str], int]]) -> int:
    return sum(mark for those, mark in listed if not those.isdisjoint(words))
