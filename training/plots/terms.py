"""A head's strongest terms, each way, as bars with names that a reader understands."""

import numpy as np
from matplotlib.figure import Figure

from model.artefact import Artefact
from model.judgement import Axis
from model.terms.analyzer import BLOCKS, block_of
from training.plots.picture import PALETTE, Picture, picture

MOST = 25
_WIDTH, _ROW, _MARGIN = 3.9, 0.205, 0.55  # inches


def strongest_terms(artefact: Artefact, axis: Axis, sign: int) -> list[tuple[str, float]]:
    """Give the terms that move an axis most, up (`sign` 1) or down (-1): term, and coefficient times idf."""
    weights = artefact.weights[axis].astype(np.float64) * artefact.weights["idf"]
    order = np.argsort(-sign * weights, kind="stable")[:MOST]
    return [(artefact.terms[row], float(weights[row])) for row in order if sign * weights[row] > 0]


def readable(term: str) -> str:
    """Name a term for a reader by its block: a word in quotes, else what it is and its form."""
    block = BLOCKS[block_of(term)]
    names = {
        "words": f"“{term}”",
        "chars": f"letters {term[1:]}",
        "style": f"mark: {term[1:-1]}",
        "skeleton": f"skeleton {term[1:]}",
        "form": f"form: {term[1:]}",
    }
    return names[block]


def terms(artefact: Artefact, axis: Axis, sign: int, name: str) -> Picture | None:
    """Draw the strongest terms one way; None where there are none."""
    if not (found := strongest_terms(artefact, axis, sign)):
        return None
    way = f"towards {axis}" if sign > 0 else f"away from {axis}"

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        rows = range(len(found))
        sizes = [abs(weight) for _, weight in found]
        bars = axes.barh(rows, sizes, color=PALETTE["flagged" if sign > 0 else "measured"], height=0.72)
        axes.bar_label(bars, [_signed(weight) for _, weight in found], padding=2, color=PALETTE["faint"], fontsize=8)
        axes.set_yticks(rows, [readable(term) for term, _ in found])
        axes.set(title=f"Strongest {way}", xticks=[], xlim=(0, 1.15 * max(sizes)), ylim=(len(found) - 0.4, -0.6))
        axes.tick_params(axis="y", length=0)
        axes.spines[["bottom", "left"]].set_visible(False)

    alt = f"The {len(found)} terms that weigh most {way}: {', '.join(readable(term) for term, _ in found[:8])}, and on."
    return picture(name, alt, (_WIDTH, _MARGIN + _ROW * len(found)), draw)


def _signed(weight: float) -> str:
    return f"{'+' if weight > 0 else '−'}{abs(weight):.1f}"
