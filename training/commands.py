"""Commands that learn and measure: train, evaluate, data."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.commands import model_folder, model_option
from model.judgement import Axis
from model.terminal import say, say_json
from training.readers import name_of

if TYPE_CHECKING:
    from model.scorer import Scorer
    from training.evaluate import AxisFigures

data_option = click.option(
    "--data",
    "paths",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="FILE",
    help="Labelled headlines; may be given several times.",
)

_KINDS = """A FILE is .csv, .csv.gz, .jsonl or .parquet with a column `text` and one of: `label` or `tier` (measured,
sensational, clickbait), `sensational` or `clickbait` (0 or 1); and, if there, publisher, date, category, truth_mean,
weight. Also read: Stop Clickbait's clickbait_data and non_clickbait_data, and a folder of Webis-17 with
instances.jsonl and truth.jsonl."""


@click.command(epilog=_KINDS)
@data_option
@click.option("--output", type=click.Path(path_type=Path), required=True, metavar="DIR", help="The candidate's folder.")
@click.option("--name", default="candidate", show_default=True, help="The model's name in its manifest.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="For calibration.")
@click.option(
    "--test",
    "tests",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Labelled headlines to measure the candidate on, never to fit; may be given several times.",
)
def train(paths: tuple[Path, ...], output: Path, name: str, seed: int, folds: int, tests: tuple[Path, ...]) -> None:
    """Learn a candidate model from labelled headlines and write it to a folder.

    The folder gets the arrays and manifest that scoring needs, card.md, and pipelines.joblib for going on in
    scikit-learn. The same data and seed give the same version.

    \b
    broadsheet train --data headlines.csv --output build/candidate
    broadsheet train --data a.csv.gz --data b.parquet --test test.csv --output build/newsroom
    """
    from model.artefact import load
    from model.bodies import model_body
    from model.printed import print_model
    from model.progress import stages
    from model.scorer import engine_name
    from training import candidate
    from training.corpora import read_corpora
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        corpus, sources = read_corpora(paths)
        recipe = Recipe(seed=seed, folds=folds)
        candidate.train(candidate.Material(corpus, sources, tests), output, recipe, name, progress)
    print_model(model_body(load(output), engine_name()))
    say(f'\nwritten to {output}; try: broadsheet score --model {output} "..."')


def _required(
    _context: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, str, float]]:
    found = [re.fullmatch(r"(sensational|clickbait)\.(\S+?)>=(0(?:\.\d+)?|1(?:\.0+)?)", value) for value in values]
    if not all(found):
        raise click.BadParameter(
            f"expected AXIS.FIGURE>=NUMBER such as sensational.roc_auc>=0.9, got {' '.join(values)}"
        )
    return [(one[1], one[2], float(one[3])) for one in found if one]


@click.command(epilog=_KINDS)
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

    With --cross-validate, heads are fitted anew on parts of the data: leaving whole publishers out for the sensational
    axis, fitting on one corpus and measuring on another for clickbait.

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
    from model.formats import as_json
    from model.scorer import Scorer
    from training.corpora import read_corpora
    from training.evaluate import as_body, evaluate, falling_short
    from training.formats import print_figures

    scorer = Scorer.load(model_folder(model))
    found = {name_of(path): evaluate(scorer, read_corpora([path])[0]) for path in paths}
    if style == "json":
        say_json(as_json({"model": scorer.version, "data": {name: as_body(f) for name, f in found.items()}}))
    else:
        for name, figures in found.items():
            print_figures(name, scorer.version, figures)
    _write(*written, scorer, found)
    short = falling_short(found, required)
    for line in short:
        say(line, err=True)
    return int(bool(short))


def _write(
    report: Path | None, pictures: Path | None, scorer: "Scorer", found: "Mapping[str, Mapping[Axis, AxisFigures]]"
) -> None:
    from model.files import replacing_file
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
    from model.formats import as_json
    from model.progress import stages
    from training.corpora import read_corpora
    from training.cross_validation import cross_validate
    from training.formats import print_rows
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        rows = cross_validate(read_corpora(paths)[0], Recipe(), progress)
    if style == "json":
        say_json(as_json({row.name: row.as_list() for row in rows}))
    else:
        print_rows(rows)
    return 0


@click.group()
def data() -> None:
    """Look at labelled headlines before learning from them.

    \b
    broadsheet data check headlines.csv
    """


@data.command(epilog=_KINDS)
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--strict", is_flag=True, help="Exit with 1 if there is any problem.")
def check(paths: tuple[Path, ...], style: str, strict: bool) -> int:
    """Report what in labelled headlines would mislead training.

    Duplicates, near-duplicates, conflicting labels, empty and absurd rows, the balance of classes and outlets, and how
    well each surface feature alone would separate them.

    \b
    broadsheet data check headlines.csv
    broadsheet data check a.csv b.jsonl --strict --format json
    """
    from dataclasses import asdict

    from model.formats import as_json
    from training.check import check_data
    from training.corpora import read_corpora
    from training.formats import print_report

    report = check_data(read_corpora(paths)[0])
    if style == "json":
        say_json(as_json({**asdict(report), "problems": report.problems}))
    else:
        print_report(report)
    return int(strict and bool(report.problems))
