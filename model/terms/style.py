"""Marks of style (`<...>`): what a headline does, whatever it is about; and of form (`#...`): its length and case."""

import re
from collections.abc import Iterator, Sequence

from model.terms.tokens import Token

Mark = tuple[str, int, int]  # the term, and the words [first, stop) it stands on; (0, 0) is the whole headline

# Words that a headline about anything may hold; all others are topic. The commonest ones of the corpora, by hand.
STYLE_WORDS = frozenset(
    """
    a about above according across actually after again against ago all almost along already also always am amazing
    amid an and another any anyone anything are arent around as ask asked at away awesome back bad be beautiful because
    been before behind being below best better between big bigger biggest both boy boys brilliant but by can cannot cant
    complete cool could couldnt crazy cute day days definitely did didnt do does dont down during each easy eight even
    ever every everyone everything exactly facts favorite feel find first five for found four free from funny genius get
    girl girls give go going good got great guess guy guys had happen happened happens has have he hear heard help her
    here heres hes high hilarious him himself his home horrible hot how i id if ill im important in incredible inside
    into is isnt it its ive just keep kids knew know known last least let lets life like literally little long look
    looking looks love made make making man many may me meet men might more most much must my myself near need never new
    next nine no not nothing now of off oh ok old on one ones only or other our out outside over own people per perfect
    photos pics pictures probably questions quiz read real really reason reasons right said same say says secret see
    seven shall she shes shocking should shouldnt show shows signs simple since six so some someone something start
    still stop strange stuff such surprising take takes tell ten terrible than that thats the their them themselves then
    there theres these they theyre thing things think this those three through time times to today told tomorrow tonight
    too top totally toward towards true try turn turned turns two u uk ultimate under understand until up upon us use
    using very via video vs want was wasnt watch way ways we week weeks weird well were weve what whats when where
    whether which while who why will with within without woman women wont work works world worst would wouldnt wrong
    year years yes yet you youd youll young your youre yourself youve
    """.split()
)

CLASSES = {
    "you": "you your youre youll youve youd yours yourself u",
    "i": "i im ive my me myself",
    "we": "we our us lets weve",
    "he": "he she him her his hers himself herself hes shes",
    "they": "they them their theirs theyre",
    "this": "this these heres here thats",
    "wh": "what why how where who which whats whos",
    "says": "says say said according reports report sources source officials official police claims study",
    "extreme": "most best worst ever only never always every everything everyone nothing",
    "link": "as while after before and but despite amid when because",
    "exclusive": "exclusive exclusively revealed reveals shock shocking shocked inside",
}
CLASS_OF = {word: name for name, words in CLASSES.items() for word in words.split()}
MARK_OF = {"?": "question", "!": "exclamation", "...": "ellipsis", ":": "colon", ";": "semicolon", "%": "percent"}
MONEY = frozenset("$£€")

# Capitals that are not shouting: the commonest acronyms of the corpora that measured publishers print.
ACRONYMS = frozenset(
    """
    AAP AI AIDS ANC AOC AP ATM BBC BJP BLM BMW BOE BP CAA CBI CBS CBSE CCTV CDC CEO CEOS CFO CIA CNN COP COVID CPI DACA
    DC DHS DIY DJ DMK DNA DNC DOJ DUI DUP ECB ED EPA ESPN EU EV EVS FA FAA FBI FCC FDA FDI FEMA FIFA FTSE GDP GOP GPS
    GST HBO HIV HMRC HQ IBM ICC ICE ICJ ICU IDF IIT IMF IPL IPO IRA IRS ISIL ISIS ISRO ITV IVF JEE JFK LA LED
    LGBT LGBTQ LNG LOC LPG MBA MEP MIT MLA MLAS MLB MMA MP MPS MRI MSNBC NASA NATO NBA NBC NCAA NCP NDA NDTV NEET
    NFL NFT NFTS NGO NHL NHS NIA NRA NRC NRL NSA NSW NY NYC NYPD NYT ODI OECD ONS OPEC OTT PGA PM PMS PMQS PPE PTSD QB
    QLD RAF RBI RCB RCEP RNC RSPCA RSS RTX SAS SBI SCOTUS SEBI SEC SNP SUV SUVS SWAT TMC TNT TSA TTP TV TVS UAE UAW UCLA
    UEFA UFC UFO UFOS UK UKIP UN UNESCO UNICEF UPSC US USA USC USD USPS VAT VIP WFH WHO WNBA WSJ WTO WWE WWI WWII XI XV
    XR
    """.split()
)
# Short words that are shouted; other capitals of up to three letters are taken for an acronym.
SHORT = frozenset("ban cut die fat hit hot mad run sad sex war win yes".upper().split())
_LETTERS = re.compile(r"[^\W\d_]+")
_QUOTED = re.compile(r"(?<!\w)(['\"])(?=\S)(.{2,120}?)(?<=\S)\1(?!\w)")
OPENING_QUOTE, CLOSING_QUOTE = re.compile(r"(?<!\w)['\"](?=\S)"), re.compile(r"(?<=\S)['\"](?!\w)")  # of _QUOTED
AGED = re.compile(r",?\(?\d{1,2}\)?,?$")
ALL_CAPS, TITLE = 0.6, 0.7  # share of a headline's longer words from which capitals are its case, not its emphasis


def marks(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Mark]:
    """Give the marks of a cleaned headline, from its white-space words and its tokens."""
    yield from _word_classes(tokens)
    yield from _punctuation(words, tokens)
    yield from quotations(text := " ".join(words))
    if text[:1] in {"'", '"'}:
        yield "<quote first>", 0, 1
    yield from _shouts(words)
    yield from _capitals(words)
    yield from _numbers(words, tokens)
    yield from _lengths(words, tokens)


def _word_classes(tokens: Sequence[Token]) -> Iterator[Mark]:
    count: dict[str, int] = {}
    for token in tokens:
        if name := CLASS_OF.get(token.text):
            count[name] = count.get(name, 0) + 1
            if count[name] == 1:
                yield f"<{name}>", token.place, token.place + 1
    yield f"<links {min(count.get('link', 0), 4)}>", 0, 0


def _punctuation(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Mark]:
    seen: set[str] = set()
    for token in tokens:
        name = "money" if token.text in MONEY else MARK_OF.get(token.text)
        if name and name not in seen:
            seen.add(name)
            yield f"<{name}>", token.place, token.place + 1
    if "colon" in seen:
        place = next(token.place for token in tokens if token.text == ":")
        yield f"<colon at {min(place, 4)}>", place, place + 1
    for name, held in (("dash", "-"), ("bracket", "("), ("comma", ",")):
        count = sum(held in word if name != "dash" else word == held for word in words)
        if count:
            yield f"<{name} {min(count, 3)}>", 0, 0
    if words and (last := words[-1][-1]) in "?!:.":
        yield f"<end {last}>", len(words) - 1, len(words)


def quotations(text: str) -> Iterator[Mark]:
    """Mark each quotation by its length."""
    for quoted in _QUOTED.finditer(text):
        first = text.count(" ", 0, quoted.start())
        length = quoted[2].count(" ") + 1
        yield f"<quote {1 if length == 1 else 2 if length <= 3 else 4}>", first, first + length


def _shouts(words: Sequence[str]) -> Iterator[Mark]:
    """Mark words in capitals, unless they are acronyms or the whole headline is in capitals."""
    long = [word for word in words if sum(map(str.isalpha, word)) > 2]
    if not long or sum(word.isupper() for word in long) > ALL_CAPS * len(long):
        return
    shouted = [place for place, word in enumerate(words) if is_shouted(word)]
    for number, place in enumerate(shouted[:2], 1):
        yield f"<shout {number}>", place, place + 1


def is_shouted(word: str) -> bool:
    """Tell a word in capitals that holds more than acronyms."""
    if not word.isupper() or any(map(str.isdigit, word)):
        return False
    return any(run not in ACRONYMS and (len(run) > 3 or _is_word(run)) for run in _LETTERS.findall(word))


def _is_word(capitals: str) -> bool:
    return len(capitals) > 1 and (capitals in SHORT or capitals.lower() in STYLE_WORDS)


def _capitals(words: Sequence[str]) -> Iterator[Mark]:
    """Mark how many names a sentence-case headline holds; Title Case, capitals and lower case say nothing."""
    body = [word.lstrip("'\"(") for word in words[1:]]
    body = [word for word in body if word[:1].isalpha()]
    long = [word for word in body if len(word) > 3]
    if len(body) < 2 or (len(long) > 2 and sum(word[0].isupper() for word in long) > TITLE * len(long)):
        return
    names = sum(word[0].isupper() and word != "I" for word in body)
    if names:
        yield f"#names {min(names, 8)}", 0, 0
    yield f"#names of ten {round(10 * names / len(body)) // 2 * 2}", 0, 0


def _numbers(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Mark]:
    for place, word in enumerate(words[1:], 1):
        if AGED.match(word) and words[place - 1][-1] == ",":
            yield "<age>", place, place + 1
    numbers = [token for token in tokens if token.text[0] == "0"]
    if numbers:
        yield "<number>", numbers[0].place, numbers[0].place + 1
    if numbers and numbers[0] is tokens[0]:
        yield "<number first>", numbers[0].place, numbers[0].place + 1


def _lengths(words: Sequence[str], tokens: Sequence[Token]) -> Iterator[Mark]:
    texts = [token.text for token in tokens if token.text[0].isalpha()]
    count = len(texts)
    letters = sum(map(len, texts))
    yield f"<words {min(count, 24) // 2 * 2}>", 0, 0
    yield f"#words about {min(count // 4, 6) * 4}", 0, 0
    yield f"#letters a word {round(2 * letters / max(count, 1)) / 2:g}", 0, 0
    yield f"#style words of eight {8 * sum(t in STYLE_WORDS for t in texts) // max(count, 1)}", 0, 0
    yield f"#topic words {min(sum(t not in STYLE_WORDS for t in texts), 12)}", 0, 0
    yield f"#long words {min(sum(len(t) > 6 for t in texts), 6)}", 0, 0
    yield f"#characters {min(len(' '.join(words)) // 10, 14) * 10}", 0, 0
