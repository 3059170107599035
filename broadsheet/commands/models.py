"""`broadsheet models`: keeps models: list, show, promote, rollback, export."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.commands.options import LocalPath, model_folder, model_option
from broadsheet.shown.terminal import say, say_json
from model.errors import ArtefactError, StoreError

if TYPE_CHECKING:
    from model.store import Store

style_option = click.option(
    "--format", "style", type=click.Choice(["table", "json"]), default="table", show_default=True
)


@click.group()
def models() -> None:
    """List, look at, promote and roll back models.

    The store is a folder that BROADSHEET_MODELS (or --store) names. Services that were started with it take up its
    current version within seconds.

    \b
    broadsheet models show --model build/candidate
    broadsheet models promote build/candidate --store models
    broadsheet models rollback --store models
    """


def _store(_context: click.Context, _option: click.Parameter, value: Path | None) -> "Store":
    from model.store import VARIABLE, Store

    folder = value or os.environ.get(VARIABLE)
    if not folder:
        raise click.UsageError(f"expected --store DIR, or {VARIABLE} in the environment, to say where models are kept")
    return Store(Path(folder))


store_option = click.option(
    "--store",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    callback=_store,
    help="The folder of versions. Default: BROADSHEET_MODELS.",
)


@models.command("list")
@store_option
@style_option
def list_(store: "Store", style: str) -> None:
    """List the store's versions in the order in which they were trained, and say which is current.

    \b
    broadsheet models list --store models
    """
    from broadsheet.shown.programs import as_json

    current = (*store.served(), None)[0]
    rows = [{"version": one, **_told(store.path(one)), "current": one == current} for one in store.versions()]
    if style == "json":
        say_json(as_json({"store": str(store.folder), "versions": rows}))
    elif rows:
        from broadsheet.shown.tables import grid, plain_console

        cells = [
            ["*" if row["current"] else "", row["version"], row.get("error") or row["name"], row.get("created", "")]
            for row in rows
        ]
        plain_console().print(grid(["", "version", "name", "trained"], cells))
    else:
        say(f"{store.folder} holds no version yet; broadsheet models promote DIR puts one there", err=True)


def _told(folder: Path) -> dict[str, Any]:
    """Give what a model's manifest says of it, or in its place why that cannot be read; the others are listed still."""
    from model.artefact.manifest import read_manifest

    try:
        manifest = read_manifest(folder)
    except ArtefactError as error:
        return {"error": str(error)}
    return {name: manifest.get(name, "") for name in ("name", "created")}


@models.command()
@model_option
@style_option
def show(model: str | None, style: str) -> None:
    """Show what a model was trained on, its thresholds and how well it does; every file's hash is checked.

    \b
    broadsheet models show
    broadsheet models show --model build/candidate --format json
    """
    from broadsheet.shown.programs import as_json
    from model.artefact import load
    from model.scoring import engine_name

    body = load(model_folder(model)).summary(engine_name())
    if style == "json":
        say_json(as_json(body))
    else:
        from broadsheet.shown.tables import print_model

        print_model(body)


@models.command()
@click.argument("candidate", metavar="DIR|VERSION")
@store_option
def promote(candidate: str, store: "Store") -> None:
    """Make a model folder, or a version that the store holds, the store's current one.

    A folder is copied into the store. One that is damaged or fails its self-test is refused (exit code 1), and what was
    current stays so.

    \b
    broadsheet models promote build/candidate --store models
    """
    before = _current(store)
    say(f"current is now {store.promote(candidate, say)}, before {before}")


def _current(store: "Store") -> str:

    try:
        return (*store.served(), "nothing")[0]
    except StoreError:  # promoting mends it
        return "unreadable"


@models.command()
@store_option
def rollback(store: "Store") -> None:
    """Make the version before the current one current again.

    \b
    broadsheet models rollback --store models
    """
    before = (*store.served(), "nothing")[0]
    say(f"current is now {store.rollback()}, before {before}")


@models.command()
@click.option("--output", type=LocalPath(written=True), required=True, metavar="DIR", help="The folder to write.")
@model_option
def export(output: Path, model: str | None) -> None:
    """Copy a model, checked, to a folder of its own, to carry it to another machine.

    \b
    broadsheet models export --output build/model
    BROADSHEET_MODELS=models broadsheet models export --model 0123456789ab --output build/model
    """
    from model.store import copy_model

    say(f"{output}: version {copy_model(model_folder(model), output)}")
