"""`broadsheet evaluate`: measures a model, or the recipe, on labelled headlines."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet.commands.options import (
    DATA_KINDS,
    LocalPath,
    data_option,
    labelled_form_options,
    model_folder,
    model_option,
    naming_options,
)
from broadsheet.shown.terminal import say, say_json
from training.labels import Naming

if TYPE_CHECKING:
    from model.scorer import Scorer
    from model.tables.lines import Form
    from training.corpora import Corpus, Source
    from training.evaluate import Required, SetFigures


def _required(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> "list[Required]":
    from training.evaluate import Required

    found = [_REQUIRED.fullmatch(value) for value in values]
    if not all(found):
        raise click.BadParameter(
            "expected AXIS.FIGURE>=NUMBER such as sensational.roc_auc>=0.9, or verdicts.FIGURE, or <=, got "
            + " ".join(values)
        )
    return [Required(one[1], one[2], one[3] == ">=", float(one[4])) for one in found if one]


_REQUIRED = re.compile(r"(sensational|clickbait|verdicts)\.(\S+?)(>=|<=)(0(?:\.\d+)?|1(?:\.0+)?)")


@click.command(epilog=DATA_KINDS)
@data_option
@model_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--report", type=LocalPath(written=True), metavar="FILE", help="Also write curves and slices as HTML.")
@click.option(
    "--pictures", type=LocalPath(written=True), metavar="DIR", help="Also write the report's pictures, as SVG."
)
@click.option(
    "--require",
    "required",
    multiple=True,
    callback=_required,
    metavar="AXIS.FIGURE>=NUMBER",
    help="Exit with 1 if a figure of any set is lower, or with <= higher; AXIS may be verdicts. May be given several "
    "times.",
)
@click.option("--cross-validate", is_flag=True, help="Measure the recipe instead of a model: see above.")
@labelled_form_options
@naming_options
def evaluate(  # noqa: PLR0913, PLR0917  # an option each
    paths: tuple[Path, ...],
    model: str | None,
    style: str,
    report: Path | None,
    pictures: Path | None,
    required: "list[Required]",
    cross_validate: bool,
    naming: Naming,
    form: "Form",
) -> int:
    """Measure a model on labelled headlines, with 95 % bootstrap intervals.

    Each figure stands beside two controls: a regression on surface features (length, case, punctuation) that sees no
    word, cross-validated on the same headlines, and the share of positives as everyone's probability. Where the first
    comes near the model, the data gives its labels away by format.

    Each file is measured by itself; files that have one class of an axis each, such as Stop Clickbait's two, together.
    Where readers rated, labels are what they call clearly so, and the verdicts are held against them as well.

    With --cross-validate, heads are fitted anew on parts of the data, whole publishers held out: against readers where
    headlines are rated, else against labels, and for clickbait from one corpus to another.

    \b
    broadsheet evaluate --data test.csv
    broadsheet evaluate --data test.csv --model build/candidate --report report.html
    broadsheet evaluate --data test.csv --require "sensational.roc_auc>=0.9"
    broadsheet evaluate --data rated.csv --require "verdicts.measured_of_clear<=0.05"
    broadsheet evaluate --data clickbait_data --data non_clickbait_data
    broadsheet evaluate --cross-validate --data a.csv.gz --data b.csv.gz
    """
    if cross_validate:
        if report or required or model:
            raise click.UsageError(
                "--cross-validate measures no model; expected neither --model, --report nor --require"
            )
        return _cross_validate(paths, style, naming, form)
    from training.sets import read_sets

    return _measure(lambda: read_sets(paths, naming, form), model, style, (report, pictures), required)


def _measure(
    read: "Callable[[], tuple[Mapping[str, Corpus], Mapping[str, Source]]]",
    model: str | None,
    style: str,
    written: tuple[Path | None, Path | None],
    required: "list[Required]",
) -> int:
    from broadsheet.shown.figures import print_figures
    from broadsheet.shown.programs import as_json
    from model.scorer import Scorer
    from training.evaluate import as_body, evaluate, falling_short
    from training.sets import learned_from, measured_sets

    scorer = Scorer.load(model_folder(model))
    corpora, sources = read()
    sets, notes = measured_sets(corpora)
    for line in notes:
        say(line, err=True)
    found = {one.name: evaluate(scorer, one.corpus, one.axes) for one in sets}
    if style == "json":
        told = {name: as_body(figures) for name, figures in found.items()}
        say_json(as_json({"model": scorer.version, "data": told}))
    else:
        for line in learned_from(scorer.artefact.manifest, sources):
            say(line)
        print_figures(scorer.version, found)
    _write(*written, scorer, found)
    short = falling_short(found, required)
    for line in short:
        say(line, err=True)
    return int(bool(short))


def _write(report: Path | None, pictures: Path | None, scorer: "Scorer", found: "Mapping[str, SetFigures]") -> None:
    from model.files.writing import replacing_file
    from training.evaluate import scored_sets, verdicts_record
    from training.report import save_pictures, write_report

    if report:
        record = {**scorer.artefact.manifest, "verdicts": verdicts_record(found)}
        with replacing_file(report) as unfinished:
            write_report(unfinished, scorer.artefact, record, scored_sets(found))
        say(f"{report}: open it in a browser", err=True)
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        for path in save_pictures(pictures, scorer.artefact, scored_sets(found)):
            say(path, err=True)


def _cross_validate(paths: tuple[Path, ...], style: str, naming: Naming, form: "Form") -> int:
    from broadsheet.shown.figures import print_rows
    from broadsheet.shown.programs import as_json
    from broadsheet.shown.progress import stages
    from training.corpora import read_corpora
    from training.cross_validation import cross_validate
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        rows = cross_validate(
            read_corpora(paths, naming=naming, form=form)[0], Recipe(), progress, lambda line: say(line, err=True)
        )
    if style == "json":
        say_json(as_json({row.name: row.as_list() for row in rows}))
    else:
        print_rows(rows)
    return 0
