"""Verdicts and models as people read them on a terminal, with rich, which nothing but tables and bars needs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from model.judgement import AXES, Evidence, Judgement

STYLES = {"measured": "green", "uncertain": "yellow", "sensational": "bold red", "clickbait": "bold magenta"}
# what would steer the terminal: control characters, and those that turn the direction of writing
_CONTROLS = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " ")
_MARKED = 4  # words of a headline; more would mark the headline instead of the words


def print_table(judgements: Sequence[Judgement], sections: Sequence[str | None] = ()) -> None:
    """Print a row a headline to stdout, in colour on a terminal, under its page's sections where given."""
    console = plain_console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("verdict", "quality", "sensational", "clickbait"):
        table.add_column(name, justify="left" if name == "verdict" else "right", no_wrap=True)
    table.add_column("headline", overflow="fold")
    section: str | None = None
    for number, one in enumerate(judgements):
        if sections and sections[number] != section:
            section = sections[number]
            table.add_row("", "", "", "", Text(_plain(section or ""), style="bold underline"))
        table.add_row(*_table_cells(one, console.is_terminal))
    console.print(table)


def _table_cells(one: Judgement, colour: bool) -> Iterable[Text]:
    style = STYLES[one.label]
    yield Text(one.label, style=style)
    yield Text(str(one.quality))
    for axis in AXES:
        yield Text(f"{getattr(one, axis):.2f}", style=STYLES[axis] if axis in one.flags else "")
    yield _headline(one, colour)


def _headline(one: Judgement, colour: bool) -> Text:
    """Give the headline on one line, its strongest words marked, with why below it."""
    if one.evidence is None:
        return Text(_plain(" ".join(one.headline.split())))
    headline, text, done = _plain(one.headline), Text(), 0
    for start, end, style in sorted(_marks(one.evidence)):
        marked = headline[start:end]
        text.append(headline[done:start])
        text.append(marked if colour else f"[{marked}]", style=f"{style} reverse")
        done = end
    text.append(headline[done:])
    return text + Text(_why(one.evidence), style="dim")


def _marks(evidence: Evidence) -> list[tuple[int, int, str]]:
    """Find the words that speak most for an axis, with that axis' style."""
    strong = [
        (span.start, span.end, STYLES[max(AXES, key=lambda axis: getattr(span, axis))])
        for span in sorted(evidence.spans, key=lambda span: -max(span.sensational, span.clickbait))
        if max(span.sensational, span.clickbait) > 0
    ]
    return strong[:_MARKED]


def _why(evidence: Evidence) -> str:
    lines = []
    for axis in AXES:
        spans = sorted(evidence.spans, key=lambda span: -getattr(span, axis))[:_MARKED]
        words = [f"{_plain(span.text)} {getattr(span, axis):+.2f}" for span in spans if getattr(span, axis) > 0]
        lines.append(f"\n  {axis}: {', '.join(words) or 'nothing speaks for it'}")
    return "".join(lines)


def _plain(text: str) -> str:
    """Put a blank in place of each character that would steer the terminal, so that offsets still hold."""
    return text.translate(_CONTROLS)


def plain_console() -> Console:
    """Print to stdout what is given, names with brackets and colons too, as wide as a terminal or 110 columns."""
    return Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else 110)


def print_model(body: Mapping[str, Any]) -> None:
    """Print a model's summary to stdout; one that was made by hand may lack anything but what scoring needs."""
    console = plain_console()
    body = {**dict.fromkeys(("name", "created", "seed", "rule"), "unknown"), "corpora": [], "metrics": {}, **body}
    console.print(f"[bold]{escape(body['name'])}[/] version [bold]{body['version']}[/], trained {body['created']}")
    console.print(f"{body['terms_count']:,} terms; {body['scorer']} scorer; seed {body['seed']}")
    console.print(f"rule for thresholds: {body['rule']}")
    console.print(grid(["axis", "lower", "upper"], [[a, v["lower"], v["upper"]] for a, v in body["axes"].items()]))
    console.print(grid(["corpus", "rows"], [[c["name"], f"{c['rows']:,}"] for c in body["corpora"]]))
    for test_set, by_axis in body["metrics"].items():
        names = list(dict.fromkeys(name for figures in by_axis.values() for name in figures))
        rows = [[name, *(_figure(figures.get(name)) for figures in by_axis.values())] for name in names]
        console.print(grid([f"on {test_set}", *by_axis], rows))


def grid(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Give a plain table."""
    table = Table(*header, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    return table


def _figure(value: object) -> str:
    return f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]" if isinstance(value, list) else str(value)
