"""What a row of a table says of its headline: in which columns, and in which words."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from model.errors import LabelError
from model.judgement import AXES, Axis
from model.tables.reader import TEXT, Row

TIERS = ("measured", "sensational", "clickbait")
CLEARLY, SLIGHTLY = 0.5, 0.33  # mean of the ratings from which a headline is called so; a third is written .3333
UNKNOWN = math.nan
PUBLISHER = "publisher"
_MEAN_COLUMNS: dict[Axis, tuple[str, ...]] = {
    "sensational": ("sensational_mean",),
    "clickbait": ("clickbait_mean", "truth_mean"),
}
_TIER_COLUMNS = ("label", "tier")
LABEL_COLUMNS = (*_TIER_COLUMNS, *AXES, *_MEAN_COLUMNS["sensational"], *_MEAN_COLUMNS["clickbait"])
_TRUTHS = {**dict.fromkeys(("1", "true", "yes", "y", "t"), 1.0), **dict.fromkeys(("0", "false", "no", "n", "f"), 0.0)}
_WHOLE = re.compile(r"(\d+)\.0*")


@dataclass(frozen=True, slots=True)
class Naming:
    """Which columns of a table hold what, where they are not called as ours are, and what its words for labels mean.

    A `label` column that is named is the only one that labels are read from. `words` has a tier for each word, as
    `word_of` gives it.
    """

    text: str = TEXT
    label: str | None = None
    publisher: str = PUBLISHER
    words: Mapping[str, str] = field(default_factory=dict)


class Labels(NamedTuple):
    """What is said of a headline: an axis is 0, 1 or NaN, a mean of ratings 0-1 or NaN."""

    sensational: float = UNKNOWN
    clickbait: float = UNKNOWN
    sensational_mean: float = UNKNOWN
    clickbait_mean: float = UNKNOWN


def labels_of(row: Row, naming: Naming) -> Labels:
    """Read the labels of a row: an axis' own column, else what readers said, else the tier; raise `LabelError`."""
    if naming.label is not None:
        row = {naming.label: row.get(naming.label)}
    means = {axis: _mean(row, axis) for axis in AXES}
    own = tuple(_own(row, axis, naming.words) for axis in AXES)
    read = tuple(float(mean >= CLEARLY) if not math.isnan(mean) else UNKNOWN for mean in means.values())
    sensational, clickbait = (
        next((label for label in labels if not math.isnan(label)), UNKNOWN)
        for labels in zip(own, read, _tier(row, naming), strict=True)
    )
    return Labels(sensational, clickbait, means["sensational"], means["clickbait"])


def word_of(value: object) -> str:
    """Give a cell as the word that it stands for: neither case nor blanks count, nor that 1 is written 1.0."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    word = str(value).strip().casefold()
    whole = _WHOLE.fullmatch(word)
    return whole[1] if whole else word


def number(row: Row, column: str, least: float, most: float, default: float) -> float:
    """Read a number within bounds; an empty cell is the default."""
    value = row.get(column)
    if word_of(value) == "":
        return default
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise LabelError(f"{column} must be a number from {least:g} to {most:g}, got {str(value)[:40]!r}") from error
    if not least <= found <= most:
        raise LabelError(f"{column} must be a number from {least:g} to {most:g}, got {found:g}")
    return found


def _tier(row: Row, naming: Naming) -> tuple[float, float]:
    """Read the tier, which speaks for its own axis, and `measured` for both: a tabloid line may well be bait."""
    own = (
        naming.label if naming.label not in (*AXES, *_MEAN_COLUMNS["sensational"], *_MEAN_COLUMNS["clickbait"]) else ""
    )
    column = next((name for name in (own, *_TIER_COLUMNS) if name and name in row), None)
    if column is None:
        return UNKNOWN, UNKNOWN
    word = word_of(row[column])
    if not word:
        return UNKNOWN, UNKNOWN
    tier = naming.words.get(word, word)
    if tier not in TIERS:
        raise LabelError(
            f"{column} must be one of {', '.join([*TIERS, *naming.words])}, got {str(row[column])[:40].strip()!r}"
            "; --map WORD=measured, sensational or clickbait says what another word means"
        )
    return _axes_of(tier)


def _axes_of(tier: str) -> tuple[float, float]:
    if tier == "measured":
        return 0.0, 0.0
    return (1.0, UNKNOWN) if tier == "sensational" else (UNKNOWN, 1.0)


def _mean(row: Row, axis: Axis) -> float:
    """Read the mean of the ratings, under its name or its older one."""
    for column in _MEAN_COLUMNS[axis]:
        if not math.isnan(mean := number(row, column, 0, 1, UNKNOWN)):
            return mean
    return UNKNOWN


def _own(row: Row, axis: Axis, words: Mapping[str, str]) -> float:
    """Read an axis' own column: 0 or 1, in any of the words for them."""
    word = word_of(row.get(axis))
    if word in words:
        return _axes_of(words[word])[AXES.index(axis)]
    if word in _TRUTHS or word == "":
        return _TRUTHS.get(word, UNKNOWN)
    raise LabelError(f"{axis} must be 0 or 1 (or true, false, yes, no), got {str(row[axis])[:40]!r}")
