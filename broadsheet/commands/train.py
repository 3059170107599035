"""`broadsheet train`: learns a candidate model from labelled headlines."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet.commands.options import (
    DATA_KINDS,
    LocalPath,
    data_option,
    labelled_form_options,
    model_folder,
    naming_options,
)
from broadsheet.shown.terminal import say
from training.labels import Naming

if TYPE_CHECKING:
    from model.tables.lines import Form


@click.command(epilog=DATA_KINDS)
@data_option
@click.option("--output", type=LocalPath(written=True), required=True, metavar="DIR", help="The candidate's folder.")
@click.option("--name", default="candidate", show_default=True, help="The model's name in its manifest.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True, help="For calibration.")
@click.option(
    "--base",
    metavar="DIR|VERSION",
    help="The model that gives an axis that the data has no two classes of. Default: the store's current version, or "
    "the model that comes with Broadsheet.",
)
@click.option(
    "--test",
    "tests",
    type=LocalPath(),
    multiple=True,
    metavar="FILE",
    help="Labelled headlines to measure the candidate on; those that stand in --data, or nearly so, are named and left "
    "out of its figures. May be given several times.",
)
@click.option("--keep-leaks", is_flag=True, help="Measure the headlines of --test that stand in --data as well.")
@labelled_form_options
@naming_options
def train(  # noqa: PLR0913, PLR0917  # an option each, as click gives them
    paths: tuple[Path, ...],
    output: Path,
    name: str,
    seed: int,
    folds: int,
    base: str | None,
    tests: tuple[Path, ...],
    keep_leaks: bool,
    naming: Naming,
    form: "Form",
) -> None:
    """Learn a candidate model from labelled headlines and write it to a folder.

    The folder gets the arrays and manifest that scoring needs, card.md, and pipelines.joblib for going on in
    scikit-learn. The same data and seed give the same version.

    One axis is enough: headlines that say which are clickbait, or which are sensational, teach that axis alone, with
    the terms of the --base model, which gives the other one as it is.

    \b
    broadsheet train --data headlines.csv --output build/candidate
    broadsheet train --data a.csv.gz --data b.parquet --test test.csv --output build/newsroom
    broadsheet train --data clickbait_data --data non_clickbait_data --output build/bait
    broadsheet train --data news.csv --label-column class --map fake=sensational,real=measured \\
      --output build/news
    """
    from broadsheet.shown.progress import stages
    from broadsheet.shown.tables import print_model
    from model.artefact import load
    from model.scoring import engine_name
    from training import candidate
    from training.corpora import read_corpora
    from training.recipe import Recipe
    from training.sets import read_sets

    with stages() as progress:
        progress("reading")
        corpus, sources = read_corpora(paths, naming=naming, form=form)
        given = load(model_folder(base)) if base is not None else None  # a damaged one is said at once, needed or not
        material = candidate.Material(
            corpus, sources, read_sets(tests, naming, form)[0], lambda: given or load(model_folder(None)), keep_leaks
        )
        recipe = Recipe(seed=seed, folds=folds)
        candidate.train(material, output, recipe, name, progress, lambda line: say(line, err=True))
        made = load(output)
    if given and "base" not in made.manifest:
        say("--base was not used: the data has both classes of both axes", err=True)
    print_model(made.summary(engine_name()))
    say(f'\nwritten to {output}; try: broadsheet score --model {output} "..."')
