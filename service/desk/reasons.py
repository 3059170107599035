"""Evidence in words that an editor reads: phrases of the headline, what each does, and why it stands out.

Steps of strength are of log-odds and the same for every headline, so that colours can be compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.judgement import AXES, Axis, Evidence, Span

STEPS = (0.5, 1.25, 2.5)  # log-odds from which a word is marked lightly, clearly, strongly; `marks.js` has them too
DEGREES = ("a little", "clearly", "strongly")
_JOINED = 3  # words of a phrase at most
_SHOUTED = re.compile(r"\b[^\W\d_]{4,}\b")
_ELLIPSIS = re.compile(r"(?:…|\.\.\.)\W*$")
_WORD_S_END = re.compile(r"\S*")
_READER = frozenset("you you'll you're you've you'd your yours yourself".split())
_POINTING = frozenset("this these here's what why how who when which".split())
_QUOTED = re.compile(r"“[^”]*”|(?<!\w)‘.*?’(?!\w)|\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Phrase:
    """One to three words that stand together, what they add to each axis, and why."""

    start: int
    end: int
    text: str
    sensational: float
    clickbait: float
    why: str
    quoted: bool

    @property
    def axis(self) -> Axis:
        """The axis that it moves most."""
        return max(AXES, key=lambda axis: abs(getattr(self, axis)))

    @property
    def weight(self) -> float:
        """What it adds to that axis' log-odds."""
        return float(getattr(self, self.axis))

    @property
    def step(self) -> int:
        """How strong it is, 1 to 3; 0 is not marked."""
        return step_of(self.weight)

    @property
    def reasons(self) -> str:
        """Say what can be seen of it, empty where the words alone are the reason."""
        return ", ".join(filter(None, (self.why, "held inside a quotation" if self.quoted else "")))

    @property
    def does(self) -> str:
        """Say what it does."""
        if self.weight < 0:
            return f"makes it less {self.axis}"
        return f"pushes it {DEGREES[self.step - 1]} towards {self.axis}"


def step_of(weight: float) -> int:
    """Give the step of a weight, 0 to 3."""
    return sum(abs(weight) >= least for least in STEPS)


def marks_of(evidence: Evidence) -> tuple[tuple[int, int, str], ...]:
    """Give the words to be marked, in order: start, end, and the axis' first letter with the step, such as `s3`.

    Each word by its own weight, whatever phrase it is in; what calms is not marked.
    """
    found = []
    for span in sorted(evidence.spans, key=lambda span: span.start):
        axis = max(AXES, key=lambda axis: abs(getattr(span, axis)))
        weight = getattr(span, axis)
        if weight >= STEPS[0]:
            found.append((span.start, span.end, f"{axis[0]}{step_of(weight)}"))
    return tuple(found)


def phrases_of(headline: str, evidence: Evidence) -> tuple[Phrase, ...]:
    """Give the phrases that are strong enough to be marked, strongest first."""
    quotations = [match.span() for match in _QUOTED.finditer(headline)]
    strong = sorted((span for span in evidence.spans if _step(span)), key=lambda span: span.start)
    joined: list[list[Span]] = []
    for span in strong:
        if joined and _belongs(headline, joined[-1], span):
            joined[-1].append(span)
        else:
            joined.append([span])
    return tuple(sorted((_phrase(headline, one, quotations) for one in joined), key=lambda one: -abs(one.weight)))


def left_over(evidence: Evidence, phrases: Sequence[Phrase], axis: Axis) -> float:
    """Give what an axis has of no phrase: all weak words, and marks of the headline as a whole, such as its length."""
    whole = sum(getattr(span, axis) for span in evidence.spans) + evidence.rest[axis]
    return float(whole - sum(getattr(phrase, axis) for phrase in phrases))


def _step(span: Span) -> int:
    return step_of(max(span.sensational, span.clickbait, key=abs))


def _belongs(headline: str, before: Sequence[Span], span: Span) -> bool:
    """Tell whether a word goes on with a phrase: strong on the same axis, in the same direction, after a space."""
    if len(before) >= _JOINED or headline[before[-1].end : span.start] != " " or _breaks(before[-1].text, span.text):
        return False
    return any(getattr(before[-1], axis) >= STEPS[0] and getattr(span, axis) >= STEPS[0] for axis in AXES)


def _breaks(before: str, after: str) -> bool:
    """Tell whether a mark stands between two words: a phrase is the writer's own or another's, never both."""
    return not (before[-1:].isalnum() and after[:1].isalnum())


def _phrase(headline: str, spans: Sequence[Span], quotations: Sequence[tuple[int, int]]) -> Phrase:
    start, end = spans[0].start, spans[-1].end
    text = headline[start:end]
    quoted = any(first <= start and end <= last for first, last in quotations)
    sums = {axis: sum(getattr(span, axis) for span in spans) for axis in AXES}
    why = _why(headline, start, text, max(sums.values(), key=abs))
    return Phrase(start, end, text, sums["sensational"], sums["clickbait"], why, quoted)


def _why(headline: str, start: int, text: str, weight: float) -> str:
    """Say what can be seen of a phrase; where nothing can, its words alone are the reason."""
    if weight < 0:
        return "plain wording"
    text += _WORD_S_END.match(headline, start + len(text)).group()  # type: ignore[union-attr]  # it matches nothing, too
    words = {word.replace("’", "'").casefold() for word in re.findall(r"[\w'’]+", text)}
    is_last = not headline[start + len(text) :].strip(" .'\"’”")
    seen = {
        "SHOUTED word": any(word.isupper() for word in _SHOUTED.findall(text)),
        "ends in an ellipsis" if is_last else "trails off in an ellipsis": bool(_ELLIPSIS.search(text)),
        "exclaims": "!" in text,
        "ends in a question": "?" in text and is_last,
        "opens with a number": not headline[:start].strip() and text[:1].isdigit(),
        "speaks to the reader": bool(words & _READER),
        "points without naming": bool(words & _POINTING),
    }
    return ", ".join(name for name, holds in seen.items() if holds)
