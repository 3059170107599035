"""What whoever runs the service may choose, read once from the environment and a TOML file."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints

from model.errors import BroadsheetError

PREFIX = "BROADSHEET_"
OFF = "off"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own variable
_ORIGIN = re.compile(r"(?:https?|chrome-extension|moz-extension)://[a-z0-9.-]+(?::\d{1,5})?")
_DIGITS = re.compile(r"[0-9]{1,10}")  # Python reads no number of thousands
_DIGEST = re.compile(r"[0-9a-f]{64}")

_SECRET = frozenset(("api_keys", "redis"))  # what may hold a secret is not repeated in an error


class SettingError(BroadsheetError):
    """A setting is malformed; the service does not start.

    An unknown BROADSHEET_ variable is passed over: Kubernetes sets BROADSHEET_PORT and more for a service of our name.
    An unknown name in a file is an error, since nobody but its author wrote it.
    """

    code = "bad-setting"


def _whole(least: int) -> Callable[[object], int]:
    form = "a whole number above 0" if least else "a whole number, 0 or more"

    def parse(value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not (_DIGITS.fullmatch(text) and least <= int(text) < 2**31):
            raise ValueError(form)
        return int(text)

    return parse


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text")
    return value


def _path(value: object) -> Path:
    return Path(_text(value))


def _listed(form: str, pattern: re.Pattern[str]) -> Callable[[object], tuple[str, ...]]:
    def parse(value: object) -> tuple[str, ...]:
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) and pattern.fullmatch(item) for item in items):
            raise ValueError(form)
        return tuple(items)

    return parse


def _rate(value: object) -> str:
    from limits import parse_many

    try:
        if value != OFF:
            parse_many(_text(value))
    except ValueError as error:
        raise ValueError("a rate such as '600 per minute', several with ';' between, or 'off'") from error
    return str(value)


def _redis(value: object) -> str:
    if not isinstance(value, str) or not re.match(r"(?:redis|rediss|redis\+unix|unix)://", value):
        raise ValueError("an address such as redis://127.0.0.1:6379/0")
    return value


class _Setting(NamedTuple):
    """What a setting is, for the table in docs/settings.md, and how it is read; `parse` raises what it must be."""

    says: str
    parse: Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings: BROADSHEET_<NAME> in capitals, else the name in the file that BROADSHEET_CONFIG names."""

    model: Annotated[str | None, _Setting("a model folder, or a version in the store, served until the end", _text)] = (
        None
    )
    models: Annotated[Path | None, _Setting("the model store; its current version is served and followed", _path)] = (
        None
    )
    max_headlines: Annotated[int, _Setting("of one request or page; a long front page has 300", _whole(1))] = 1000
    max_bytes: Annotated[int, _Setting("of a request's body; a saved front page has a million", _whole(1))] = 4194304
    rate_limit: Annotated[str, _Setting("requests under /v1 of one client, or `off`", _rate)] = "600 per minute"
    redis: Annotated[
        str | None,
        _Setting("a Redis that all workers and hosts count in; without one, each worker counts alone", _redis),
    ] = None
    api_keys: Annotated[
        tuple[str, ...],
        _Setting(
            "SHA-256 of each key that opens /v1 (`broadsheet key` makes one); none: it is open",
            _listed("the SHA-256 of each key, 64 hex digits", _DIGEST),
        ),
    ] = ()
    origins: Annotated[
        tuple[str, ...],
        _Setting(
            "web origins whose pages may call, beside browser extensions and our own",
            _listed("origins such as https://news.example, without a path or a *", _ORIGIN),
        ),
    ] = ()
    proxies: Annotated[int, _Setting("proxies in front, whose X-Forwarded-For is believed", _whole(0))] = 0
    request_seconds: Annotated[int, _Setting("for a request to arrive whole, or it is cut off", _whole(1))] = 30
    graceful_seconds: Annotated[int, _Setting("given to requests in flight when the service stops", _whole(1))] = 30
    timeout_seconds: Annotated[int, _Setting("until a worker that does not answer is replaced", _whole(1))] = 30
    threads: Annotated[int, _Setting("of each worker, so that slow clients do not hold it up", _whole(1))] = 8

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise `SettingError` that names a malformed one and what it must be."""
        config = environment.get(PREFIX + "CONFIG")
        given: dict[str, tuple[str, object]] = dict(_of_file(Path(config))) if config else {}
        for name in _settings():
            if environment.get(variable := PREFIX + name.upper()):
                given[name] = (variable, environment[variable])
        return cls(**{name: _parsed(name, *given[name]) for name in _settings() if name in given})


@cache
def _settings() -> dict[str, _Setting]:
    hints = get_type_hints(Settings, include_extras=True)
    return {one.name: hints[one.name].__metadata__[0] for one in fields(Settings)}


def _parsed(name: str, where: str, value: object) -> Any:
    try:
        return _settings()[name].parse(value)
    except ValueError as error:
        shown = "something else" if name in _SECRET else repr(value)
        raise SettingError(f"{where} must be {error}, got {shown}") from error


def _of_file(path: Path) -> dict[str, tuple[str, object]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{PREFIX}CONFIG: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SettingError(f"{path} must be TOML: {error}") from error
    known = _settings()
    for name in content:
        if name not in known:
            raise SettingError(f"{path}: unknown setting {name!r}; expected {', '.join(sorted(known))}")
    return {name: (f"{path}: {name}", value) for name, value in content.items()}


def as_table() -> str:
    """Give the table of docs/settings.md."""
    defaults = {one.name: one.default for one in fields(Settings)}
    lines = ["| variable | in the file | default | what |", "|---|---|---|---|"]
    for name, setting in _settings().items():
        default = "" if defaults[name] in {None, ()} else f"`{defaults[name]}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | `{name}` | {default} | {setting.says} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_table(), end="")
