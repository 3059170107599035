"""Options that several commands share, and what they name."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from model.errors import BroadsheetError
from model.judgement import AXES

if TYPE_CHECKING:
    from model.scorer import Scorer

model_option = click.option(
    "--model",
    metavar="DIR|VERSION",
    help="A model folder, or a version in the store BROADSHEET_MODELS. Default: the store's current version, or the "
    "model that comes with Broadsheet.",
)
format_option = click.option(
    "--format", "style", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
explain_option = click.option("--explain", is_flag=True, help="Show which words speak for which axis.")


def _axes(_context: click.Context, _option: click.Parameter, value: str) -> frozenset[str]:
    axes = frozenset(filter(None, value.split(",")))
    if not axes <= set(AXES):
        raise click.BadParameter(f"expected {' and/or '.join(AXES)}, separated by a comma, got {value!r}")
    return axes


fail_on_option = click.option(
    "--fail-on",
    metavar="AXES",
    default="",
    callback=_axes,
    help="Exit with 1 if a headline is flagged so, e.g. sensational,clickbait.",
)

data_option = click.option(
    "--data",
    "paths",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="FILE",
    help="Labelled headlines; may be given several times.",
)

DATA_KINDS = """A FILE is .csv, .csv.gz, .jsonl or .parquet with a column `text` and one of: `sensational_mean` or
`clickbait_mean` (readers' ratings, 0-1; with raters), `label` or `tier` (measured, sensational, clickbait),
`sensational` or `clickbait` (0 or 1); and, if there, publisher, date, category, weight. Also read: Stop Clickbait's
clickbait_data and non_clickbait_data, and a folder of Webis-17 with instances.jsonl and truth.jsonl."""


def load_scorer(model: str | None) -> "Scorer":
    """Load what `--model` names, or the default."""
    from model.scorer import Scorer

    return Scorer.load(model_folder(model))


def model_folder(model: str | None) -> Path:
    """Give the folder of what `--model` names, or of the default."""
    from model.store import find_model, store_of_environment

    return find_model(model, store_of_environment())


def decoded(content: bytes, name: str, error_type: type[BroadsheetError], done: int = 0) -> str:
    """Decode UTF-8; raise an `error_type` that names the place of a byte that is not, `done` bytes before included."""
    try:
        return content.decode("utf-8" if done else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise error_type(f"{name} must be UTF-8 text; byte {done + error.start} is not") from error
