"""`broadsheet train`: learns a candidate model from labelled headlines."""

from pathlib import Path

import click

from broadsheet.commands.options import DATA_KINDS, data_option
from broadsheet.shown.terminal import say


@click.command(epilog=DATA_KINDS)
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
    help="Labelled headlines to measure the candidate on; those of --data that stand there are left out of the fit. "
    "May be given several times.",
)
def train(paths: tuple[Path, ...], output: Path, name: str, seed: int, folds: int, tests: tuple[Path, ...]) -> None:
    """Learn a candidate model from labelled headlines and write it to a folder.

    The folder gets the arrays and manifest that scoring needs, card.md, and pipelines.joblib for going on in
    scikit-learn. The same data and seed give the same version.

    \b
    broadsheet train --data headlines.csv --output build/candidate
    broadsheet train --data a.csv.gz --data b.parquet --test test.csv --output build/newsroom
    """
    from broadsheet.shown.progress import stages
    from broadsheet.shown.tables import print_model
    from model.artefact import load
    from model.scoring import engine_name
    from training import candidate
    from training.corpora import read_corpora
    from training.recipe import Recipe

    with stages() as progress:
        progress("reading")
        corpus, sources = read_corpora(paths)
        recipe = Recipe(seed=seed, folds=folds)
        candidate.train(candidate.Material(corpus, sources, tests), output, recipe, name, progress)
    print_model(load(output).summary(engine_name()))
    say(f'\nwritten to {output}; try: broadsheet score --model {output} "..."')
