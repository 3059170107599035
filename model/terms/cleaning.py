"""A headline as its terms see it: characters folded, and what a feed and a desk put around its words left out."""

import re

from model.errors import HeadlineError
from model.terms.folding import INVISIBLE, Cleaned, fold, fold_aligned

LONGEST = 500  # characters; the longest headline of the corpora has 335, ten thousand is a body of text

_VISIBLE = re.compile(rf"[^\s{INVISIBLE}]")
HALF = re.compile("[\ud800-\udfff]")  # JSON can escape it, a bad argument hold it, but UTF-8 cannot write it

# Marks of the wire and of the desk: when and how a story was sent, or what goes with it. "Exclusive", "opinion" and
# "explained" are none: readers hear them.
WIRE_MARKS = frozenset(
    (
        "breaking, breaking news, just in, urgent, alert, news alert, flash, newsflash, news flash, bulletin, "
        "developing, developing story, top story, press release, update, updated, updates, latest updates, live, "
        "live now, live update, live updates, live blog, liveblog, live coverage, live stream, livestream, follow "
        "live, watch, watch live, watch video, listen, listen live, as it happened, video, videos, audio, "
        "podcast, photo, photos, photo gallery, gallery, pictures, in pictures, pics, in pics, slideshow, "
        "graphic, infographic, interactive, factbox, timeline, lead, 1st lead, 2nd lead, 3rd lead, 4th lead, 5th "
        "lead, 2d lead, 3d lead, ld, 1st ld, 2nd ld, 3rd ld, 4th ld, 5th ld, 2d ld, 3d ld, roundup, wrapup, wrap, "
        "corrected, correction, refile, rpt, repeat, recast, recasts, writethru, write-thru, eds, adds, media "
        "advisory"
    ).split(", ")
)
TIGHT_MARKS = frozenset("update corrected correction refile rpt repeat recast recasts wrapup factbox timeline".split())
_COUNTED = re.compile(r" \d{1,2}$")  # UPDATE 2
_FIRST_WORD, _FIRST_WORDS = (
    re.compile(r"[#*_~> ]*[\[(]? ?([^\W_]+)"),
    {re.split("[ -]", mark)[0] for mark in WIRE_MARKS},
)
_MARK_MOST = 32  # characters of a mark
_CLOSING = {"[": "]", "(": ")"}
_OPENING = {closing: opening for opening, closing in _CLOSING.items()}
_DECORATION = re.compile(r"[#*_~> ]*")
_PARTED = re.compile(
    r"(?P<part>:|(?<= )[-|](?= ))|(?P<tight>(?<=[^ ])-(?=[^ ]))|(?P<cry>[!*>•»·]|//|\.\.\.)|(?P<blank> )"
)
_CRY = re.compile(r"(?:[!*>•»·]|//|\.\.\.)+ ?")
_MAY_BE_MARKED = re.compile(r"[][():|!*/>#•»·-]|\.\.\.")

# What follows the last " - " or " | " is a publisher where it is short and capitalised and the headline is not in
# Title Case, or where it holds a word that newspapers are named by.
_SUFFIX = re.compile(r" [-|] (?P<name>(?:(?! [-|] ).){2,40})$")
OUTLETS = (
    "News Times Post Mail Mirror Sun Star Express Herald Tribune Guardian Telegraph Independent Gazette Chronicle "
    "Record Observer Standard Courier Journal Reporter Bulletin Dispatch Echo Examiner Inquirer Press Today Daily "
    "Weekly Online Magazine BBC CNN NBC CBS ABC ITV NPR AP AFP Reuters Bloomberg Politico BuzzFeed HuffPost Yahoo MSN "
    "NDTV TMZ"
).split()
DOMAINS = "com co.uk org net in au news".split()
_NAMED = re.compile(rf"\b(?:{'|'.join(OUTLETS)})\b|\.(?:{'|'.join(map(re.escape, DOMAINS))})\b")
LINKING = frozenset({"of", "the", "and", "&", "for", "in", "on"})
_CUT_MARK = re.compile(r"\s*(?:\[\.\.\.\]?|\(\.\.\.\)?|\.\.\.+)$")


def check_headline(headline: object) -> str:
    """Return `headline` if it can be judged; raise `HeadlineError` that names the accepted form."""
    if not isinstance(headline, str):
        raise HeadlineError(f"headline must be a string, got {type(headline).__name__}")
    if len(headline) > LONGEST:
        raise HeadlineError(f"headline must be 1-{LONGEST} characters, got {len(headline)}")
    if not _VISIBLE.search(headline):
        raise HeadlineError(f"headline must be 1-{LONGEST} characters, got {'only white space' if headline else 0}")
    if not headline.isascii() and HALF.search(headline):
        raise HeadlineError("headline must be Unicode text, got half a surrogate pair")
    return headline


def clean(headline: str) -> str:
    """Fold characters; drop marks of the wire, a truncation mark and a publisher's name at the end."""
    text = fold(headline)
    if not _MAY_BE_MARKED.search(text):
        return text
    text = text[_start_of_headline(text) :]
    return text[: _end_of_headline(text)]


def clean_aligned(headline: str) -> Cleaned:
    """Clean as `clean` does and keep for every character where it came from, for evidence."""
    aligned = fold_aligned(headline)
    start = _start_of_headline(aligned.text)
    end = start + _end_of_headline(aligned.text[start:])
    return Cleaned(aligned.text[start:end], aligned.starts[start:end], aligned.ends[start:end])


def _start_of_headline(text: str) -> int:
    word = _FIRST_WORD.match(text)
    if not word or word[1].lower() not in _FIRST_WORDS:
        return 0
    start = 0
    while (after := _after_mark(text, start)) < len(text) and after > start:
        start = after
    return start


def _after_mark(text: str, at: int) -> int:
    """Give where what follows the mark at `at` begins, or `at` where none stands there."""
    found = _DECORATION.match(text, at)
    first = found.end() if found else at
    if closing := _CLOSING.get(text[first : first + 1]):
        stop = text.find(closing, first + 1, first + 1 + _MARK_MOST)
        if stop < 0 or _mark(text[first + 1 : stop]) not in WIRE_MARKS:
            return at
        return _skipped(text, stop + 1 + text.startswith(":", stop + 1))
    for parted in _PARTED.finditer(text, first, first + _MARK_MOST):
        phrase = text[first : parted.start()]
        if _parts(phrase, parted, is_tagged=text[at] == "#"):
            cry = _CRY.match(text, parted.start()) if parted.lastgroup == "cry" else None
            return cry.end() if cry else _skipped(text, parted.end())
        if parted.lastgroup == "part":
            break
    return at


def _parts(phrase: str, parted: re.Match[str], *, is_tagged: bool) -> bool:
    """Tell what parts a mark from the headline: some signs do behind capitals alone, or a mark that is tagged."""
    mark, kind, is_shouted = _mark(phrase), parted.lastgroup, phrase == phrase.upper()
    if kind == "tight":
        return is_shouted and mark in TIGHT_MARKS
    return mark in WIRE_MARKS and (kind == "part" or (is_shouted and (kind == "cry" or is_tagged)))


def _skipped(text: str, at: int) -> int:
    return at + text.startswith(" ", at)


def _mark(phrase: str) -> str:
    return _COUNTED.sub("", phrase.lower().strip(" "))


def _end_of_headline(text: str) -> int:
    end = _end_before_marks(text, len(text))
    if " - " in text or " | " in text:
        suffix = _SUFFIX.search(text[:end])
        if suffix and _is_publisher(suffix["name"], text[: suffix.start()]):
            end = _end_before_marks(text, suffix.start())
    if "..." in text and (mark := _CUT_MARK.search(text, 0, end)) and mark.start() > 0:
        end = _end_before_marks(text, mark.start())
    return end


def _end_before_marks(text: str, end: int) -> int:
    while 0 < (before := _before_mark(text, end)) < end:
        end = before
    return end


def _before_mark(text: str, end: int) -> int:
    """Give where what precedes the mark that stops at `end` stops, or `end` where none does."""
    least = max(0, end - _MARK_MOST)
    if opening := _OPENING.get(text[end - 1 : end]):
        start = text.rfind(opening, least, end)
        is_there = start >= 0 and _mark(text[start + 1 : end - 1]) in WIRE_MARKS
        return start - text.endswith(" ", 0, start) if is_there else end
    start = max(text.rfind(" - ", least, end), text.rfind(" | ", least, end))
    return start if start >= 0 and _mark(text[start + 3 : end]) in WIRE_MARKS else end


def _is_publisher(name: str, rest: str) -> bool:
    words = name.split()
    if len(words) > 5 or rest.count(" ") < 2 or not all(w[0].isupper() or w in LINKING for w in words):
        return bool(len(words) == 1 and _NAMED.search(name))  # bbc.com
    return bool(_NAMED.search(name)) or not _is_title_case(rest)


def _is_title_case(text: str) -> bool:
    words = [word for word in text.split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) > 0.6 * len(words)
