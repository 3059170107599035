"""`broadsheet evaluate`: measures a model, or the recipe, on labelled headlines."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet.commands.options import DATA_KINDS, data_option, model_folder, model_option
from broadsheet.shown.terminal import say, say_json
from model.judgement import Axis
from training.readers import name_of

if TYPE_CHECKING:
    from model.scorer import Scorer
    from training.evaluate import AxisFigures


def _required(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str, float]]:
    found = [re.fullmatch(r"(sensational|clickbait)\.(\S+?)>=(0(?:\.\d+)?|1(?:\.0+)?)", value) for value in values]
    if not all(found):
        raise click.BadParameter(
            f"expected AXIS.FIGURE>=NUMBER such as sensational.roc_auc>=0.9, got {' '.join(values)}"
        )
    return [(one[1], one[2], float(one[3])) for one in found if one]


@click.command(epilog=DATA_KINDS)
@data_option
@model_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--report", type=click.Path(path_type=Path), metavar="FILE", help="Also write curves and slices as HTML.")
@click.option(
    "--pictures", type=click.Path(path_type=Path), metavar="DIR", help="Also write the report's pictures, as SVG."
)
@click.option(
    "--require",
    "required",
    multiple=True,
    callback=_required,
    metavar="AXIS.FIGURE>=NUMBER",
    help="Exit with 1 if a figure of any set is lower; may be given several times.",
)
@click.option("--cross-validate", is_flag=True, help="Measure the recipe instead of a model: see below.")
def evaluate(
    paths: tuple[Path, ...],
    model: str | None,
    style: str,
    report: Path | None,
    pictures: Path | None,
    required: list[tuple[str, str, float]],
    cross_validate: bool,
) -> int:
    """Measure a model on labelled headlines, with 95 % bootstrap intervals.

    Each figure stands beside two controls: a regression on surface features (length, case, punctuation) that sees no
    word, cross-validated on the same headlines, and the share of positives as everyone's probability. Where the first
    comes near the model, the data gives its labels away by format.

    Where readers rated, labels are what they call clearly so, and the verdicts are held against them as well.

    With --cross-validate, heads are fitted anew on parts of the data, whole publishers held out: against readers where
    headlines are rated, else against labels, and for clickbait from one corpus to another.

    \b
    broadsheet evaluate --data test.csv
    broadsheet evaluate --data test.csv --model build/candidate --report report.html
    broadsheet evaluate --data test.csv --require "sensational.roc_auc>=0.9"
    broadsheet evaluate --cross-validate --data a.csv.gz --data b.csv.gz
    """
    if cross_validate:
        if report or required or model:
            raise click.UsageError(
                "--cross-validate measures no model; expected neither --model, --report nor --require"
            )
        return _cross_validate(paths, style)
    return _measure(paths, model, style, (report, pictures), required)


def _measure(
    paths: tuple[Path, ...],
    model: str | None,
    style: str,
    written: tuple[Path | None, Path | None],
    required: list[tuple[str, str, float]],
) -> int:
    from broadsheet.shown.figures import print_figures
    from broadsheet.shown.programs import as_json
    from model.scorer import Scorer
    from training.corpora import read_corpora
    from training.evaluate import as_body, evaluate, evaluate_verdicts, falling_short

    scorer = Scorer.load(model_folder(model))
    corpora = {name_of(path): read_corpora([path])[0] for path in paths}
    found = {name: evaluate(scorer, corpus) for name, corpus in corpora.items()}
    verdicts = {name: evaluate_verdicts(scorer, corpus) for name, corpus in corpora.items()}
    if style == "json":
        told = {name: as_body(by_axis, verdicts[name]) for name, by_axis in found.items()}
        say_json(as_json({"model": scorer.version, "data": told}))
    else:
        for name, figures in found.items():
            print_figures(name, scorer.version, figures, verdicts[name])
    _write(*written, scorer, found)
    short = falling_short(found, required)
    for line in short:
        say(line, err=True)
    return int(bool(short))


def _write(
    report: Path | None, pictures: Path | None, scorer: "Scorer", found: "Mapping[str, Mapping[Axis, AxisFigures]]"
) -> None:
    from model.files.writing import replacing_file
    from training.evaluate import scored_sets
    from training.report import save_pictures, write_report

    if report:
        with replacing_file(report) as unfinished:
            write_report(unfinished, scorer.artefact, scorer.artefact.manifest, scored_sets(found))
        say(f"{report}: open it in a browser", err=True)
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
        for path in save_pictures(pictures, scorer.artefact, scored_sets(found)):
            say(path, err=True)


def _cross_validate(paths: tuple[Path, ...], style: str) -> int:
    from broadsheet.shown.figures import print_rows
    from broadsheet.shown.programs import as_json
    from broadsheet.shown.progress import stages
    from training.corpora import read_corpora
    from training.cross_validation import cross_validate
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        rows = cross_validate(read_corpora(paths)[0], Recipe(), progress)
    if style == "json":
        say_json(as_json({row.name: row.as_list() for row in rows}))
    else:
        print_rows(rows)
    return 0
