"""Says how far a verdict hangs on who and where, and how it agrees with clicks.

python -m benchmarks.topics --corpora DIR

Names of people, clubs and places in rated headlines are swapped at random for others of their kind, which changes no
word of style: neither probability should move. In Upworthy's A/B tests, the variant with most clicks should score
higher on clickbait than the one with fewest (Matias et al. 2021).
"""

import argparse
import re
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.judgement import AXES
from model.scorer import Scorer
from model.store import find_model
from model.tables.reader import TableReader
from training.protocol import bootstrap

Floats = npt.NDArray[np.float64]

EACH = 150  # headlines of each kind, at most
KINDS = (
    "Donald Trump|Joe Biden|Boris Johnson|Keir Starmer|Emmanuel Macron|Narendra Modi|Barack Obama|Hillary Clinton|"
    "Theresa May|Vladimir Putin|Kamala Harris|Justin Trudeau|Rishi Sunak|Bernie Sanders",
    "Kim Kardashian|Meghan Markle|Taylor Swift|Kanye West|Prince Harry|Britney Spears|Justin Bieber|Brad Pitt|"
    "Angelina Jolie|Kylie Jenner|Katie Price|Priyanka Chopra|Salman Khan|Tom Cruise|Emma Watson|Ryan Reynolds",
    "Man United|Arsenal|Liverpool|Chelsea|Tottenham|Everton|Newcastle United|West Ham|Barcelona|Real Madrid|Celtic|"
    "Rangers|Leeds United|Aston Villa|Man City",
    "Lakers|Yankees|Cowboys|Patriots|Warriors|Dodgers|Red Sox|Packers|Knicks|Celtics|Giants|Eagles",
    "London|Paris|New York|Sydney|Delhi|Mumbai|Chicago|Toronto|Berlin|Melbourne|Los Angeles|Dublin|Houston|Boston",
    "Birmingham|Manchester|Leeds|Sheffield|Bristol|Glasgow|Cardiff|Nottingham|Leicester|Edinburgh|Belfast|Brisbane|"
    "Perth|Adelaide|Denver|Phoenix|Portland",
    "China|Russia|India|France|Germany|Iran|Australia|Canada|Japan|Brazil|Italy|Spain|Ukraine|Pakistan|Israel|Turkey",
    "Texas|Florida|California|Ohio|Georgia|Arizona|Michigan|Virginia|Kentucky|Oregon|Colorado|Tennessee",
)


def swapped(headlines: Sequence[str], seed: int = 0) -> list[tuple[str, str]]:
    """Give headlines that name somebody or somewhere, each with one in which another is named."""
    random = np.random.default_rng(seed)
    pairs: list[tuple[str, str]] = []
    for kind in KINDS:
        names = kind.split("|")
        named = re.compile(rf"\b(?:{kind})\b")
        found = [text for text in headlines if named.search(text)]
        chosen = [found[number] for number in random.permutation(len(found))[:EACH]]
        pairs += [(text, named.sub(partial(_another, names, random), text)) for text in chosen]
    return pairs


def _another(names: Sequence[str], random: np.random.Generator, named: re.Match[str]) -> str:
    return str(random.choice([name for name in names if name != named[0]]))


def clicked(rows: Sequence[dict[str, str]]) -> list[tuple[str, str]]:
    """Give of each A/B test the headline with the greatest share of clicks and the one with the least."""
    tests: dict[str, list[tuple[float, str]]] = {}
    for row in rows:
        share = float(row["clicks"]) / max(float(row["impressions"]), 1)
        tests.setdefault(row["test_id"], []).append((share, row["text"]))
    ends = [(max(of_test), min(of_test)) for of_test in tests.values() if len(of_test) > 1]
    return [(most[1], least[1]) for most, least in ends if most[0] > least[0]]


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", metavar="DIR", help="default: the model that comes with Broadsheet")
    asked = parser.parse_args()
    scorer = Scorer.load(find_model(asked.model, None))
    pairs = swapped([row["text"] for row in _rows(asked.corpora / "publishers_2023.csv.gz")])
    moved = np.abs(np.subtract(*(scorer.predict_proba(side) for side in zip(*pairs, strict=True))))
    sys.stdout.write(f"\n{len(pairs):,} headlines of publishers_2023 with names swapped; how far a probability moves\n")
    for number, axis in enumerate(AXES):
        median, high = np.quantile(moved[:, number], [0.5, 0.95])
        sys.stdout.write(f"{axis}: median {median:.4f} (goal .05), 95th percentile {high:.4f} (goal .15)\n")
    ends = clicked(_rows(asked.corpora / "upworthy.csv.gz"))
    most, least = (scorer.decision_function(side)[:, AXES.index("clickbait")] for side in zip(*ends, strict=True))
    right = (most > least) + (most == least) / 2
    share = bootstrap(lambda draw: float(right[draw].mean()), len(right))
    sys.stdout.write(f"\n{len(ends):,} A/B tests: the headline with most clicks scores higher: {share} (goal .61)\n")


def _rows(path: Path) -> list[dict[str, str]]:
    with TableReader(path) as table:
        return list(table)


if __name__ == "__main__":
    main()
