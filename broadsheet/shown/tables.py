"""Verdicts and models as people read them on a terminal, with rich, which nothing but tables and bars needs."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Column, Table
from rich.text import Text

from model.judgement import AXES, Evidence, Judgement
from model.plain import plain, plain_lines

STYLES = {"measured": "green", "uncertain": "yellow", "sensational": "bold red", "clickbait": "bold magenta"}
_TELLING = 0.5  # log-odds from which on what belongs to no word is said
_MARKED = 4  # words of a headline; more would mark the headline instead of the words


def print_table(judgements: Sequence[Judgement], sections: Sequence[str | None] = (), said: Sequence[str] = ()) -> None:
    """Print a row a headline to stdout, in colour on a terminal, under its page's sections where given.

    What is `said` of a headline besides, such as that it is its page's own, stands behind it.
    """
    console = plain_console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in ("verdict", "quality", "sensational", "clickbait"):
        table.add_column(name, justify="left" if name == "verdict" else "right", no_wrap=True)
    table.add_column("headline", overflow="fold")
    section: str | None = None
    for number, one in enumerate(judgements):
        if sections and sections[number] != section:
            section = sections[number]
            table.add_row("", "", "", "", Text(plain(section or ""), style="bold underline"))
        table.add_row(*_table_cells(one, console.is_terminal, said[number] if said else ""))
    console.print(table)


def _table_cells(one: Judgement, colour: bool, said: str) -> Iterable[Text]:
    style = STYLES[one.label]
    yield Text(one.label, style=style)
    yield Text(str(one.quality))
    for axis in AXES:
        yield Text(f"{getattr(one, axis):.2f}", style=STYLES[axis] if axis in one.flags else "")
    yield _headline(one, colour, said)


def _headline(one: Judgement, colour: bool, said: str) -> Text:
    """Give the headline on one line, why there is no verdict, its strongest words marked, with why below it."""
    reason = Text("".join(f" ({part})" for part in (said, one.reason) if part), style="dim")
    if one.evidence is None:
        return Text(plain(" ".join(one.headline.split()))) + reason
    headline, text, done = plain(one.headline), Text(), 0
    for start, end, style in sorted(_marks(one.evidence)):
        marked = headline[start:end]
        text.append(headline[done:start])
        text.append(marked if colour else f"[{marked}]", style=f"{style} reverse")
        done = end
    text.append(headline[done:])
    return text + reason + Text(_why(one.evidence), style="dim")


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
        words = [f"{plain(span.text)} {getattr(span, axis):+.2f}" for span in spans if getattr(span, axis) > 0]
        if (rest := evidence.rest[axis]) >= _TELLING:
            words.append(f"its length and form {rest:+.2f}")
        lines.append(f"\n  {axis}: {', '.join(words) or 'nothing speaks for it'}")
    return "".join(lines)


class PlainConsole(Console):
    """A console that nothing steers but its own styles: what a name or a headline brings along is made blank."""

    def __init__(self, *, stderr: bool = False) -> None:
        """Take brackets and colons in names for what they are; be as wide as a terminal, or 110 columns."""
        wide = (sys.stderr if stderr else sys.stdout).isatty()
        super().__init__(stderr=stderr, highlight=False, emoji=False, width=None if wide else 110)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Give the segments of anything, filtered; cells are filtered before, as rich counts a control for no width."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(plain_lines(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line, which ends quietly; rich would end with 1, by which a check says no."""
        raise BrokenPipeError


def plain_console() -> Console:
    """Give what prints to stdout."""
    return PlainConsole()


def print_model(body: Mapping[str, Any]) -> None:
    """Print a model's summary to stdout; one that was made by hand may lack anything but what scoring needs."""
    console = plain_console()
    body = {
        **dict.fromkeys(("name", "created", "seed", "rule"), "unknown"),
        "corpora": [],
        "metrics": {},
        "verdicts": {},
        "notes": [],
        **body,
    }
    console.print(Text.assemble((plain(body["name"]), "bold"), " version ", (body["version"], "bold"), _trained(body)))
    console.print(f"{body['terms_count']:,} terms; {body['scorer']} scorer; seed {body['seed']}")
    console.print(Text(plain(f"rule for thresholds: {body['rule']}")))
    if base := body.get("base"):
        console.print(Text(plain(f"{base['axis']} is that of model {base['name']}, version {base['version']}")))
    for note in body["notes"]:
        console.print(Text(plain(f"note: {note}")))
    console.print(grid(["axis", "lower", "upper"], [[a, v["lower"], v["upper"]] for a, v in body["axes"].items()]))
    console.print(grid(["corpus", "rows"], [[c["name"], f"{c['rows']:,}"] for c in body["corpora"]]))
    for test_set, by_axis in body["metrics"].items():
        names = list(dict.fromkeys(name for figures in by_axis.values() for name in figures))
        rows = [[name, *(_figure(figures.get(name)) for figures in by_axis.values())] for name in names]
        console.print(grid([f"on {test_set}", *by_axis], rows))
    for test_set, figures in body["verdicts"].items():
        console.print(grid([f"verdicts on {test_set}, by readers", ""], [[n, _figure(f)] for n, f in figures.items()]))


def _trained(body: Mapping[str, Any]) -> str:
    return plain(f", trained {body['created']}")


def grid(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Give a plain table."""
    columns = (Column(_cell(name)) for name in header)
    table = Table(*columns, box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for row in rows:
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> Text:
    """Give a cell as it is, brackets and all; its own lines stay lines."""
    return Text(plain_lines(str(value)))


def _figure(value: object) -> str:
    return f"{value[0]:.3f} [{value[1]:.3f}, {value[2]:.3f}]" if isinstance(value, list) else str(value)
