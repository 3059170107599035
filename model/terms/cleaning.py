"""A headline as its terms see it: typography, entities and the feed's leftovers folded away."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from re import Match, Pattern

from model.errors import HeadlineError

LONGEST = 500  # characters; the longest headline of the corpora has 335, ten thousand is a body of text

Rule = tuple[Pattern[str], str | Callable[[Match[str]], str]]

_ENTITY: Rule = (
    re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
    lambda found: html.unescape(found[0]),
)
INVISIBLE = r"\u0000-\u0008\u000e-\u001b\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"
_VISIBLE = re.compile(rf"[^\s{INVISIBLE}]")
HALF = re.compile("[\ud800-\udfff]")  # JSON can escape it, a bad argument hold it, but UTF-8 cannot write it
_DROPPED: Rule = (re.compile(f"[{INVISIBLE}]+"), "")
COMBINING = r"\u0300-\u036f"
_COMPOSED: Rule = (re.compile(rf"\w[{COMBINING}]+"), lambda found: _composed(found[0]))
_UNORDERED, _FEW = re.compile("(\u034f)"), 20  # what no accent is moved past; accents
_RARE = re.compile(rf"[{INVISIBLE}{COMBINING}]")
SINGLE_QUOTES, DOUBLE_QUOTES, DASHES, ELLIPSIS = "‘’‚‛`´′ʼ", "“”„‟«»″", "‐‑‒–—―−", "…"
_LONG_DASH = re.compile(r"(?<=\s)--+(?=\s)")
_FOLDS = {
    **dict.fromkeys(SINGLE_QUOTES, "'"),
    **dict.fromkeys(DOUBLE_QUOTES, '"'),
    **dict.fromkeys(DASHES, "-"),
    ELLIPSIS: "...",
}
_TYPOGRAPHIC: Rule = (re.compile(f"[{''.join(_FOLDS)}]"), lambda found: _FOLDS[found[0]])
RULES: tuple[Rule, ...] = (
    _ENTITY,
    _ENTITY,  # feeds escape twice: &amp;rsquo;
    _DROPPED,
    _COMPOSED,
    (re.compile(f"[{SINGLE_QUOTES}]"), "'"),
    (re.compile(f"[{DOUBLE_QUOTES}]|''"), '"'),
    (re.compile(f"[{DASHES}]|{_LONG_DASH.pattern}"), "-"),
    (re.compile(ELLIPSIS), "..."),
    (re.compile(r"\s{2,}|[^\S ]"), " "),  # a run of white space that is not one blank already
    (re.compile(r"^ | $"), ""),
)

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


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned headline whose character `i` came from `[starts[i], ends[i])` of the headline as given."""

    text: str
    starts: list[int]
    ends: list[int]


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
    """Fold entities, quotes, dashes and white space; drop a truncation mark and a publisher's name at the end."""
    text = headline if _is_folded(headline) else _fold(headline)
    return text[: _end_of_headline(text)]


def clean_aligned(headline: str) -> Cleaned:
    """Clean as `clean` does and keep for every character where it came from, for evidence."""
    aligned = Cleaned(headline, list(range(len(headline))), list(range(1, len(headline) + 1)))
    for pattern, replacement in () if _is_folded(headline) else RULES:
        aligned = _substitute(aligned, pattern, replacement)
    end = _end_of_headline(aligned.text)
    return Cleaned(aligned.text[:end], aligned.starts[:end], aligned.ends[:end])


def _composed(text: str) -> str:
    if len(text) > _FEW:  # in canonical order already: else each would be moved past all others, 0.5 ms for 500
        runs = _UNORDERED.split(text[1:])
        text = text[0] + "".join("".join(sorted(run, key=unicodedata.combining)) for run in runs)
    return unicodedata.normalize("NFC", text)


def _is_folded(text: str) -> bool:
    """Tell most headlines that `RULES` leave as they are; asking takes 1 us, ten rules take 15."""
    return (
        text.isascii()
        and text.isprintable()
        and not ("&" in text or "  " in text or "`" in text or "''" in text or "--" in text)
        and text == text.strip(" ")
    )


def _fold(text: str) -> str:
    """Do what `RULES` do one after the other, at a third of their cost."""
    if "&" in text:
        text = _substituted(text, (_ENTITY, _ENTITY))
    if _RARE.search(text):
        text = _substituted(text, (_DROPPED, _COMPOSED))
    if "--" in text:
        text = _LONG_DASH.sub("-", text)
    return " ".join(_substituted(text, (_TYPOGRAPHIC,)).replace("''", '"').split())


def _substituted(text: str, rules: Iterable[Rule]) -> str:
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def _substitute(old: Cleaned, pattern: Pattern[str], replacement: str | Callable[[Match[str]], str]) -> Cleaned:
    texts, starts, ends, done = list[str](), list[int](), list[int](), 0
    for found in pattern.finditer(old.text):
        first, stop = found.span()
        new = replacement if isinstance(replacement, str) else replacement(found)
        texts += (old.text[done:first], new)
        starts += old.starts[done:first] + [old.starts[first]] * len(new)
        ends += old.ends[done:first] + [old.ends[stop - 1]] * len(new)
        done = stop
    if not texts:
        return old
    return Cleaned("".join(texts) + old.text[done:], starts + old.starts[done:], ends + old.ends[done:])


def _end_of_headline(text: str) -> int:
    end = len(text)
    if " - " in text or " | " in text:
        suffix = _SUFFIX.search(text)
        if suffix and _is_publisher(suffix["name"], text[: suffix.start()]):
            end = suffix.start()
    if "..." in text and (mark := _CUT_MARK.search(text, 0, end)) and mark.start() > 0:
        end = mark.start()
    return end


def _is_publisher(name: str, rest: str) -> bool:
    words = name.split()
    if len(words) > 5 or rest.count(" ") < 2 or not all(w[0].isupper() or w in LINKING for w in words):
        return bool(len(words) == 1 and _NAMED.search(name))  # bbc.com
    return bool(_NAMED.search(name)) or not _is_title_case(rest)


def _is_title_case(text: str) -> bool:
    words = [word for word in text.split() if word[0].isalpha()]
    return sum(word[0].isupper() for word in words) > 0.6 * len(words)
