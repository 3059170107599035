"""Times scikit-learn's pipelines, both scorers and the floor side by side on headlines that none has seen; evidence.

python -m benchmarks.scoring [--candidate build/candidate] [--corpora ../shared/corpora]
"""

from collections.abc import Sequence
from pathlib import Path

import click

from benchmarks.contenders import compiled, portable_new, portable_warm, scikit_learn
from benchmarks.floor import floor
from benchmarks.material import Headlines, candidate_option, corpora_option, ready
from benchmarks.timing import ROUNDS, Batches, Measure, drawn, interleaved, print_table, print_title, timed, times
from model.artefact import Artefact, load
from model.scorer import Scorer
from model.scoring.compiled import is_available

SIZES = {1: 200, 100: 2000, 10_000: 10_000}  # of a batch: headlines of a round
NEW, WARM = "portable, new", "portable, warm"
GOALS = {"compiled": (300, 30, 20), NEW: (20, 5, 0)}  # times scikit-learn's rate, at each size
FLOOR_GOAL = 2
TOGETHER, EXPLAINED, EVIDENCE_GOAL = 30, 1500, 3  # a page's headlines; of a round; times the plain verdict


@click.command()
@candidate_option
@corpora_option
def main(candidate: Path, corpora: Path) -> None:
    """Print microseconds a headline, and ratios, at several batch sizes."""
    folder, headlines = ready(candidate), Headlines(corpora)
    measures = _measures(folder, headlines)
    sizes = [min(size, len(headlines.unseen)) for size in SIZES]
    found = {
        size: interleaved(measures, drawn(headlines.unseen, size, most))
        for size, most in zip(sizes, SIZES.values(), strict=True)
    }
    print_title(
        "Scoring: microseconds a headline, and times scikit-learn's rate",
        f"{headlines.source}; both axes. Median of {ROUNDS} rounds in turn, each with another draw of "
        f"{', '.join(f'{most:,}' for most in SIZES.values())} headlines at most; one thread. "
        f"Warm: {len(headlines.warm_up):,} other headlines were met before.",
    )
    print_table(["", *(f"batch {size:,}" for size in sizes)], _rows(found))
    _print_evidence(load(folder), headlines)


def _print_evidence(artefact: Artefact, headlines: Headlines) -> None:
    """Print what a verdict costs with its evidence and without, for both scorers."""
    engines = {"compiled": False, "portable": True} if is_available() else {"portable": True}
    measures = {
        f"{name}{kind}": _judging(artefact, headlines.warm_up, portable, bool(kind))
        for name, portable in engines.items()
        for kind in ("", " explained")
    }
    found = interleaved(measures, drawn(headlines.unseen, TOGETHER, EXPLAINED))
    print_title(
        f"Evidence: microseconds a headline, in batches of {TOGETHER}",
        f"Verdicts (`Scorer.judge`) of the same headlines, {EXPLAINED:,} a round at most; both scorers warm. "
        f"Goal: with evidence at most {EVIDENCE_GOAL} times the plain verdict.",
    )
    rows = [(name, found[name], found[f"{name} explained"]) for name in engines]
    print_table(
        ["", "verdict", "with evidence", "ratio"],
        [[name, f"{plain:.2f} us", f"{full:.2f} us", times(full / plain)] for name, plain, full in rows],
    )


def _judging(artefact: Artefact, warm_up: Sequence[str], portable: bool, explain: bool) -> Measure:
    def measure(batches: Batches) -> float:
        scorer = Scorer(artefact, portable=portable)
        for start in range(0, len(warm_up), 2000):
            scorer.predict_proba(warm_up[start : start + 2000])
        return timed(lambda batch: scorer.judge(batch, explain=explain), batches)

    return measure


def _measures(folder: Path, headlines: Headlines) -> dict[str, Measure]:
    artefact = load(folder)
    return {
        "scikit-learn": scikit_learn(folder, artefact, headlines.warm_up),
        NEW: portable_new(artefact),
        WARM: portable_warm(artefact, headlines.warm_up),
        **compiled(artefact, headlines.warm_up),
        **floor(artefact, headlines.unseen),
    }


def _rows(found: dict[int, dict[str, float]]) -> list[list[str]]:
    names = list(next(iter(found.values())))
    rows = [[name, *(f"{by_name[name]:.2f} us" for by_name in found.values())] for name in names]
    for name in (NEW, WARM, "compiled"):
        if name in names:
            rates = [times(by_name["scikit-learn"] / by_name[name]) for by_name in found.values()]
            goals = [f" (goal {goal})" if goal else "" for goal in GOALS.get(name, (0, 0, 0))]
            rows.append([f"{name}: rate", *map(str.__add__, rates, goals)])
    if {"compiled", "floor"} <= set(names):
        ratios = [by_name["compiled"] / by_name["floor"] for by_name in found.values()]
        rows.append(["compiled / floor", *(f"{ratio:.2f} (goal {FLOOR_GOAL})" for ratio in ratios)])
    return rows


if __name__ == "__main__":
    main()
