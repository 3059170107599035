"""How a line of a page reads by its words alone: a byline, a date, a button, a section's name, a paragraph."""

import re
from itertools import islice

from model.pages.notices import EDGES, is_notice

_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u200c\u200d"  # which stand in words, and are no letters
_WORD = re.compile(rf"\w[\w'’.,&/{_MARKS}-]*")
_NUMBER = re.compile(r"[#£$€]?\d[\d:.,/–-]*(?:st|nd|rd|th|am|pm|[hmds]|hrs?|mins?|[kK])?\+?")
_HAN = "\u2e80"  # from here on two letters are a word, in Thai and its like four or more
_LETTERS_OF_HAN, _LETTERS_OF_THAI = 2, 4
_UNSPACED = re.compile(
    "[\u2e80-\u2fff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
    "|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
_CLOSING = "\"'”’»)]"

_BETWEEN = re.compile(r"[|·•]| [–—-] ")
_MENU = re.compile(r" ?[|/·•] ")
_ENTRIES, _ENTRY = 4, 3  # of a menu in one line: that many at least, of as many words at most
_CREDITS = 6  # in one line at most

_DATE_WORDS = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur "
    "thurs fri sat sun am pm noon midnight gmt bst utc est edt pst pdt cet cest ist et updated update published "
    "modified last posted first on at ago second seconds sec secs minute minutes min mins hour hours hr hrs day days "
    "week weeks month months year years yesterday today just now an a read of about".split()
)
_DATE_PROOF = frozenset("yesterday today ago now noon midnight".split()) | {"just"}
_COUNT = re.compile(
    r"(?:no|[\d.,]+\s?[kmb]?\+?)\s+(?:views?|comments?|shares?|likes?|reads?|pictures?|photos?|images?|videos?|"
    r"replies|reply|points?|votes?|followers|min(?:ute)?s?[ -](?:read|watch|listen|video))"
    r"|comments? (?:are |is )?(?:off|closed|disabled)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:(?:posted|written|reported|words|story|reporting|edited|photographs?|photos?|as told)\s+(?:by|to)|by)\s+"
    r"(?P<who>.+)",
    re.IGNORECASE,
)
_WHO = frozenset(
    "and in for of the at poster admin staff editor editors reporter reporters correspondent correspondents writer "
    "columnist agency agencies desk team contributor associated press with".split()
)
_NAMED_ROLE = re.compile(
    r"[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3}, (?:[\w-]+ ){0,4}"
    r"(?i:correspondent|editor|reporter|columnist|writer|producer|journalist)"
)
_NAMES = re.compile(r"[A-Z][\w.'’-]*(?: (?:de|van|von|al|bin|[A-Z][\w.'’-]*)){1,3}(?:,? (?:and|&) [A-Z][\w.'’ -]*)?")

_SECTION_WORDS = frozenset(
    "most more top latest related recommended popular trending recent further similar other editor editors also you "
    "your you'll may might have missed miss don't dont must in case what to read reads reading watch watched listen "
    "viewed shared commented discussed clicked next keep up from the our on for this today todays today's now week "
    "weeks week's around like of and & web here stories story posts post articles article news headlines links content "
    "topics coverage picks pick choice pictures brief depth focus features featured feature videos video gallery "
    "galleries live breaking opinion opinions comment analysis sport sports football politics world uk us business "
    "money tech technology science health culture arts entertainment showbiz celebrity tv lifestyle life style fashion "
    "food travel weather local education environment climate crime books film music games motoring property "
    "obituaries letters columnists puzzles homepage home page sections all day month across elsewhere international "
    "national regional promoted sponsored we think follow ups love think".split()
)
_SECTION_NAME = 7  # words at most
_LIST_WORDS = frozenset(
    "related missed miss most trending popular recommended more also latest read next picks pick choice top recent "
    "similar further must headlines featured".split()
)
_MORE_FROM = re.compile(
    r"(?:more|latest|news|stories|headlines|posts|articles|top stories) (?:from|on|in|about|by)\b"
    r"|(?:more|latest|other) (?:\w+ )?(?:stories|headlines|articles|posts|coverage)\b",
    re.IGNORECASE,
)

_STOP = re.compile(r"""[.!?…]["'”’»)\]]* +["'“‘«(\[]?[A-Z0-9£$€]""")
_ABBREVIATED = re.compile(
    r"(?:\b[A-Za-z]\.(?:[A-Za-z]\.)*|\b(?:Mr|Mrs|Ms|Dr|St|Sr|Jr|No|vs|Lt|Col|Gen|Sgt|Prof|Rev|Inc|Corp|Co|Ltd|Gov|Sen|Rep)\.)$"
)


def words(text: str, most: int) -> list[str]:
    """The first words of `text`, folded, without the marks around them."""
    return [_folded(found[0]) for found in islice(_WORD.finditer(text), most)]


def count_words(text: str) -> int:
    """How many words `text` has; marks and bullets are none. Scripts that set no spaces have one to some letters."""
    if text.isascii() or not _UNSPACED.search(text):
        return len(_WORD.findall(text))
    return len(_WORD.findall(_UNSPACED.sub(" ", text))) + count_unspaced(text)


def count_unspaced(text: str) -> int:
    """How many words of Chinese, Japanese, Thai, Lao, Khmer and Burmese `text` has, about: they set no spaces."""
    if text.isascii():
        return 0
    runs = (len(run) // (_LETTERS_OF_HAN if run[0] >= _HAN else _LETTERS_OF_THAI) for run in _UNSPACED.findall(text))
    return sum(max(1, words) for words in runs)


def is_furniture(text: str) -> bool:
    """Whether `text` is what a page prints around its stories: a credit or a notice."""
    return is_credit(text) or is_notice(text) or _is_menu(text)


class Furniture(dict[str, bool]):
    """Whether texts are furniture, each asked once: most blocks have one text, and pages repeat their buttons."""

    def __missing__(self, text: str) -> bool:
        answer = self[text] = is_furniture(text)
        return answer


def is_credit(text: str) -> bool:
    """Whether `text` says who, when or how many: a byline, a date, a count, or several with marks between."""
    parts = [bare for part in _BETWEEN.split(text) if (bare := part.strip(EDGES))]
    return 0 < len(parts) <= _CREDITS and all(map(_is_one_credit, parts))


def is_section_name(text: str) -> bool:
    """Whether `text` is made of the words that sections are named by: Most Read, More on this story."""
    bare = text.strip(EDGES)
    first = _WORD.search(bare)
    if first is None or _folded(first[0]) not in _SECTION_WORDS:  # which hold what `_MORE_FROM` begins with, too
        return False
    found = words(bare, _SECTION_NAME + 1)
    if len(found) > _SECTION_NAME or text.rstrip().endswith((".", "?", "!")):
        return False
    return all(word in _SECTION_WORDS for word in found) or bool(_MORE_FROM.match(bare))


def is_list_name(text: str) -> bool:
    """Whether `text` names a list of other stories rather than a subject: Related, You Missed, Top stories."""
    return is_section_name(text) and not _LIST_WORDS.isdisjoint(words(text, _SECTION_NAME))


def is_name(text: str) -> bool:
    """Whether `text` could be a person's name and no more, as bylines without "by" print it."""
    return bool(_NAMES.fullmatch(text.strip(EDGES)))


def is_prose(text: str) -> bool:
    """Whether `text` reads as a paragraph or a teaser: it ends as a sentence does, or runs over several."""
    length = text.count(" ") + 1 + count_unspaced(text)
    if length > 45 or text.endswith((",", ";")) or ends_as_sentence(text):
        return True
    sentences = count_sentences(text)
    if sentences > 3:
        return True
    ended = text.rstrip(_CLOSING).endswith(("?", "!", "…", "..."))
    return (sentences > 1 and length > (15 if ended else 28)) or (sentences > 2 and length > 22)


def ends_as_sentence(text: str) -> bool:
    """Whether `text` ends with a full stop that no abbreviation explains."""
    bare = text.rstrip(_CLOSING)
    if bare.endswith("。"):
        return True
    return bare.endswith(".") and not bare.endswith("..") and not _ABBREVIATED.search(bare[-12:])


def count_sentences(text: str) -> int:
    """How many sentences `text` runs over, at least 1; initials and titles end none."""
    return 1 + sum(not _is_abbreviated(text, found.start()) for found in _STOP.finditer(text))


def _folded(word: str) -> str:
    return word.casefold().rstrip(".,'’-/&").replace("’", "'")


def _is_abbreviated(text: str, stop: int) -> bool:
    if text[stop] != ".":
        return False
    before = text[max(0, stop - 11) : stop]
    if before[-1:].isascii() and before[-1:].isalpha() and before[-2:-1].isspace():
        return True  # an initial, of which a name has several
    return bool(_ABBREVIATED.search(before + "."))


def _is_menu(text: str) -> bool:
    """Whether `text` is some short entries with bars between, and no more: Home | News | Sport | About."""
    if not _MENU.search(text):
        return False
    entries = [entry for entry in _MENU.split(text) if entry.strip()]
    return len(entries) >= _ENTRIES and all(len(entry.split()) <= _ENTRY for entry in entries)


def _is_one_credit(text: str) -> bool:
    return bool(_is_date(text) or _COUNT.fullmatch(text) or _is_byline(text) or _has_role(text))


def _has_role(text: str) -> bool:
    return ", " in text and bool(_NAMED_ROLE.fullmatch(text))


def _is_date(text: str) -> bool:
    proven = False
    for token in (word.strip(EDGES).casefold() for word in text.split()):
        if token and not (token in _DATE_WORDS or _NUMBER.fullmatch(token)):
            return False
        proven = proven or token[:1].isdigit() or token in _DATE_PROOF
    return proven


def _is_byline(text: str) -> bool:
    found = _BYLINE.fullmatch(text)
    who = found["who"].split() if found else []
    return 0 < len(who) <= 16 and not who[0][0].isdigit() and all(_is_of_a_name(word) for word in who)


def _is_of_a_name(word: str) -> bool:
    return word[0].isupper() or word.strip(EDGES).casefold() in _WHO or not word[0].isalpha()
