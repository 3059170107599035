"""What whoever runs the service may choose, read once from the environment and a TOML file."""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_type_hints
from urllib.parse import parse_qsl, urlsplit

from model.errors import BroadsheetError
from model.files.reading import read_regular
from service.origins import FORM, objection

PREFIX = "BROADSHEET_"
OFF = "off"
PRESETS = ("strict", "standard", "lenient")
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own variable
_DIGITS = re.compile(r"[0-9]{1,10}")  # Python reads no number of thousands
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_RATES, _LONGEST_WINDOW = 10, 366 * 86_400  # each rate is a call of Redis; seconds
_DAY = 86_400  # seconds
_LARGEST_FILE = 64_000  # bytes of settings
# A key of many parts, on which tomllib spends the square of them; ours have one, and a host in a string has few.
_PART = r"""(?:[\w-]+|"[^"\n]*"|'[^'\n]*')"""
_DEEP_KEY = re.compile(rf"(?<![\w-]){_PART}(?:[ \t]*\.[ \t]*{_PART}){{32}}")
_REDIS = frozenset(("redis", "rediss", "redis+unix"))  # what limits knows of
_SECONDS = re.compile(r"(?!0+(?:\.0+)?$)[0-9]{1,3}(?:\.[0-9]{1,3})?")
_SWITCH, _NAME, _NOTHING = re.compile("true|false"), re.compile(r"\S{1,255}"), re.compile("(?!)")
# What the query of a Redis address may say: redis-py takes any other word for an argument of its own, or fails later.
_QUERY: Mapping[str, re.Pattern[str]] = {
    "db": re.compile(r"[0-9]{1,5}"),
    **dict.fromkeys(("socket_timeout", "socket_connect_timeout"), _SECONDS),
    "health_check_interval": re.compile(r"[0-9]{1,5}"),
    **dict.fromkeys(("socket_keepalive", "retry_on_timeout", "ssl_check_hostname"), _SWITCH),
    "max_connections": re.compile(r"[1-9][0-9]{0,4}"),
    "protocol": re.compile("[23]"),
    "ssl_cert_reqs": re.compile("none|optional|required"),
    **dict.fromkeys(("client_name", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile"), _NAME),
}

_SECRET = frozenset(("api_keys", "redis"))  # what may hold a secret is not repeated in an error


class SettingError(BroadsheetError):
    """A setting is malformed; the service does not start.

    An unknown BROADSHEET_ variable is passed over: Kubernetes sets BROADSHEET_PORT and more for a service of our name.
    An unknown name in a file is an error, since nobody but its author wrote it.
    """

    code = "bad-setting"


def _whole(least: int, most: int = 2**31 - 1) -> Callable[[object], int]:
    form = "a whole number above 0" if least else "a whole number, 0 or more"

    def parse(value: object) -> int:
        text = str(value)
        if isinstance(value, bool) or not (_DIGITS.fullmatch(text) and least <= int(text)):
            raise ValueError(form)
        if int(text) > most:
            raise ValueError(f"{form}, at most {most}")
        return int(text)

    return parse


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("text")
    return value


def _preset(value: object) -> str:
    if value not in PRESETS:
        raise ValueError(f"one of {', '.join(PRESETS)}")
    return str(value)


def _path(value: object) -> Path:
    return Path(_text(value))


def _listed(form: str, pattern: re.Pattern[str]) -> Callable[[object], tuple[str, ...]]:
    def parse(value: object) -> tuple[str, ...]:
        items = value.replace(",", " ").split() if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) and pattern.fullmatch(item) for item in items):
            raise ValueError(form)
        return tuple(items)

    return parse


def _origins(value: object) -> tuple[str, ...]:
    items = _listed(FORM, _NAME)(value)
    for item in items:
        if why := objection(item):
            raise ValueError(f"{FORM}; no browser sends {item!r}: {why}")
    return items


def _rate(value: object) -> str:
    from limits import parse_many

    form = "a rate such as '600 per minute', several with ';' between, or 'off'"
    if value == OFF:
        return OFF
    try:
        text = _text(value)
        rates = parse_many(text)
    except ValueError as error:
        raise ValueError(form) from error
    # limits takes 0 of a minute, which nobody may call, and 5 of 0 minutes for 5 of one
    are_numbers = all(_DIGITS.fullmatch(number) and 0 < int(number) < 2**31 for number in re.findall(r"\d+", text))
    if not are_numbers or len(rates) > _MOST_RATES or any(rate.get_expiry() > _LONGEST_WINDOW for rate in rates):
        raise ValueError(form)
    return text


def _redis(value: object) -> str:
    form = "an address such as redis://127.0.0.1:6379/0"
    try:
        text = _text(value)
        address = urlsplit(text)
        has_place = bool(address.path) if address.scheme == "redis+unix" else address.port != 0
        query = parse_qsl(address.query, keep_blank_values=True, strict_parsing=bool(address.query))
    except ValueError as error:  # a port of letters, or beyond 65535
        raise ValueError(form) from error
    is_path = address.scheme == "redis+unix" or re.fullmatch(r"/?|/[0-9]{1,5}", address.path)
    if address.scheme not in _REDIS or not has_place or not is_path or address.fragment or re.search(r"\s", text):
        raise ValueError(form)
    known = {name: form for name, form in _QUERY.items() if _is_for(address.scheme, name)}
    names = [name for name, _ in query]
    if len(set(names)) < len(names) or not all(known.get(name, _NOTHING).fullmatch(given) for name, given in query):
        raise ValueError(f"{form}, in whose query may stand {', '.join(known)}, each once")
    return text


def _is_for(scheme: str, name: str) -> bool:
    """Tell what redis-py takes from an address of this scheme; it fails at the first call for what it does not."""
    return scheme == "rediss" if name.startswith("ssl_") else not (name == "socket_keepalive" and "unix" in scheme)


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
    max_headlines: Annotated[
        int, _Setting("of one request or page; a long front page has 300", _whole(1, 1_000_000))
    ] = 1000
    max_bytes: Annotated[int, _Setting("of a request's body; a saved front page has a million", _whole(1, 2**28))] = (
        4194304
    )
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
            _origins,
        ),
    ] = ()
    proxies: Annotated[int, _Setting("proxies in front, whose X-Forwarded-For is believed", _whole(0, 100))] = 0
    request_seconds: Annotated[int, _Setting("for a request to arrive whole, or it is cut off", _whole(1, _DAY))] = 30
    keep_alive_seconds: Annotated[
        int,
        _Setting("for a connection that was answered to ask again; above any balancer's in front", _whole(1, _DAY)),
    ] = 620
    graceful_seconds: Annotated[
        int, _Setting("given to requests in flight when the service stops", _whole(1, _DAY))
    ] = 30
    timeout_seconds: Annotated[int, _Setting("until a worker that does not answer is replaced", _whole(1, _DAY))] = 30
    preset: Annotated[
        str,
        _Setting("how much the copy desk marks at first: `strict`, `standard` or `lenient`", _preset),
    ] = "standard"
    threads: Annotated[int, _Setting("of each worker, for what takes over a few milliseconds", _whole(1, 1024))] = 2

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
        text = read_regular(path, _LARGEST_FILE, pipes=True).decode()
        content = {} if (is_deep := bool(_DEEP_KEY.search(text))) else tomllib.loads(text)
    except OSError as error:
        raise SettingError(f"{PREFIX}CONFIG: {path} cannot be read: {error.strerror}") from error
    except RecursionError as error:
        raise SettingError(f"{path} must be TOML: it is nested too deeply") from error
    except ValueError as error:
        raise SettingError(f"{path} must be TOML: {error}") from error
    if is_deep:
        raise SettingError(f"{path} must be TOML: it is nested too deeply")
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
