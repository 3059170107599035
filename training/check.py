"""What is wrong with labelled headlines, said before anything is learned from them."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from model.errors import LabelError
from model.judgement import AXES, Axis
from model.plain import many
from model.terms.cleaning import LONGEST, clean
from training.corpora import Corpus
from training.folds import lack, missing_class, split_axes
from training.near_duplicates import near_duplicate_groups
from training.recipe import Recipe

Floats = npt.NDArray[np.float64]

LEAK = 0.80  # ROC AUC of one surface feature; the corpora's honest ones stay below 0.7, Stop Clickbait's case has 0.97
DOMINANT = 0.5  # share of one side's headlines that come from one outlet
CHANCE = 0.05  # with which any outlet, of all, would have one label only if labels were drawn
_NAMED = 5  # outlets in a line
_ABSURD = f"absurd: over {LONGEST} characters, or fewer than two words"

_WORD = re.compile(r"\w+")

SURFACE: Mapping[str, Callable[[str], float]] = {
    "characters": len,
    "words": lambda text: len(text.split()),
    "share of words capitalised": lambda text: _share(str.isupper, _first_letters(text)),
    "share of words in capitals": lambda text: _share(lambda w: len(w) > 1 and w.isupper(), text.split()),
    "starts with a number": lambda text: float(text[:1].isdigit()),
    "digits": lambda text: sum(character.isdigit() for character in text),
    "question marks": lambda text: text.count("?"),
    "exclamation marks": lambda text: text.count("!"),
    "quotation marks": lambda text: sum(text.count(mark) for mark in "\"'“”‘’"),
    "typographic quotes": lambda text: sum(text.count(mark) for mark in "“”‘’"),
    "colons": lambda text: text.count(":"),
    "ellipses": lambda text: text.count("...") + text.count("…"),
    "dashes and bars": lambda text: sum(text.count(mark) for mark in "–—|") + text.count(" - "),
    "letters outside ASCII": lambda text: sum(c.isalpha() and not c.isascii() for c in text),
}


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Headlines that say the same; `rows` counts those beyond the first of each group."""

    rows: int
    groups: int


@dataclass(frozen=True, slots=True)
class DataReport:
    """Everything that the check looked at; `problems` says in words what a person should act on."""

    rows: int
    tiers: Mapping[str, int]
    outlets: Mapping[str, Mapping[str, int]]  # tier -> outlet -> rows
    empty: tuple[int, ...]  # row numbers from 1
    absurd: tuple[int, ...]
    exact: Duplicates
    near: Duplicates
    conflicting: tuple[tuple[int, ...], ...]  # rows of the same text with different labels
    surface: Mapping[Axis, Mapping[str, float]]  # ROC AUC that each feature alone would reach, 0.5-1
    origin: Mapping[Axis, Mapping[str, float]]  # the same of outlet and topic: the mean label of its other headlines
    spellings: tuple[tuple[str, ...], ...]  # of each publisher that is written in several ways
    alone: Mapping[str, str]  # tier -> the only publisher that has any of its headlines
    one_sided: Mapping[str, tuple[str, int]]  # outlet -> the only label that its headlines have, and how many they are
    refused: tuple[str, ...]  # what training would refuse
    notes: tuple[str, ...]  # what it would do otherwise than one might expect
    unlabelled: tuple[int, ...] = ()
    unspoken: tuple[str, ...] = ()  # tiers of axes that train takes from its base: that they lack is no fault

    @property
    def problems(self) -> list[str]:
        """Say what would mislead training."""
        return [
            *self._row_problems(),
            *self._balance_problems(),
            *self._outlet_problems(),
            *self._leaks(),
            *self.refused,
        ]

    def _row_problems(self) -> list[str]:
        found = (
            (len(self.empty), "row", "is empty", "are empty"),
            (len(self.absurd), "row", f"is {_ABSURD}", f"are {_ABSURD}"),
            (len(self.unlabelled), "row", "is without a label", "are without a label"),
            (len(self.conflicting), "text", "stands there with different labels", "stand there with different labels"),
            (self.exact.rows, "row", "repeats an earlier one", "repeat an earlier one"),
            (self.near.rows, "row", "is a near-duplicate of an earlier one", "are near-duplicates of an earlier one"),
        )
        return [f"{many(count, noun)} {one if count == 1 else more}" for count, noun, one, more in found if count]

    def _balance_problems(self) -> list[str]:
        missing = [
            f"no {tier} headline"
            for tier in ("measured", "sensational", "clickbait")
            if not self.tiers.get(tier) and tier not in self.unspoken
        ]
        shares = [
            (tier, outlet, rows / sum(outlets.values()))
            for tier, outlets in self.outlets.items()
            for outlet, rows in outlets.items()
            if len(outlets) > 1
        ]
        return missing + [f"{outlet} is {share:.0%} of {tier}" for tier, outlet, share in shares if share > DOMINANT]

    def _outlet_problems(self) -> list[str]:
        found = [
            f"{' and '.join(map(repr, names))} are one publisher in {len(names)} spellings, and count as one"
            for names in self.spellings
        ]
        found += [
            f"all {many(self.tiers[tier], f'{tier} headline')} are of one outlet, {outlet}, whose voice will be learned"
            for tier, outlet in self.alone.items()
        ]
        if self.one_sided:
            most = sorted(self.one_sided.items(), key=lambda item: -item[1][1])
            named = ", ".join(f"{outlet} ({rows:,} {tier})" for outlet, (tier, rows) in most[:_NAMED])
            more = ", ..." if len(most) > _NAMED else ""
            found.append(
                f"{many(len(most), 'outlet')} with one label only: {named}{more}: whose headline it is gives it away"
            )
        return found

    def _leaks(self) -> list[str]:
        return [
            f"{feature} alone separates {axis} with ROC AUC {auc:.3f}: format gives the label away"
            for axis, features in self.surface.items()
            for feature, auc in features.items()
            if auc >= LEAK
        ] + [
            f"{origin} alone separates {axis} with ROC AUC {auc:.3f}: a head will learn whose headline it is"
            for axis, origins in self.origin.items()
            for origin, auc in origins.items()
            if auc >= LEAK
        ]


def check_data(corpus: Corpus, recipe: Recipe | None = None) -> DataReport:
    """Look at n labelled headlines for what would mislead training, or what it would refuse."""
    cleaned = [clean(text).casefold() for text in corpus.text]
    lengths = np.array([len(_WORD.findall(text)) for text in cleaned])
    empty = np.array([not text for text in cleaned], dtype=bool)
    absurd = ~empty & ((np.array([len(text) for text in corpus.text]) > LONGEST) | (lengths < 2))
    groups = near_duplicate_groups(cleaned)
    is_mark = corpus.raters == 0  # an encoder's, of a headline that may stand there with its rating as well
    usable, said = corpus[corpus.usable], corpus[~corpus.unlabelled]
    refused, notes = _training(usable, recipe or Recipe())
    return DataReport(
        rows=len(corpus),
        tiers=dict(Counter(said.tier)),  # plain: dataclasses.asdict would count a Counter's items anew
        outlets={tier: dict(Counter(said.outlet[said.tier == tier])) for tier in dict.fromkeys(said.tier)},
        unlabelled=_row_numbers(corpus.unlabelled),
        unspoken=tuple(_from_base(usable)),
        empty=_row_numbers(empty),
        absurd=_row_numbers(absurd),
        exact=_duplicates(np.unique(np.array(cleaned, dtype=object), return_inverse=True)[1], is_mark),
        near=_duplicates(groups, is_mark),
        conflicting=_conflicts(cleaned, corpus),
        surface={axis: _surface(corpus, axis) for axis in AXES},
        origin={axis: _origin(corpus, axis) for axis in AXES},
        spellings=_spellings(corpus),
        alone=_alone(said),
        one_sided=_one_sided(said),
        refused=refused,
        notes=notes,
    )


def _training(usable: Corpus, recipe: Recipe) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give what training would refuse of the usable headlines, and what it would note, in the words that it has."""
    given = _from_base(usable)
    missing = [why for axis in AXES if (why := missing_class(usable, axis))]
    if missing and not given:
        return tuple(missing), ()
    refused, notes = (
        list[str](),
        [f"{lack(usable, axis)}: train takes that axis from its --base model" for axis in given],
    )
    groups = near_duplicate_groups(list(usable.text))
    for axis in AXES:
        if axis not in given:
            try:
                notes += split_axes(usable, groups, [axis], recipe)[axis].lines
            except LabelError as error:
                refused.append(str(error))
    return tuple(refused), tuple(notes)


def _from_base(usable: Corpus) -> list[Axis]:
    """Give the axis that train takes from its base, if it is one: of the other, there are both classes."""
    missing = [axis for axis in AXES if missing_class(usable, axis)]
    return missing if len(missing) < len(AXES) else []


def _spellings(corpus: Corpus) -> tuple[tuple[str, ...], ...]:
    written: dict[str, dict[str, None]] = {}
    for name, spelling in dict.fromkeys(zip(corpus.publisher, corpus.spelling, strict=True)):
        if name:
            written.setdefault(name, {})[spelling] = None
    return tuple(tuple(names) for names in written.values() if len(names) > 1)


def _alone(corpus: Corpus) -> dict[str, str]:
    outlets = {str(tier): set(corpus.publisher[corpus.tier == tier]) for tier in dict.fromkeys(corpus.tier)}
    return {tier: str(next(iter(names))) for tier, names in outlets.items() if len(names) == 1 and names != {""}}


def _one_sided(corpus: Corpus) -> dict[str, tuple[str, int]]:
    """Give the publishers whose headlines have one label, where they are too many for that to be chance."""
    known = corpus[corpus.publisher != ""]
    tiers, outlets = Counter(known.tier), Counter(known.publisher)
    by_both = Counter(zip(known.publisher, known.tier, strict=True))
    return {
        str(outlet): (str(tier), rows)
        for (outlet, tier), rows in by_both.items()
        if rows == outlets[outlet] and len(tiers) > 1 and (tiers[tier] / len(known)) ** rows < CHANCE / len(outlets)
    }


def surface_features(headlines: npt.NDArray[np.object_]) -> Floats:
    """Give the features that need no word, shape (n, features), of headlines as given."""
    return np.array([[feature(text) for feature in SURFACE.values()] for text in headlines], dtype=float)


def _surface(corpus: Corpus, axis: Axis) -> dict[str, float]:
    known = corpus[corpus.labelled(axis)]
    truth = known.target(axis)
    if len(set(truth)) < 2:
        return {}
    aucs = [float(roc_auc_score(truth, column)) for column in surface_features(known.text).T]
    found = {name: max(auc, 1 - auc) for name, auc in zip(SURFACE, aucs, strict=True)}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _origin(corpus: Corpus, axis: Axis) -> dict[str, float]:
    """Give how well a headline's outlet, and its topic, tell its label: by the mean label of their others."""
    known = corpus[corpus.labelled(axis)]
    truth = known.target(axis)
    found = {}
    for name, values in (("outlet", known.publisher), ("topic", known.category)):
        own, kind, size = np.unique(values.astype(str), return_inverse=True, return_counts=True)
        told = (own[kind] != "") & (size[kind] > 1)
        if len(own) > 1 and len(set(truth[told])) > 1:
            others = (np.bincount(kind, truth)[kind] - truth) / np.maximum(size[kind] - 1, 1)
            found[name] = float(roc_auc_score(truth[told], others[told]))
    return found


def _duplicates(groups: npt.NDArray[np.int64], is_mark: npt.NDArray[np.bool_]) -> Duplicates:
    """Count them among readers' headlines and an encoder's marks apart: a mark beside its rating repeats nothing."""
    sizes = np.bincount(2 * groups + is_mark) if len(groups) else np.zeros(0, np.int64)
    return Duplicates(rows=int((sizes[sizes > 1] - 1).sum()), groups=int((sizes > 1).sum()))


def _conflicts(cleaned: list[str], corpus: Corpus) -> tuple[tuple[int, ...], ...]:
    """Give the rows of each text that is labelled both ways; what an encoder makes of it contradicts nobody."""
    rows: dict[str, list[int]] = {}
    for number, text in enumerate(cleaned):
        if corpus.raters[number] > 0:
            rows.setdefault(text, []).append(number)
    repeated = [np.array(same) for text, same in rows.items() if text and len(same) > 1]
    return tuple(tuple(int(n) + 1 for n in same) for same in repeated if _conflict(corpus[same]))


def _conflict(same: Corpus) -> bool:
    return any({0.0, 1.0} <= set(same.target(axis)) for axis in AXES) or len(set(same.tier) - {""}) > 1


def _row_numbers(mask: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(int(number) + 1 for number in np.flatnonzero(mask))


def _first_letters(text: str) -> list[str]:
    """Give each word's first letter, past quotes and brackets; a number has none, and counts for neither case."""
    return [letter for word in text.split() if (letter := next(filter(str.isalpha, word), ""))]


def _share(holds: Callable[[str], bool], words: list[str]) -> float:
    return sum(map(holds, words)) / max(len(words), 1)
