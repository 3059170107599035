"""Turns a matplotlib drawing into an SVG picture: the same bytes each time, and colours that a page can turn dark."""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from model.plain import plain_lines

# Okabe & Ito's blue, vermilion and purple, darkened to a contrast of 4.5:1 on paper; the report's page gives each name
# its colour in the dark. A picture draws with these colours only.
PALETTE = {
    "paper": "#fffefb",
    "ink": "#1c1b1a",
    "faint": "#66635e",
    "grid": "#dedad2",
    "measured": "#0067a5",
    "flagged": "#c44900",
    "mixed": "#7a4f9a",
}
_STYLE: dict[Any, Any] = {  # Any: the keys are a Literal of matplotlib 3.11, and strings before
    "axes.edgecolor": PALETTE["faint"],
    "axes.facecolor": PALETTE["paper"],
    "axes.labelcolor": PALETTE["ink"],
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PALETTE["paper"],
    "font.size": 9.0,
    "grid.color": PALETTE["grid"],
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "savefig.facecolor": PALETTE["paper"],
    "svg.fonttype": "none",  # text stays text: small, searchable, and in the reader's font
    "text.color": PALETTE["ink"],
    "text.parse_math": False,  # a `$` in a term or a publisher's name is a `$`
    "xtick.color": PALETTE["faint"],
    "xtick.labelcolor": PALETTE["ink"],
    "ytick.color": PALETTE["faint"],
    "ytick.labelcolor": PALETTE["ink"],
}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))
_VARIABLES = {colour: f"var(--{name})" for name, colour in PALETTE.items()}


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with a name that can be a file's, and the words for those who cannot see it."""

    name: str
    alt: str
    svg: str  # stands alone: on paper, light

    @property
    def inline(self) -> str:
        """Give the SVG for the inside of a page: colours by the page's variables, no size of its own, no namespace."""
        head, rest = self.svg.split(">", 1)
        head = re.sub(r' (?:width|height|version|xmlns(?::\w+)?)="[^"]*"', "", head)
        rest = re.sub(r"(?<=: )#[0-9a-f]{6}", lambda found: _VARIABLES.get(found[0], found[0]), rest)
        return f"{head}>{rest.replace('xlink:href', 'href')}"


def picture(name: str, alt: str, size: tuple[float, float], draw: Callable[[Figure], None]) -> Picture:
    """Let `draw` fill a figure of `size` (width, height in inches), and give it as SVG.

    For the time of drawing matplotlib's settings are its defaults and ours, whatever the user has set.
    """
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A browser finds a font for any script; matplotlib only guesses the width of what its own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({**_STYLE, "svg.hashsalt": name})
        figure = Figure(figsize=size, layout="constrained")
        draw(figure)
        buffer = StringIO()
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA)
    return Picture(name, alt, plain_lines(_tidied(buffer.getvalue(), alt)))  # XML knows no controls


def unit_axis(axes: Axes, x: str, y: str) -> None:
    """Lay out axes from 0 to 1 both ways, with a grid below the drawing."""
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel=x, ylabel=y)
    axes.set_axisbelow(True)
    axes.grid(visible=True)


def _tidied(svg: str, alt: str) -> str:
    """Drop the prologue and the ids that pictures would share, shorten coordinates, and say what is seen."""
    svg = svg[svg.index("<svg") :].replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    return re.sub(r' d="[^"]*"', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), svg)
