"""What a link leads to, by its address alone: a story, or a section, an author, a shop, nowhere."""

import re

_INDEX = re.compile(r"(?:https?://[^/]+)?(?:/[a-z][a-z0-9-]{0,24}){1,2}/?", re.ASCII)
_NO_STORY = re.compile(r"#|(?:javascript|mailto|tel):|(?:https?://[^/?#]+)?/?(?:[?#].*)?$", re.IGNORECASE)
_BARE = re.compile(r"(?:https?://[^/]+)?/[a-z]{3,20}/?(?:[?#].*)?", re.IGNORECASE)
_DATED = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2]|[a-z]{3})[/-]", re.IGNORECASE)
_PARTS = re.compile(r"(?:https?:)?//(?P<host>[^./?#]+)[^/?#]*(?P<path>[^?#]*)|(?P<local>/[^?#]*)", re.IGNORECASE)
_LONGEST = 500  # characters that are looked at
_LEAD_IN = 3  # letters of a first step that only names a language or a country: /en/, /uk/

_FOR_SALE = "job jobs career careers voucher vouchers discountcode discountcodes coupon coupons shop subscribe".split()
_NO_STORIES = frozenset(
    "author authors profile profiles byline contributor contributors staff topic topics tag tags category categories "
    "keyword keywords newsletter newsletters subscription subscriptions account login signin signup register "
    "discount-codes voucher-codes promo-codes privacy terms contact contact-us about-us advertise corrections sitemap "
    "rss search donate membership".split()
).union(_FOR_SALE)
_HOSTS = frozenset("store offers account accounts help support newsletters donate".split()).union(_FOR_SALE)


def leads_nowhere(target: str) -> bool:
    """Whether a link stays where it is, or leads to the front page."""
    return bool(_NO_STORY.match(target))


def is_index(target: str) -> bool:
    """Whether a link may lead to a section's front: a short path such as /sport/rugby/."""
    return target.count("-") < 2 and bool(_INDEX.fullmatch(target))


def is_bare(target: str) -> bool:
    """Whether an address is one word, which names what a site has always: /report, /std."""
    return bool(_BARE.fullmatch(target))


def is_dated(target: str) -> bool:
    """Whether an address has a day or a month in it, as those of stories have."""
    return bool(_DATED.search(target[:_LONGEST]))


def is_no_story(target: str) -> bool:
    """Whether a link leads to an author, a topic, a shop, a job, an account."""
    found = _PARTS.match(target[:_LONGEST])
    if found is None:
        return False
    host, path = found["host"] or "", found["path"] or found["local"] or ""
    steps = [step.casefold() for step in path.split("/", 4)[1:4] if step]
    if steps and len(steps[0]) <= _LEAD_IN and steps[0] not in _NO_STORIES:
        steps = steps[1:]
    return host.casefold() in _HOSTS or (bool(steps) and steps[0] in _NO_STORIES)
