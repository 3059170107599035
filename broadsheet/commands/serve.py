"""`broadsheet serve`, and `broadsheet key` for its callers."""

import os
import secrets
from pathlib import Path

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings as TOML. [BROADSHEET_CONFIG]")
def serve(host: str, port: int, workers: int, config: Path | None) -> None:
    """Answer over HTTP until stopped; requests in flight are answered first.

    Settings come from BROADSHEET_ variables, then from the file; docs/settings.md lists them. SIGHUP replaces the
    workers, one by one. With a model store (BROADSHEET_MODELS), what is promoted there is served within seconds.

    \b
    broadsheet serve
    BROADSHEET_MODELS=models broadsheet serve --port 8080 --workers 4
    broadsheet serve --config /etc/broadsheet.toml
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: its threads would not survive the fork
    from service.server import serve as run
    from service.settings import Settings

    environment = {**os.environ, **({"BROADSHEET_CONFIG": str(config)} if config else {})}
    run(Settings.from_environment(environment), host, port, workers)


@click.command()
def key() -> None:
    """Make an API key: the caller's secret on stdout, and on stderr its SHA-256 for the setting api_keys.

    \b
    broadsheet key
    curl -H "Authorization: Bearer <key>" ...
    """
    from service.access import digest_of

    made = secrets.token_urlsafe(32)
    click.echo(made)
    click.echo(f"SHA-256, for BROADSHEET_API_KEYS: {digest_of(made)}", err=True)
