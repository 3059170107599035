"""`broadsheet data`: looks at labelled headlines before anything is learned from them."""

from pathlib import Path

import click

from broadsheet.commands.options import DATA_KINDS
from broadsheet.shown.terminal import say_json


@click.group()
def data() -> None:
    """Look at labelled headlines before learning from them.

    \b
    broadsheet data check headlines.csv
    """


@data.command(epilog=DATA_KINDS)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any problem.")
def check(paths: tuple[Path, ...], style: str, strict: bool) -> int:
    """Report what in labelled headlines would mislead training.

    Duplicates, near-duplicates, conflicting labels, empty and absurd rows, the balance of classes and outlets, and how
    well each surface feature, the outlet and the topic alone would separate them.

    \b
    broadsheet data check headlines.csv
    broadsheet data check a.csv b.jsonl --strict --format json
    """
    from dataclasses import asdict

    from broadsheet.shown.figures import print_report
    from broadsheet.shown.programs import as_json
    from training.check import check_data
    from training.corpora import read_corpora

    report = check_data(read_corpora(paths)[0])
    if style == "json":
        say_json(as_json({**asdict(report), "problems": report.problems}))
    else:
        print_report(report)
    return int(strict and bool(report.problems))
