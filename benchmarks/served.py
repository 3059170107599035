"""Serves one contender of the load benchmark with the service's own server: its workers, threads, time-outs.

python -m benchmarks.served broadsheet|hello|scikit-learn PORT FOLDER
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from model.artefact import load
from model.judgement import AXES
from model.scorer import Doubles, Scorer
from service import server
from service.settings import Settings

if TYPE_CHECKING:
    from service.edge import Edge
    from service.messages import RequestHead


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

    build: Callable[[Settings], "Edge"]

    def load(self) -> "Edge":
        """Build the other application."""
        return type(self).build(self.settings)


class HelloServer(OtherServer):
    """Answers the least that the server can."""

    @staticmethod
    def build(settings: Settings) -> "Edge":
        """Give what answers the same to all, without a look at what was asked."""
        from service.app import create_app
        from service.edge import Edge, Visit
        from service.messages import Answer

        said = Answer(200, b"Hello, world\n", (("Content-Type", "text/plain"),))

        class Hello(Edge):
            def begin(self, head: "RequestHead") -> Visit:
                return Visit(head, "", self._champion.scorer, 0.0)

            def answer(self, visit: Visit, body: bytes, fault: Answer | None = None) -> Answer:  # noqa: ARG002
                return fault or said

        made = create_app(settings)
        made.__class__ = Hello
        return made


class PipelineServer(OtherServer):
    """The service with the scikit-learn pipelines."""

    @staticmethod
    def build(settings: Settings) -> "Edge":
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
