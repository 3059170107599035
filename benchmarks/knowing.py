"""Says where the limits of `model.knowing` lie: whom each keeps from a verdict, and whom it should not.

python -m benchmarks.knowing [--ratings FILE]

Headlines in 30 languages and plain titles of one to four words were written for this project (`fixtures/`); rated
headlines, which are English and of ordinary length, should keep their verdicts.
"""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.judgement import AXES
from model.knowing import ENOUGH, FEW, SHARE, may_be_foreign, reason_of
from model.scorer import Scorer
from model.store import find_model
from model.tables.reader import TableReader

FIXTURES = Path(__file__).parents[1] / "fixtures"
FIRST = 20_000  # rated headlines
SHARES, NUMBERS = (0.3, 0.4, 0.5, 0.6, 0.7), (1, 2, 3, 4, 5)


def main() -> None:
    """Print a table for each limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ratings", type=Path, metavar="FILE", help="headlines that readers rated")
    parser.add_argument("--model", help="a version or a folder; default: the one in use")
    asked = parser.parse_args()
    scorer = Scorer.load(find_model(asked.model, None))
    foreign, titles = lines("other_languages.txt"), lines("short_titles.txt")
    rated = _rated(asked.ratings) if asked.ratings else []
    usual = scorer.artefact.known_share
    print(f"model {scorer.version} knows {usual:.0%} of a headline's words as a rule\n")
    print(f"| known words, share of the usual, from {FEW} words on | other languages below | rated headlines below |")
    print("|---|---|---|")
    for share in SHARES:
        both = [_percent(_below(scorer.known_words(some), usual, share)) for some in (foreign, rated)]
        print(f"| {share:g}{' (the limit)' if share == SHARE else ''} | {' | '.join(both)} |")
    found = np.array([_is_foreign(scorer, headline) for headline in foreign])
    print(f"\nof other languages, with what they look like: {_percent(found)}\n")
    if rated:
        print(f"of rated headlines: {_percent(np.array([_is_foreign(scorer, headline) for headline in rated]))}\n")
    print("| fewer known words than | plain titles of 1-4 words flagged | rated headlines without a verdict |")
    print("|---|---|---|")
    flagged, known = _flagged(scorer, titles), scorer.known_words(titles)[:, 0]
    for number in NUMBERS:
        left, few = flagged & (known >= number * usual), scorer.known_words(rated)[:, 0] < number * usual
        print(
            f"| {number}{' (the limit)' if number == ENOUGH else ''} | {left.sum()} of {len(left)} | {_percent(few)} |"
        )


def lines(name: str) -> list[str]:
    """Give the lines of a fixture."""
    return (FIXTURES / name).read_text(encoding="utf-8").splitlines()


def _rated(path: Path) -> list[str]:
    with TableReader(path) as table:
        return [str(row["text"]) for row in islice(table, FIRST)]


def _below(words: npt.NDArray[np.uint16], usual: float, share: float) -> npt.NDArray[np.bool_]:
    return np.array([may_be_foreign(known, count, other, usual, share) for known, count, other in words.tolist()])


def _is_foreign(scorer: Scorer, headline: str) -> bool:
    return reason_of(headline, scorer.known_words([headline])[0], scorer.artefact.known_share) == "other language"


def _flagged(scorer: Scorer, headlines: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Tell what would be flagged were there no limit."""
    upper = [scorer.artefact.heads[axis].thresholds.upper for axis in AXES]
    return np.asarray((scorer.predict_proba(headlines) >= upper).any(axis=1))


def _percent(held: npt.NDArray[np.bool_]) -> str:
    return f"{held.mean():.1%} of {len(held):,}" if len(held) else "not asked"


if __name__ == "__main__":
    main()
