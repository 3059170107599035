"""The command that answers over HTTP: serve."""

import os

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes that answer.")
def serve(host: str, port: int, workers: int) -> None:
    """Answer over HTTP until stopped; requests in flight are answered first.

    Settings come from the environment: BROADSHEET_MODEL (a model folder), BROADSHEET_MAX_HEADLINES,
    BROADSHEET_MAX_BYTES, BROADSHEET_GRACEFUL_SECONDS, BROADSHEET_TIMEOUT_SECONDS, BROADSHEET_THREADS.
    BROADSHEET_PORTABLE=1 scores without the compiled part.

    \b
    broadsheet serve
    BROADSHEET_MODEL=build/candidate broadsheet serve --port 8080 --workers 4
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: its threads would not survive the fork
    from service.server import serve as run
    from service.settings import Settings

    run(Settings.from_environment(), host, port, workers)
