"""Every choice of training in one place; docs/evaluation.md has the measurements behind the defaults."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from model.judgement import Axis
from model.terms.analyzer import BLOCKS, TermSettings


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """How one axis' logistic regression is fitted."""

    c: float  # inverse strength of the L2 penalty
    blocks: tuple[str, ...] = BLOCKS  # the terms that it may use
    # the terms of its prior: without form, since the other corpora's case and length give their labels away
    prior_blocks: tuple[str, ...] = ("words", "chars", "style", "skeleton")
    ratio_power: float = 0.5  # of the log-count ratio that scales each term; 0 scales nothing
    undated: float = 1.0  # weight of the headlines without a date of a publisher of certain label


def _heads() -> dict[Axis, HeadRecipe]:
    # Form and skeleton tell a publisher's house style: each lowers the sensational head out of publisher (ROC AUC .888
    # to .846 and .885), and raises the clickbait head on Webis-17 (.880 to .886, 5-fold). The undated headlines of core
    # tabloids are of 2013-14, when these were soberer: at .15 the head gains .010 on 2022 after a fit on earlier years.
    return {"sensational": HeadRecipe(1.0, ("words", "chars", "style"), undated=0.15), "clickbait": HeadRecipe(0.8)}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices; kept in the manifest."""

    terms: TermSettings = field(default_factory=TermSettings)
    min_outlets: int = 3  # that use a term; one outlet's term tells who printed a headline, not how it is written
    max_terms: int = 250_000
    heads: Mapping[Axis, HeadRecipe] = field(default_factory=_heads)
    outlet_power: float = 0.5  # an outlet of n headlines weighs n ** (1 - this)
    wider_positive: float = 0.05  # weight of flagged-class headlines of outlets whose label is less certain
    wider_negative: float = 0.25  # weight of measured ones
    folds: int = 5
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Give the choices as the manifest keeps them."""
        return {name: value for name, value in asdict(self).items() if name not in {"terms", "seed"}}
