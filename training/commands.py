"""Commands that learn and measure: train, evaluate, data."""

from pathlib import Path

import click

from model.commands import model_option

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
def train(paths: tuple[Path, ...], output: Path, name: str, seed: int, folds: int) -> None:
    """Learn a candidate model from labelled headlines and write it to a folder.

    The folder gets the arrays and manifest that scoring needs, card.md, and pipelines.joblib for going on in
    scikit-learn. The same data and seed give the same version.

    \b
    broadsheet train --data headlines.csv --output build/candidate
    broadsheet train --data a.csv.gz --data b.parquet --output build/candidate --name newsroom
    """
    from model.artefact import load
    from model.bodies import model_body
    from model.formats import print_model
    from model.progress import stages
    from training import candidate
    from training.corpora import read_corpora
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        corpus, sources = read_corpora(paths)
        recipe = Recipe(seed=seed, folds=folds)
        candidate.train(corpus, sources, output, recipe, name, progress)
    print_model(model_body(load(output)))
    click.echo(f'\nwritten to {output}; try: broadsheet score --model {output} "..."')


@click.command(epilog=_KINDS)
@data_option
@model_option
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True)
def evaluate(paths: tuple[Path, ...], folder: Path | None, style: str) -> None:
    """Measure a model on labelled headlines, with 95 % bootstrap intervals.

    Each figure stands beside a control: a regression on surface features (length, case, punctuation) that sees no
    word, cross-validated on the same headlines. Where the control comes near, the data gives its labels away by format.

    \b
    broadsheet evaluate --data test.csv
    broadsheet evaluate --data test.csv --model build/candidate --format json
    """
    from model.artefact import DEFAULT
    from model.formats import as_json
    from model.scorer import Scorer
    from training.corpora import read_corpora
    from training.evaluate import as_body, evaluate
    from training.formats import print_figures

    scorer = Scorer.load(folder or DEFAULT)
    body = {}
    for path in paths:
        corpus, (source,) = read_corpora([path])
        body[source.name] = evaluate(scorer, corpus)
    if style == "json":
        click.echo(as_json({"model": scorer.version, "data": {name: as_body(f) for name, f in body.items()}}))
    else:
        for name, figures in body.items():
            print_figures(name, scorer.version, figures)


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
        click.echo(as_json({**asdict(report), "problems": report.problems}))
    else:
        print_report(report)
    return int(strict and bool(report.problems))
