"""What the verdicts come to in readers' terms: of headlines that readers rated on both axes, who is called what."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from model.judgement import AXES, Judgement
from training.corpora import Corpus
from training.labels import CLEARLY, SLIGHTLY
from training.metrics import Estimate, estimates

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MEANING = (
    "Clear is a headline that readers call clearly sensational or clickbait (mean mark at least .5 of 1), plain one "
    "that they call neither, not even slightly (.33). Quality is correlated with readers' own, by rank."
)


def verdict_figures(corpus: Corpus, judged: Sequence[Judgement]) -> dict[str, Estimate]:
    """Give how n verdicts stand to the ratings of their headlines, with bootstrap intervals over headlines.

    A headline is clear where readers' mean is at least `CLEARLY` on either axis, and plain where it is below `SLIGHTLY`
    on both; a flag is right where their mean on a flagged axis is at least `SLIGHTLY`. Without a verdict is what the
    model knows too little of, which is `uncertain` besides. `quality` is held against readers' own,
    `(1 - sensational_mean) * (1 - clickbait_mean)`. Headlines that were not rated on both axes are left out; without
    any, nothing is given.
    """
    rated = corpus.rated_on_both
    verdicts = [one for one, is_rated in zip(judged, rated, strict=True) if is_rated]
    return estimates(_figures(corpus[rated], verdicts), len(verdicts)) if verdicts else {}


def _figures(corpus: Corpus, verdicts: Sequence[Judgement]) -> Mapping[str, Callable[[Floats], float]]:
    flags = {axis: np.array([axis in one.flags for one in verdicts]) for axis in AXES}
    label = np.array([one.label for one in verdicts])
    unknown = np.array([one.reason is not None for one in verdicts])
    flagged, everyone = flags["sensational"] | flags["clickbait"], np.ones(len(corpus), dtype=bool)
    clear, touched = (_any([corpus.mean(axis) >= least for axis in AXES]) for least in (CLEARLY, SLIGHTLY))
    right, clearly = (_any([flags[a] & (corpus.mean(a) >= least) for a in AXES]) for least in (SLIGHTLY, CLEARLY))
    shares = {
        "flagged": (flagged, everyone),
        "uncertain": (label == "uncertain", everyone),
        "without_verdict": (unknown, everyone),
        "at_least_slightly_so_of_flagged": (right, flagged),
        "clearly_so_of_flagged": (clearly, flagged),
        "flagged_of_clear": (flagged, clear),
        "flagged_of_clear_with_verdict": (flagged, clear & ~unknown),
        "measured_of_clear": (label == "measured", clear),
        "flagged_of_plain": (flagged, ~touched),
    }
    quality = np.array([one.quality for one in verdicts], dtype=float)
    theirs = np.prod([1 - corpus.mean(axis) for axis in AXES], axis=0)
    return {
        **{name: partial(_share, some, among) for name, (some, among) in shares.items()},
        "quality_rank_correlation": partial(_correlation, rankdata(quality), rankdata(theirs)),
    }


def _any(masks: Sequence[Mask]) -> Mask:
    return np.asarray(np.any(masks, axis=0), dtype=bool)


def _share(some: Mask, among: Mask, weight: Floats) -> float:
    total = weight[among].sum()
    return float(weight[some & among].sum() / total) if total else float("nan")


def _correlation(one: Floats, other: Floats, weight: Floats) -> float:
    one, other = (ranks - np.average(ranks, weights=weight) for ranks in (one, other))
    spread = np.sqrt(np.average(one**2, weights=weight) * np.average(other**2, weights=weight))
    return float(np.average(one * other, weights=weight) / spread) if spread else float("nan")
