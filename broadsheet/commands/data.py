"""`broadsheet data`: looks at labelled headlines before anything is learned from them."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet.commands.options import DATA_KINDS, LocalPath, labelled_form_options, naming_options
from broadsheet.shown.terminal import say_json
from training.labels import Naming

if TYPE_CHECKING:
    from model.tables.lines import Form


@click.group()
def data() -> None:
    """Look at labelled headlines before learning from them.

    \b
    broadsheet data check headlines.csv
    """


@data.command(epilog=DATA_KINDS)
@click.argument("paths", type=LocalPath(), nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any problem.")
@labelled_form_options
@naming_options
def check(paths: tuple[Path, ...], style: str, strict: bool, naming: Naming, form: "Form") -> int:
    """Report what in labelled headlines would mislead training.

    Duplicates, near-duplicates, conflicting and missing labels, empty and absurd rows, the balance of classes and
    outlets, publishers written in several ways, how well each surface feature, the outlet and the topic alone would
    separate the labels, and whatever train would refuse.

    \b
    broadsheet data check headlines.csv
    broadsheet data check a.csv b.jsonl --strict --format json
    broadsheet data check export.csv --encoding windows-1252 --delimiter ";"
    broadsheet data check news.csv --label-column class --map fake=sensational,real=measured
    """
    from dataclasses import asdict

    from broadsheet.shown.figures import print_report
    from broadsheet.shown.programs import as_json
    from training.check import check_data
    from training.corpora import read_corpora

    report = check_data(read_corpora(paths, naming=naming, form=form)[0])
    if style == "json":
        say_json(as_json({**asdict(report), "problems": report.problems, "notes": report.notes}))
    else:
        print_report(report)
    return int(strict and bool(report.problems))
