"""Characters as terms see them: entities, invisible and look-alike characters, accents, typography and white space."""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from re import Match, Pattern

Rule = tuple[Pattern[str], str | Callable[[Match[str]], str]]

_ENTITY: Rule = (
    re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"),
    lambda found: html.unescape(found[0]),
)
# Control characters that are no white space, and Default_Ignorable_Code_Point of Unicode 17.0 (UAX 44), which Python's
# database does not have: its property of assigned and of reserved characters alike.
CONTROLS = r"\u0000-\u0008\u000e-\u001b\u007f"
IGNORED = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    r"\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
INVISIBLE = CONTROLS + IGNORED
_DROPPED: Rule = (re.compile(f"[{INVISIBLE}]+"), "")

# Accents and what else is set on letters of every script: U+0300 and the blocks that continue it.
COMBINING = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_SET_ON = re.compile(f"[{COMBINING}]+")
SINGLE_QUOTES, DOUBLE_QUOTES, DASHES, ELLIPSIS = "‘’‚‛`´′ʼ", "“”„‟«»″", "‐‑‒–—―−", "…"
AS_THEY_ARE = frozenset(SINGLE_QUOTES + DOUBLE_QUOTES + DASHES + ELLIPSIS + "™℠")
_FEW, _LONGEST = 20, 3  # accents of one letter that count; characters in the place of one
_COMPOSED = re.compile(rf"\w?[{COMBINING}]+")

# Letters that are drawn as Latin ones are: of Unicode's confusables (UTS 39), those of living scripts that are met in
# disguises; small capitals; and letters on black, which have no compatibility mapping. Each line is two of one length.
_DRAWN = (
    ("АВЕЅІЈКМНОРСТУХҮԌԚԜӀ", "ABESIJKMHOPCTYXYGQWI"),
    ("аеѕіјкорсухүһԁԛԝӏгѵɡ", "aesijkopcyxyhdqwlrvg"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿοανρϲϳ", "ABEZHIKMNOPTYXCJoavpcj"),
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑ", "abcdefghijklmnoprstuvwyza"),
    ("".join(map(chr, range(0x1F150, 0x1F16A))), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("".join(map(chr, range(0x1F170, 0x1F18A))), "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
)
LOOKALIKES = {drawn: letter for line in _DRAWN for drawn, letter in zip(*line, strict=True)}
_IN_LATIN = str.maketrans(LOOKALIKES)
_KEPT = 4096  # characters that are remembered

_LONG_DASH = re.compile(r"(?<!\S)--+(?!\S)")
_FOLDS = {
    **dict.fromkeys(SINGLE_QUOTES, "'"),
    **dict.fromkeys(DOUBLE_QUOTES, '"'),
    **dict.fromkeys(DASHES, "-"),
    ELLIPSIS: "...",
}
_TYPOGRAPHIC: Rule = (re.compile(f"[{''.join(_FOLDS)}]"), lambda found: _FOLDS[found[0]])

# Three letters or more that stand by themselves, the same between each two: S H O U T, S.H.O.U.T, S - H - O - U - T
_QUOTE = f"['{SINGLE_QUOTES}]"
_BY = rf"\s{{1,4}}|[^\w\s'\"{SINGLE_QUOTES}{DOUBLE_QUOTES}]|\s?[-.*|/~+=_·•{DASHES}]\s?"
_SET_APART: Rule = (
    re.compile(
        rf"(?<!\w)(?<!\w{_QUOTE})[^\W\d_](?P<by>{_BY})[^\W\d_](?:(?P=by)(?:[^\W\d_]|{_QUOTE}))*(?P=by)[^\W\d_]"
        r"(?!\w)"
    ),
    lambda found: found[0].replace(found["by"], ""),
)
_MAY_BE_APART = re.compile(r"(?<![a-zA-Z])[a-zA-Z][^a-zA-Z]{1,4}[a-zA-Z][^a-zA-Z]{1,9}[a-zA-Z](?![a-zA-Z])")
_LAST: tuple[Rule, ...] = (
    (re.compile(f"[{SINGLE_QUOTES}]"), "'"),
    (re.compile(f"[{DOUBLE_QUOTES}]|''"), '"'),
    (re.compile(f"[{DASHES}]|{_LONG_DASH.pattern}"), "-"),
    (re.compile(ELLIPSIS), "..."),
    (re.compile(r"\s{2,}|[^\S ]"), " "),  # a run of white space that is not one blank already
    (re.compile(r"^ | $"), ""),
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned headline whose character `i` came from `[starts[i], ends[i])` of the headline as given."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Cleaned":
        """Give a text that nothing was done to."""
        return cls(text, range(len(text)), range(1, len(text) + 1))


def fold(text: str) -> str:
    """Do what `fold_aligned` does, at a tenth of its cost."""
    if is_folded(text):
        return text
    if "&" in text:
        text = _substituted(text, (_ENTITY, _ENTITY))
    if not (text.isascii() and text.isprintable()):
        text = _DROPPED[0].sub("", text)
    text = _opened(text)
    if "--" in text:
        text = _LONG_DASH.sub("-", text)
    return " ".join(_substituted(text, (_TYPOGRAPHIC,)).replace("''", '"').split())


def fold_aligned(headline: str) -> Cleaned:
    """Substitute by every rule, one after the other, and keep for every character where it came from."""
    aligned = Cleaned.of(headline)
    if is_folded(headline):
        return aligned
    for rule in (_ENTITY, _ENTITY, _DROPPED):
        aligned = _substitute(aligned, *rule)
    opened = open_aligned(aligned.text)
    starts = [aligned.starts[first] for first in opened.starts]
    aligned = Cleaned(opened.text, starts, [aligned.ends[stop - 1] for stop in opened.ends])
    for rule in _LAST:
        aligned = _substitute(aligned, *rule)
    return aligned


def open_aligned(text: str) -> Cleaned:
    """Take off what accents and disguises do to letters, in a text without entities and invisible characters."""
    aligned = Cleaned.of(text)
    if not text.isascii():
        aligned = _plain_aligned(_substitute(aligned, _COMPOSED, lambda found: _composed(found[0])))
        aligned = replace(aligned, text=_undisguised(aligned.text))
    return _substitute(aligned, *_SET_APART)


def is_folded(text: str) -> bool:
    """Tell most headlines that the rules leave as they are; asking takes 2 us, all rules take 15."""
    return (
        text.isascii()
        and text.isprintable()
        and not ("&" in text or "  " in text or "`" in text or "''" in text or "--" in text)
        and text[:1] != " "
        and text[-1:] != " "
        and not _MAY_BE_APART.search(text)
    )


def is_rare(character: str) -> bool:
    """Tell a character that `open_aligned` may give another form: most headlines hold none."""
    return character in LOOKALIKES or bool(_SET_ON.match(character)) or _plain(character) != character


def _opened(text: str) -> str:
    """Do what `open_aligned` does."""
    if not text.isascii():
        usual = text.replace(ELLIPSIS, "").replace("\xa0", " ")
        if _SET_ON.search(text) or not unicodedata.is_normalized("NFKC", usual):
            text = _COMPOSED.sub(lambda found: _composed(found[0]), text).translate(_PLAIN)
        text = _undisguised(text)
    return _SET_APART[0].sub(_SET_APART[1], text)


@lru_cache(_KEPT)
def _composed(text: str) -> str:
    """Compose a letter and its accents (NFC, UAX 15), and drop those that are left."""
    return _SET_ON.sub("", unicodedata.normalize("NFC", "".join(map(_compatible, text[: _FEW + 1]))))


def _plain(character: str) -> str:
    return _SET_ON.sub("", _compatible(character))


def _compatible(character: str) -> str:
    """Give the compatibility form of a character (NFKC, UAX 15), if short; white space and quotes have rules."""
    if character.isspace() or character in AS_THEY_ARE:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) <= _LONGEST else character


class _Remembered(dict[int, str]):
    """What `str.translate` puts in the place of a character, worked out when it is first met."""

    def __init__(self, of: Callable[[str], str]) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, point: int) -> str:
        value = self._of(chr(point))
        if len(self) < _KEPT:
            self[point] = value
        return value


def _kind(character: str) -> str:
    """Tell Latin letters from look-alikes and others, and white space from what is no letter."""
    if character.isspace():
        return " "
    if character in LOOKALIKES:
        return "l"
    if not character.isalnum() or character.isdecimal():
        return "."
    return "a" if character.isascii() else "o"


_PLAIN, _KINDS = _Remembered(_plain), _Remembered(_kind)


def _plain_aligned(old: Cleaned) -> Cleaned:
    text = old.text.translate(_PLAIN)
    if len(text) == len(old.text):  # none becomes nothing
        return replace(old, text=text)
    counts = [len(_PLAIN[ord(character)]) for character in old.text]
    starts = [start for start, count in zip(old.starts, counts, strict=True) for _ in range(count)]
    return Cleaned(text, starts, [end for end, count in zip(old.ends, counts, strict=True) for _ in range(count)])


def _undisguised(text: str) -> str:
    """Give look-alikes their Latin letters, in words of nothing else, in a text of mostly Latin letters."""
    if LOOKALIKES.keys().isdisjoint(text):
        return text
    kinds = text.translate(_KINDS)
    if kinds.count("a") < kinds.count("o"):
        return text
    if "o" not in kinds:
        return text.translate(_IN_LATIN)
    words, at = list[str](), 0
    for kind in kinds.split(" "):
        word, stop = text[at : at + len(kind)], at + len(kind)
        words.append(word.translate(_IN_LATIN) if "l" in kind and "o" not in kind else word)
        words.append(text[stop : stop + 1])
        at = stop + 1
    return "".join(words)


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
        starts += [*old.starts[done:first], *[old.starts[first]] * len(new)]
        ends += [*old.ends[done:first], *[old.ends[stop - 1]] * len(new)]
        done = stop
    if not texts:
        return old
    starts += old.starts[done:]
    ends += old.ends[done:]
    return Cleaned("".join(texts) + old.text[done:], starts, ends)
