"""What whoever runs the service may choose, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from model.artefact import DEFAULT
from model.errors import BroadsheetError

PREFIX = "BROADSHEET_"


class SettingError(BroadsheetError):
    """A setting is malformed; the service does not start.

    An unknown BROADSHEET_ variable is passed over: Kubernetes sets BROADSHEET_PORT and more for a service of our name.
    """

    code = "bad-setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings; each is read from BROADSHEET_<NAME> in capitals."""

    model: Path = DEFAULT
    max_headlines: int = 1000  # a long front page has 300
    max_bytes: int = 4 * 1024 * 1024  # of a request's body; a saved front page has about one million
    graceful_seconds: int = 30  # given to requests in flight when the service is told to stop
    timeout_seconds: int = 30  # after which a worker that does not answer is replaced
    threads: int = 4  # of each worker, so that a slow client does not hold it up

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise `SettingError` that names a malformed one and what it must be."""
        given = {
            f.name: environment[PREFIX + f.name.upper()] for f in fields(cls) if PREFIX + f.name.upper() in environment
        }
        numbers = {name: _positive(name, value) for name, value in given.items() if name != "model"}
        return cls(model=Path(given["model"]) if given.get("model") else DEFAULT, **numbers)


def _positive(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 10 and 0 < int(value) < 2**31):
        raise SettingError(f"{PREFIX}{name.upper()} must be a whole number above 0, got {value!r}")
    return int(value)
