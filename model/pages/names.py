"""What class names and ids say of an element, as marks: each different list of names is read once a page."""

import re
from collections.abc import Iterable
from typing import Final

from model.pages.limits import NAMES


class Mark:
    """What a name may say, in bits of a number; an element has the marks of all its class names and of its id.

    Plain numbers: the operators of `IntFlag` take 0.5 us, for every element of a page several times.
    """

    UNREAD = 1  # nothing inside is a headline
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


_LONGEST = 1000  # characters of one list that are looked at
_UNREAD_WORDS = frozenset(
    "nav navbar navigation breadcrumb breadcrumbs cookie cookies consent gdpr newsletter newsletters signup subscribe "
    "subscription paywall ad ads advert adverts advertisement advertising sponsored sponsor taboola outbrain modal "
    "popup login sharing disqus".split()
)
_UNREAD_NAMES = frozenset(
    "visuallyhidden visually-hidden sr-only screen-reader-text screenreader screen-reader u-hidden is-hidden "
    "offscreen vh menu main-menu site-footer page-footer site-menu skip-link skip comments comment-list".split()
)
_ASIDE_WORDS = frozenset(
    "kicker eyebrow overline strapline badge label flag pill icon tag tags topics category categories byline author "
    "authors date dateline time timestamp datetime readtime duration count counts views rank number index caption "
    "credit standfirst excerpt dek subtitle meta metadata share shares comment comments rating score scores".split()
)
_BODY_NAMES = frozenset(
    "article-body articlebody story-body storybody entry-content post-content article-content story-content post-body "
    "body-content body-copy article-text".split()
)
_TITLED = frozenset({"title", "headline"})
_MASTHEAD = frozenset({"masthead"})
_OF_ANY_WORD: Final = (
    (_UNREAD_WORDS, Mark.UNREAD),
    (_TITLED, Mark.TITLED),
    (frozenset({"title", "heading", "header"}), Mark.HEADED),
    (frozenset("section widget list block box group rail module container strand".split()), Mark.SECTION),
    (frozenset("card teaser story item post tile promo".split()), Mark.CARD),
    (frozenset("related recommended read trending popular missed miss latest viewed".split()), Mark.LIST),
    (frozenset({"article", "entry", "post", "story"}), Mark.STORY),
)
_OF_THE_LAST_WORD: Final = ((_ASIDE_WORDS, Mark.ASIDE), (_TITLED, Mark.NO_ASIDE))
_OF_THE_NAME: Final = ((_UNREAD_NAMES, Mark.UNREAD), (_BODY_NAMES, Mark.BODY), (_MASTHEAD, Mark.MASTHEAD))
_TELLING = frozenset(  # the first or only word of whatever is listed above: nearly all names have none
    name.partition("-")[0] for listed, _ in (*_OF_ANY_WORD, *_OF_THE_LAST_WORD, *_OF_THE_NAME) for name in listed
)
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
    whole = {_spelled(name).strip("-") for name in names.split() if not _OF_THE_POST.match(name)}
    words = {word for name in whole for word in name.split("-")}
    last = {name.rpartition("-")[2] for name in whole}
    return _among(words, _OF_ANY_WORD) | _among(last, _OF_THE_LAST_WORD) | _among(whole, _OF_THE_NAME)


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
