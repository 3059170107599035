"""Serves one contender of the load benchmark with the service's own server: its workers, threads, time-outs.

python -m benchmarks.served broadsheet|hello|scikit-learn PORT FOLDER
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
from flask import Flask

from model.artefact import load
from model.judgement import AXES
from model.scorer import Doubles, Scorer
from service import server
from service.settings import Settings
from training.candidate import PIPELINES


class PipelineScorer(Scorer):
    """Judges with the scikit-learn pipelines that were saved beside the model."""

    def __init__(self, folder: Path) -> None:
        super().__init__(load(folder), portable=True)
        self._pipelines = joblib.load(folder / PIPELINES)

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        terms = [self.artefact.settings.analyze(headline) for headline in headlines]
        return np.column_stack([self._pipelines[axis].predict_proba(terms)[:, 1] for axis in AXES])


def _hello(_settings: Settings) -> Flask:
    app = Flask("hello")
    app.add_url_rule("/v1/score", view_func=lambda: "Hello, world\n", methods=["GET", "POST"], endpoint="hello")
    app.add_url_rule("/livez", view_func=lambda: "live\n", endpoint="livez")
    return app


def _with_pipelines(settings: Settings) -> Flask:
    from service.app import create_app

    return create_app(settings, PipelineScorer(Path(str(settings.model))))


def main(contender: str, port: int, folder: str) -> None:
    """Serve until stopped, on two workers."""
    builders = {"hello": _hello, "scikit-learn": _with_pipelines}
    if builder := builders.get(contender):
        server.Server.load = lambda self: builder(self.settings)  # type: ignore[method-assign]
    server.serve(
        replace(Settings.from_environment(), model=folder, rate_limit="100000000 per minute"), "127.0.0.1", port, 2
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
