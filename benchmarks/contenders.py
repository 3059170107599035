"""What is timed: scikit-learn's pipelines, the portable scorer with and without memory, the compiled one."""

from collections.abc import Sequence
from pathlib import Path

import joblib

from benchmarks.timing import Batches, Measure, Score, timed
from model.artefact import Artefact
from model.judgement import AXES
from model.scorer import Scorer
from model.scoring.compiled import is_available
from training.candidate import PIPELINES

FRESH_MOST = 20  # scorers made for one round: making one takes far longer than what is timed


def scikit_learn(folder: Path, artefact: Artefact, warm_up: Sequence[str]) -> Measure:
    """Time both pipelines on headlines cut once, by an analyzer that remembers the words of all headlines so far."""
    pipelines = joblib.load(folder / PIPELINES)
    analyze = artefact.settings.analyze

    def score(batch: list[str]) -> None:
        terms = [analyze(headline) for headline in batch]
        for axis in AXES:
            pipelines[axis].predict_proba(terms)

    for headline in warm_up:
        analyze(headline)
    return lambda batches: timed(score, batches)


def portable_new(artefact: Artefact) -> Measure:
    """Time the portable scorer as it is when just made: a new one for each batch, its making not timed."""
    _portable(artefact)(["A headline for the code, not for the memory, to be warm"])

    def measure(batches: Batches) -> float:
        chosen = batches[:FRESH_MOST]
        spent = sum(timed(_portable(artefact), [batch]) * len(batch) for batch in chosen)
        return spent / sum(map(len, chosen))

    return measure


def portable_warm(artefact: Artefact, warm_up: Sequence[str]) -> Measure:
    """Time the portable scorer when it has met other headlines before: made and warmed anew for each round."""

    def measure(batches: Batches) -> float:
        score = _portable(artefact)
        for start in range(0, len(warm_up), 2000):
            score(list(warm_up[start : start + 2000]))
        for headline in warm_up[:50]:
            score([headline])
        return timed(score, batches)

    return measure


def compiled(artefact: Artefact, warm_up: Sequence[str]) -> dict[str, Measure]:
    """Time the compiled scorer; give nothing where it was not built."""
    if not is_available():
        return {}
    score = Scorer(artefact, portable=False).predict_proba

    def measure(batches: Batches) -> float:
        score(list(warm_up[:2000]))
        return timed(score, batches)

    return {"compiled": measure}


def _portable(artefact: Artefact) -> Score:
    return Scorer(artefact, portable=True).predict_proba
