"""The portable scorer's memory of words: bounded, shared by threads."""

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from model.scoring.portable.marks import FACTS
from model.scoring.portable.terms import Places
from model.scoring.portable.words import Lessons
from model.terms.keys import Keys

Pairs = npt.NDArray[np.uint32]

# Bounds of one memory, 15 MB at the very most: 170 bytes in arrays and about 150 in its dictionary for each word, 4
# for a column, 56 for a token, up to 4 for a letter. A chunk of headlines, `engine._CHUNK`, always fits an empty
# memory. 40,000 words took 6 MB more and no less time on 250,000 headlines of the corpora: most new words never return.
WORDS, COLUMNS, TOKENS, LETTERS = 25_000, 800_000, 40_000, 400_000


class Memory:
    """Words and their lessons as flat arrays; only grows, until it is full.

    `facts` and `sums` have a row for each word, `spans` a column: the start and the count of its columns, the start and
    the count of its tokens. A word's number is published after its rows are written and rows never change, so that
    reading needs no lock.
    """

    def __init__(self, columns: int = 0) -> None:
        self.numbers: dict[str, int] = {}
        self.facts = np.empty((WORDS, FACTS), np.int16)  # pages of it that are never touched take no memory
        self.sums = np.empty((WORDS, 6))
        self.spans = np.empty((4, WORDS), np.intp)
        self.columns = np.empty(max(COLUMNS, columns), np.uint32)
        self.tokens = np.empty((TOKENS, 7), np.uint64)
        self._columns = self._tokens = self._letters = 0

    def take_in(self, lessons: Lessons) -> bool:
        """Keep lessons about words that are not known yet; where they would not fit, keep none and say so."""
        first, letters = len(self.numbers), self._letters + sum(map(len, lessons.words))
        words, columns = first + len(lessons.words), self._columns + len(lessons.columns)
        tokens = self._tokens + len(lessons.tokens)
        if words > WORDS or columns > len(self.columns) or tokens > TOKENS or letters > LETTERS:
            return False
        self.facts[first:words] = lessons.facts
        self.sums[first:words] = lessons.sums
        self.spans[:2, first:words] = _spans(self._columns, lessons.column_counts)
        self.spans[2:, first:words] = _spans(self._tokens, lessons.token_counts)
        self.columns[self._columns : columns] = lessons.columns
        self.tokens[self._tokens : tokens] = lessons.tokens
        self._columns, self._tokens, self._letters = columns, tokens, letters
        self.numbers.update(zip(lessons.words, range(first, words), strict=True))
        return True

    def columns_of(self, spans: Places) -> Pairs:
        """Give the columns of n words, one word's after the other's, by their spans (4, n)."""
        return self.columns.take(ranges(spans[0], spans[1]))

    def tokens_of(self, spans: Places) -> Keys:
        """Give the tokens of n words, one word's after the other's, by their spans (4, n)."""
        return self.tokens.take(ranges(spans[2], spans[3]), axis=0)


class SharedMemory:
    """The memory that threads share: they read it freely, and take turns to add to it. A full one is started anew."""

    def __init__(self, teach: Callable[[Sequence[str]], Lessons], always: Lessons) -> None:
        self._teach = teach
        self._always = always
        self._lock = Lock()
        self._memory = self._fresh()

    def recall(self, words: Sequence[str]) -> tuple[Memory, Places]:
        """Give a memory that knows all the words, and their numbers in it."""
        memory = self._memory
        try:
            return memory, _numbers(memory, words)
        except KeyError:
            memory = self._learn(words)
            return memory, _numbers(memory, words)

    def _learn(self, words: Sequence[str]) -> Memory:
        with self._lock:
            memory = self._memory
            if not memory.take_in(self._teach(_unknown(memory, words))):
                lessons = self._teach(_unknown(self._fresh(), words))
                memory = self._fresh(len(lessons.columns))  # more than COLUMNS only for n-grams of very many lengths
                memory.take_in(lessons)
                self._memory = memory
            return memory

    def _fresh(self, columns: int = 0) -> Memory:
        memory = Memory(columns)
        memory.take_in(self._always)
        return memory


def _numbers(memory: Memory, words: Sequence[str]) -> Places:
    return np.fromiter(map(memory.numbers.__getitem__, words), np.intp, len(words))


def _unknown(memory: Memory, words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word not in memory.numbers))


def ranges(starts: Places, counts: Places) -> Places:
    """Give `starts[0], starts[0] + 1 ...`, `counts[0]` of them, then the same for each other range."""
    ends = counts.cumsum()
    places = (starts - ends + counts).repeat(counts)
    places += np.arange(len(places))
    return np.asarray(places)


def _spans(start: int, counts: Places) -> npt.NDArray[np.intp]:
    return np.stack([start + counts.cumsum() - counts, counts])
