"""How well probabilities rank, and whether they mean what they say: ROC, precision-recall, reliability, risk."""

import numpy as np
from matplotlib.figure import Figure
from sklearn.metrics import precision_recall_curve, roc_curve

from training.corpora import Floats
from training.plots.picture import PALETTE, Picture, picture, unit_axis
from training.scored import ScoredSet

BINS = 15  # as in the expected calibration error
MOST_POINTS = 400  # of a curve: more cannot be seen
_SIZE = (3.7, 3.5)
_Z = 1.96


def roc(scored: ScoredSet, upper: float, name: str) -> Picture:
    """Draw recall against false alarms, with the shipped threshold; needs both classes."""
    false_alarms, recall, _ = roc_curve(scored.truth, scored.probability)
    flagged = scored.probability >= upper
    x, y = float(flagged[scored.truth == 0].mean()), float(flagged[scored.truth == 1].mean())

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        unit_axis(axes, "False alarms, share of the others", f"Recall, share of {scored.axis}")
        axes.plot([0, 1], [0, 1], color=PALETTE["faint"], linestyle=":", linewidth=1)
        axes.plot(*thinned(false_alarms, recall), color=PALETTE["flagged"], linewidth=1.8)
        _mark_threshold(figure, x, y, upper)

    alt = f"ROC curve. At the shipped threshold {upper:.3f}: recall {y:.1%} at {x:.1%} false alarms."
    return picture(name, alt, _SIZE, draw)


def precision_recall(scored: ScoredSet, upper: float, name: str) -> Picture:
    """Draw precision against recall, with the shipped threshold; needs both classes."""
    precision, recall, _ = precision_recall_curve(scored.truth, scored.probability)
    flagged = scored.probability >= upper
    x = float(flagged[scored.truth == 1].mean())
    y = float(scored.truth[flagged].mean()) if flagged.any() else float("nan")
    base = scored.positives / len(scored)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        unit_axis(axes, f"Recall, share of {scored.axis}", "Precision, share of the flagged")
        axes.axhline(base, color=PALETTE["faint"], linestyle=":", linewidth=1)
        axes.plot(*thinned(recall, precision), color=PALETTE["flagged"], linewidth=1.8)
        if flagged.any():
            _mark_threshold(figure, x, y, upper)

    said = f"precision {y:.1%} at recall {x:.1%}" if flagged.any() else "no headline is flagged"
    alt = f"Precision-recall curve. At the shipped threshold {upper:.3f}: {said}; a guess would have {base:.1%}."
    return picture(name, alt, _SIZE, draw)


def reliability(scored: ScoredSet, name: str) -> Picture:
    """Draw observed frequency against probability in bins of equal size, above a histogram; needs a headline."""
    bins = np.array_split(np.argsort(scored.probability, kind="stable"), min(BINS, len(scored)))
    mean = np.array([scored.probability[rows].mean() for rows in bins])
    counts = np.array([len(rows) for rows in bins])
    rate = np.array([scored.truth[rows].mean() for rows in bins])
    low, high = wilson(rate, counts)
    size = f"{counts.min():,}" if counts.min() == counts.max() else f"{counts.min():,}–{counts.max():,}"

    def draw(figure: Figure) -> None:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        unit_axis(above, "", "Share that is so labelled")
        above.plot([0, 1], [0, 1], color=PALETTE["faint"], linestyle=":", linewidth=1)
        above.vlines(mean, low, high, color=PALETTE["flagged"], linewidth=1.2)
        above.plot(mean, rate, color=PALETTE["flagged"], marker="o", markersize=3.5, linewidth=1)
        above.text(0.02, 0.97, f"{len(bins)} bins of {size} headlines", va="top", color=PALETTE["faint"])
        heights, edges = np.histogram(scored.probability, bins=25, range=(0, 1))
        below.bar(edges[:-1], heights, width=0.036, align="edge", color=PALETTE["faint"])
        below.set(xlabel="Probability that the model gives", ylabel="Count", yticks=[0, int(heights.max())])

    gap = float(np.max(np.abs(mean - rate)))
    alt = f"Reliability in {len(bins)} bins of {size} headlines; the widest gap to the diagonal is {gap:.3f}."
    return picture(name, alt, _SIZE, draw)


def risk_coverage(scored: ScoredSet, upper: float, name: str) -> Picture:
    """Draw the share of wrong flags and missed ones among the surest headlines, of each share of all; needs a headline.

    Surest is farthest from the threshold, in log-odds (El-Yaniv & Wiener 2010, selective classification).
    """
    odds = _log_odds(scored.probability) - _log_odds(np.array([upper]))
    order = np.argsort(-np.abs(odds), kind="stable")
    wrong = ((scored.probability >= upper) != (scored.truth == 1))[order]
    coverage = np.arange(1, len(scored) + 1) / len(scored)
    risk = np.cumsum(wrong) / np.arange(1, len(scored) + 1)

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        axes.plot(*thinned(coverage, risk), color=PALETTE["flagged"], linewidth=1.8)
        axes.set(xlabel="Coverage, share of headlines, the surest first", ylabel="Risk, share of them wrong")
        axes.set(xlim=(0, 1), ylim=(0, max(0.02, 1.1 * float(risk[len(risk) // 20 :].max()))))

    half = float(risk[(len(risk) - 1) // 2])
    alt = f"Risk-coverage curve. Wrong of the surer half: {half:.1%}; of all: {float(risk[-1]):.1%}."
    return picture(name, alt, _SIZE, draw)


def _log_odds(probability: Floats) -> Floats:
    inside = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(inside / (1 - inside)))


def thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Keep at most `MOST_POINTS` of a curve's points, both ends among them."""
    kept = np.unique(np.linspace(0, len(x) - 1, MOST_POINTS).astype(int))
    return x[kept], y[kept]


def wilson(rate: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Give the 95 % interval of each rate among `counts` headlines (Wilson 1927)."""
    centre = (rate + _Z**2 / (2 * counts)) / (1 + _Z**2 / counts)
    half = _Z * np.sqrt(rate * (1 - rate) / counts + _Z**2 / (4 * counts**2)) / (1 + _Z**2 / counts)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def _mark_threshold(figure: Figure, x: float, y: float, upper: float) -> None:
    axes = figure.axes[0]
    axes.plot([x], [y], marker="D", markersize=6, color=PALETTE["ink"], linestyle="none", zorder=5)
    left = x > 0.55
    label = f"threshold {upper:.3f}"
    axes.annotate(label, (x, y), (-9 if left else 9, -11), textcoords="offset points", ha="right" if left else "left")
