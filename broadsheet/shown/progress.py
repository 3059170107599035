"""Progress bars: on a terminal only, on stderr, gone when the work is done."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from broadsheet.shown.tables import PlainConsole
from model.plain import plain


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar for `what`; the function given takes the share done, 0-1."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn()
    with Progress(*columns, console=PlainConsole(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(plain(what), total=1.0)
        yield lambda share: bar.update(task, completed=share)


@contextmanager
def stages() -> Iterator[Callable[[str], None]]:
    """Show the stage that work is in, with a clock; where stderr is no terminal, nothing."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(pulse_style="cyan"), TimeElapsedColumn()
    with Progress(*columns, console=PlainConsole(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage: bar.update(task, description=plain(stage))
