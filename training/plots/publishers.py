"""Publishers side by side: how the probabilities of each one's headlines are spread."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from model.judgement import Thresholds
from training.corpora import Floats
from training.plots.picture import PALETTE, Picture, picture
from training.scored import ScoredSet
from training.slices import large_publishers

MOST = 20  # publishers in one picture
_LONGEST = 30  # characters of a name
_ROW, _MARGIN, _WIDTH = 0.27, 1.05, 5.0  # inches
_OVERLAP = 1.35  # of a ridge with the row above
_STEPS = 100
_SMOOTHING = 2.5  # steps, as a standard deviation
_MARKERS = {"measured": "o", "flagged": "D", "mixed": "s"}


@dataclass(frozen=True, slots=True)
class Spread:
    """One publisher's probabilities, and the side it is labelled on: `measured`, `flagged` or `mixed`."""

    publisher: str
    side: str
    probability: Floats

    @property
    def median(self) -> float:
        """Give the probability that half of the headlines reach."""
        return float(np.median(self.probability))


def spreads_of(scored: ScoredSet) -> list[Spread]:
    """Give the largest publishers' spreads, at most `MOST`, highest median first."""
    found = [_spread(scored, name) for name in large_publishers(scored.publisher)[:MOST]]
    return sorted(found, key=lambda spread: (-spread.median, spread.publisher))


def publishers(scored: ScoredSet, thresholds: Thresholds, name: str) -> Picture | None:
    """Draw a ridge per publisher, highest median on top; None where no publisher has enough headlines."""
    if not (spreads := spreads_of(scored)):
        return None

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        _lay_out(axes, spreads, scored)
        _draw_thresholds(axes, thresholds, len(spreads))
        for row, spread in enumerate(reversed(spreads)):
            _draw_ridge(axes, spread, row)
        _draw_legend(figure, spreads, scored)

    top, last = spreads[0], spreads[-1]
    alt = f"Probability of {scored.axis} over the headlines of {len(spreads)} publishers, from {top.publisher}, "
    alt += f"median {top.median:.2f}, down to {last.publisher}, median {last.median:.2f}."
    return picture(name, alt, (_WIDTH, _MARGIN + _ROW * len(spreads)), draw)


def density(probability: Floats) -> Floats:
    """Give a smoothed histogram of `_STEPS` steps from 0 to 1 whose highest is 1; mass stays within the ends."""
    counts = np.histogram(probability, bins=_STEPS, range=(0, 1))[0].astype(float)
    reach = int(4 * _SMOOTHING)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(counts, reach, mode="symmetric"), kernel, mode="valid")
    return np.asarray(smooth / smooth.max(), dtype=np.float64)


def _spread(scored: ScoredSet, publisher: str) -> Spread:
    rows = scored.publisher == publisher
    labelled = scored.truth[rows].mean()
    side = "measured" if labelled == 0 else "flagged" if labelled == 1 else "mixed"
    return Spread(publisher, side, scored.probability[rows])


def _draw_ridge(axes: Axes, spread: Spread, row: int) -> None:
    x = (np.arange(_STEPS) + 0.5) / _STEPS
    top = row + _OVERLAP * density(spread.probability)
    order = -row  # a lower row stands before the one above it
    colour = PALETTE[spread.side]
    axes.fill_between(x, row, top, facecolor=PALETTE["paper"], linewidth=0, zorder=order - 0.2)
    axes.fill_between(x, row, top, facecolor=colour, alpha=0.45, linewidth=0, zorder=order - 0.1)
    axes.plot(x, top, color=colour, linewidth=0.9, zorder=order)
    mark = axes.scatter([spread.median], [row + 0.14], 20, PALETTE["ink"], marker=_MARKERS[spread.side], zorder=4)
    mark.set(edgecolor=PALETTE["paper"], linewidth=0.6)


def _lay_out(axes: Axes, spreads: Sequence[Spread], scored: ScoredSet) -> None:
    rows = range(len(spreads))
    axes.set(xlim=(0, 1), ylim=(-0.15, len(spreads) + 0.6), xlabel=f"Probability of {scored.axis}")
    axes.set_yticks(rows, [_short(spread.publisher) for spread in reversed(spreads)], va="bottom")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for row, spread in enumerate(reversed(spreads)):
        count = f"{len(spread.probability):,}"
        axes.annotate(
            count, (1, row), (5, 1), textcoords="offset points", color=PALETTE["faint"], annotation_clip=False
        )
    axes.annotate("headlines", (1, len(spreads)), (5, 3), textcoords="offset points", color=PALETTE["faint"])


def _draw_thresholds(axes: Axes, thresholds: Thresholds, rows: int) -> None:
    for label, value in (("lower", thresholds.lower), ("upper", thresholds.upper)):
        axes.axvline(value, color=PALETTE["ink"], linestyle=(0, (3, 2)), linewidth=0.8, zorder=3)
        axes.text(value, rows + 0.62, label, ha="center", va="bottom")


def _draw_legend(figure: Figure, spreads: Sequence[Spread], scored: ScoredSet) -> None:
    labels = {"flagged": f"labelled {scored.axis}", "mixed": "labelled both ways", "measured": "labelled measured"}
    handles = [
        Line2D([], [], color=PALETTE[side], marker=_MARKERS[side], markerfacecolor=PALETTE["ink"], label=label)
        for side, label in labels.items()
        if any(spread.side == side for spread in spreads)
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), handlelength=1.6)


def _short(publisher: str) -> str:
    name = " ".join(publisher.split())
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
