"""What whoever runs the service may choose, read once from the environment and a TOML file."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from model.errors import BroadsheetError

PREFIX = "BROADSHEET_"
OFF = "off"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own variable
_ORIGIN = re.compile(r"(?:https?|chrome-extension|moz-extension)://[a-z0-9.-]+(?::\d{1,5})?")
_DIGEST = re.compile(r"[0-9a-f]{64}")

Parsed = TypeVar("Parsed")


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
        if isinstance(value, bool) or not (text.isascii() and text.isdigit() and least <= int(text) < 2**31):
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
        return OFF if value == OFF else str(value) if parse_many(_text(value)) else OFF
    except ValueError as error:
        raise ValueError("a rate such as '600 per minute', several with ';' between, or 'off'") from error


def _redis(value: object) -> str:
    if not isinstance(value, str) or not re.match(r"(?:redis|rediss|redis\+unix|unix)://", value):
        raise ValueError("an address such as redis://127.0.0.1:6379/0")
    return value


def _set(default: Parsed, says: str, parse: Callable[[object], Parsed]) -> Parsed:
    return field(default=default, metadata={"says": says, "parse": parse})  # type: ignore[no-any-return, call-overload]


@dataclass(frozen=True, slots=True)
class Settings:
    """The service's settings: BROADSHEET_<NAME> in capitals, else the name in the file that BROADSHEET_CONFIG names."""

    model: str | None = _set(None, "a model folder, or a version in the store, that is served until the end", _text)
    models: Path | None = _set(None, "the model store; its current version is served, and a new one taken up", _path)
    max_headlines: int = _set(1000, "headlines of one request or page; a long front page has 300", _whole(1))
    max_bytes: int = _set(4 * 1024 * 1024, "of a request's body; a saved front page has about a million", _whole(1))
    rate_limit: str = _set("600 per minute", "requests under /v1 of one client, or `off`", _rate)
    redis: str | None = _set(None, "a Redis that all workers and hosts count in; else each worker counts alone", _redis)
    api_keys: tuple[str, ...] = _set(
        (), "SHA-256 of each key that opens /v1 (`broadsheet key` makes one); none: open", _listed("SHA-256", _DIGEST)
    )
    origins: tuple[str, ...] = _set(
        (),
        "web origins that may call from a page, beside browser extensions and our own",
        _listed("origins such as https://news.example, without a path or a *", _ORIGIN),
    )
    proxies: int = _set(0, "proxies in front, whose X-Forwarded-For is believed", _whole(0))
    request_seconds: int = _set(30, "until a request has arrived whole, or its connection is cut", _whole(1))
    graceful_seconds: int = _set(30, "given to requests in flight when the service is told to stop", _whole(1))
    timeout_seconds: int = _set(30, "after which a worker that does not answer is replaced", _whole(1))
    threads: int = _set(8, "of each worker, so that slow clients do not hold it up", _whole(1))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; raise `SettingError` that names a malformed one and what it must be."""
        config = environment.get(PREFIX + "CONFIG")
        given: dict[str, tuple[str, object]] = dict(_of_file(Path(config))) if config else {}
        for one in fields(cls):
            variable = PREFIX + one.name.upper()
            if environment.get(variable):
                given[one.name] = (variable, environment[variable])
        return cls(**{one.name: _parsed(one, *given[one.name]) for one in fields(cls) if one.name in given})


def _parsed(one: "Field[Any]", where: str, value: object) -> Any:
    try:
        return one.metadata["parse"](value)
    except ValueError as error:
        shown = "something else" if one.name in {"api_keys", "redis"} else repr(value)  # these may hold a secret
        raise SettingError(f"{where} must be {error}, got {shown}") from error


def _of_file(path: Path) -> dict[str, tuple[str, object]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{PREFIX}CONFIG: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise SettingError(f"{path} must be TOML: {error}") from error
    known = {one.name for one in fields(Settings)}
    for name in content:
        if name not in known:
            raise SettingError(f"{path}: unknown setting {name!r}; expected {', '.join(sorted(known))}")
    return {name: (f"{path}: {name}", value) for name, value in content.items()}


def as_table() -> str:
    """Give the table of docs/settings.md."""
    lines = ["| variable | in the file | default | what |", "|---|---|---|---|"]
    for one in fields(Settings):
        default = "" if one.default in {None, ()} else f"`{one.default}`"
        lines.append(f"| `{PREFIX}{one.name.upper()}` | `{one.name}` | {default} | {one.metadata['says']} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_table(), end="")
