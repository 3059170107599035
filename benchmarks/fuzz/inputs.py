"""Writes what the fuzzers read: what bytes stand for, the rules' words, entities, the default model, first inputs."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from html.entities import html5
from pathlib import Path

import numpy as np

from benchmarks.fuzz.collisions import colliding
from model.artefact import load
from model.scoring.compiled import classify, vocabulary

FIXTURES = Path(__file__).parents[2] / "fixtures" / "headlines.csv"
# What the rules know besides ASCII, and some of each kind of letter, digit, space and mark: 128 characters.
BEYOND = (
    "‘’‚‛`´′ʼ“”„‟«»″‐‑‒–—―−…£€\u00ad\u200b\u200e\u2060\ufeff\u00a0\u2003\u2028\x85²½①٣٤२ⅧⅨⒶßſéÉñÑøØÅåÆæŒœþÐǅǆİıΣσςΩωЖжЯя"
    "אבגابتنمस新聞日本ไทย👩💥\u200d\ufe0f𝕳𝖊ﬁＡａ１\u0301\u0308\u20e3ªº×÷¡¿§¶†‡•‰™©®←→∞≈≠√\u0334\u0344\u0345\u034f"
)
CHARACTERS = [*map(chr, range(128)), *dict.fromkeys(c for c in BEYOND if ord(c) > 127)][:256]
SHORT = "the than you a says 0 é".split()  # words that others collide with
_WORD = np.dtype([("length", "u1"), ("letters", "u1", 63)])
_LINE = np.dtype([("word", _WORD), ("numbers", "<u4", 2)])


def write_inputs(build: Path) -> None:
    """Write the files into `build`, and a folder of first inputs for each fuzzer."""
    build.mkdir(parents=True, exist_ok=True)
    _letters().tofile(build / "alphabet")
    _lines({word: (traits, 0) for word, traits in vocabulary().items()}).tofile(build / "vocabulary")
    _lines({name: (*map(ord, text), 0)[:2] for name, text in html5.items()}).tofile(build / "entities")
    _words(word for short in SHORT for word in (short, colliding(short, 40))).tofile(build / "collisions")
    np.array(load().weights).tofile(build / "records")
    for folder in ("corpus-headlines", "corpus-models"):
        (build / folder).mkdir(exist_ok=True)
    with FIXTURES.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines)):
            known = bytes(CHARACTERS.index(c) for c in row["text"][:500] if c in CHARACTERS)
            (build / "corpus-headlines" / f"headline-{number}").write_bytes(known)
            if number % 10 == 0:
                settings = bytes([3, 5, 2, 6, number // 10 % 64, number % 251, *range(4)])  # as models.c reads them
                (build / "corpus-models" / f"model-{number}").write_bytes(settings + known)
    for number, text in enumerate(
        ("&notit; &amp;amp; &#x130;&#8217;", "&nbspx;" * 20, "a\u0301\u0344" * 40, "İΣ'Σ " * 60)
    ):
        (build / "corpus-headlines" / f"odd-{number}").write_bytes(bytes(map(CHARACTERS.index, text)))


def _letters() -> np.ndarray:
    """Give point, lower case and flags of what each byte stands for, and of what entities and lower case lead to."""
    led_to = {*"".join(html5.values()), *"".join(c.lower() for c in CHARACTERS)} - set(CHARACTERS)
    listed = [CHARACTERS[place % len(CHARACTERS)] for place in range(256)] + sorted(led_to)
    pages = {page: np.frombuffer(classify(page), "<u4").reshape(256, 2) for page in {ord(c) >> 8 for c in listed}}
    rows = [(ord(c), *pages[ord(c) >> 8][ord(c) & 255][::-1].tolist()) for c in listed]
    return np.array(rows, "<u4")


def _lines(words: Mapping[str, Sequence[int]]) -> np.ndarray:
    lines = np.zeros(len(words), _LINE)
    lines["word"] = _words(iter(words))
    lines["numbers"] = list(words.values())
    return lines


def _words(words: Iterator[str]) -> np.ndarray:
    """Write words as bytes that stand for their letters: their lengths, and room for 63 letters each."""
    written = [(len(word), [*map(CHARACTERS.index, word), *[0] * (63 - len(word))]) for word in words]
    return np.array(written, _WORD)
