"""Serves one contender of the load benchmark with the service's own server: its workers, threads, time-outs.

python -m benchmarks.served broadsheet|hello|scikit-learn PORT FOLDER
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from flask import Flask

from model.artefact import load
from model.judgement import AXES
from model.scorer import Doubles, Scorer
from service import server
from service.settings import Settings


class PipelineScorer(Scorer):
    """Judges with the scikit-learn pipelines that were saved beside the model."""

    def __init__(self, folder: Path) -> None:
        import joblib  # here alone: the others' memory is measured too

        from training.candidate import PIPELINES

        super().__init__(load(folder), portable=True)
        self._pipelines = joblib.load(folder / PIPELINES)

    def predict_proba(self, headlines: Sequence[str]) -> Doubles:
        """Give the calibrated probability of each axis, shape `(n, 2)`, columns as `AXES`."""
        terms = [self.artefact.settings.analyze(headline) for headline in headlines]
        return np.column_stack([self._pipelines[axis].predict_proba(terms)[:, 1] for axis in AXES])


class OtherServer(server.Server):
    """The service's server with another application."""

    build: Callable[[Settings], Flask]

    def load(self) -> Flask:
        """Build the other application."""
        return type(self).build(self.settings)


class HelloServer(OtherServer):
    """Answers the least that Flask can."""

    @staticmethod
    def build(_settings: Settings) -> Flask:
        """Give an application with a constant answer where ours judges."""
        app = Flask("hello")
        app.add_url_rule("/v1/score", "hello", lambda: "Hello, world\n", methods=["GET", "POST"])
        app.add_url_rule("/livez", "livez", lambda: "live\n")
        return app


class PipelineServer(OtherServer):
    """The service with the scikit-learn pipelines."""

    @staticmethod
    def build(settings: Settings) -> Flask:
        """Give our application around `PipelineScorer`."""
        from service.app import create_app

        return create_app(settings, PipelineScorer(Path(str(settings.model))))


SERVERS = {"broadsheet": server.Server, "hello": HelloServer, "scikit-learn": PipelineServer}


def main(contender: str, port: int, folder: str) -> None:
    """Serve until stopped, on two workers."""
    settings = replace(Settings.from_environment(), model=folder, rate_limit="100000000 per minute")
    server.serve(settings, "127.0.0.1", port, 2, SERVERS[contender])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
