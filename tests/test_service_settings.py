"""Settings come from the environment and a file, once; a malformed one stops the start in a line that names it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest
from limits.storage import storage_from_string

from model.errors import BroadsheetError
from service.rates import Rates
from service.settings import SettingError, Settings, as_table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "settings.md"
DIGEST, OTHER = "0123456789abcdef" * 4, "f" * 64
SECONDS = ("request_seconds", "keep_alive_seconds", "graceful_seconds", "timeout_seconds")
NUMBERS = ["max_headlines", "max_bytes", *SECONDS, "threads"]
SECRET = "Zyxwvut"  # noqa: S105  # not a password

# By name: as a variable, as a file, and what both mean.
GIVEN: dict[str, tuple[str, str, Any]] = {
    **dict.fromkeys(NUMBERS, ("7", "7", 7)),
    "model": ("build/candidate", '"build/candidate"', "build/candidate"),
    "models": ("/srv/models", '"/srv/models"', Path("/srv/models")),
    "rate_limit": ("5 per second; 100/hour", '"5 per second; 100/hour"', "5 per second; 100/hour"),
    "redis": ("redis://127.0.0.1:6379/0", '"redis://127.0.0.1:6379/0"', "redis://127.0.0.1:6379/0"),
    "api_keys": (f"{DIGEST}, {OTHER}", f'["{DIGEST}", "{OTHER}"]', (DIGEST, OTHER)),
    "origins": (
        "https://news.example http://127.0.0.1:8080",
        '["https://news.example", "http://127.0.0.1:8080"]',
        ("https://news.example", "http://127.0.0.1:8080"),
    ),
    "proxies": ("0", "0", 0),
    "preset": ("strict", '"strict"', "strict"),
}

# What is no value of a setting, and what a setting of its kind must be. Values are those of a file, too.
WHOLE, WHOLE_OR_NONE = "a whole number above 0", "a whole number, 0 or more"
RATE = "a rate such as '600 per minute', several with ';' between, or 'off'"
ORIGINS = "origins as browsers send them, such as https://news.example"
ODD_NUMBERS = ["0", "-1", "+5", "1.5", "many", " 7", "1e3", "0x10", "٣", "7\n", "9" * 5000]
MOST = {
    "max_headlines": 1_000_000,
    "max_bytes": 2**28,
    **dict.fromkeys(SECONDS, 86_400),
    "threads": 1024,
    "proxies": 100,
}
MALFORMED = {
    **dict.fromkeys(NUMBERS, (WHOLE, ODD_NUMBERS)),
    "proxies": (WHOLE_OR_NONE, ["-1", "one", "0.5"]),
    "preset": ("one of strict, standard, lenient", ["harsh", "Strict", "strict ", "0.5", "strict, lenient"]),
    "rate_limit": (
        RATE,
        [
            *("fast", "600", "600 per", "600 per fortnight", "-5 per minute", "none", "5 per minute; x"),
            *("0 per minute", "0/second", "00 per hour", "-1/minute", "5 per 0 minutes", "5/minute; 0/hour"),
            *("5/minute;", ";5/minute", "5/minute;;5/hour", ";", " ", "off; 5/minute", "5 per -1 minute", "1.5/minute"),
            *("2147483648 per minute", f"{'9' * 5000} per minute", "5 per 99999999999 years", "1 per 2 years"),
            *("1 per 367 days", "; ".join(["5/minute"] * 11), "٣ per minute", "5\nper minute x"),
        ],
    ),
}

# Origins that no browser sends, by what a browser would do instead.
OWN_PORT = "browsers leave out {0}'s own port, {1}"
NUMBER = "a port is a number from 1 to 65535"
ENDS, ONE = "it ends with the host, or a port", "it has one host, and no *"
BEGINS, SMALL = "it begins with http:// or https://", "browsers write it in small letters"
NAME, FOUR = "a host is letters, digits, - and _ between dots", "browsers write an address as 127.0.0.1"
SIX, EXTENSION = (
    "browsers write an address as [2001:db8::1]",
    "an extension needs no entry; its origin is its scheme and its id",
)
USER, PUNYCODE = "browsers leave out a user", "browsers write a host in punycode, as xn--..."
UNSENT = {
    "https://news.example:443": OWN_PORT.format("https", 443),
    "http://news.example:80": OWN_PORT.format("http", 80),
    "https://[2001:db8::1]:443": OWN_PORT.format("https", 443),
    **dict.fromkeys(("*", "null", "news.example", "//news.example", "ftp://news.example", "file://", "https:"), BEGINS),
    **dict.fromkeys(("ws://news.example", "https:/news.example", "about:blank", "https;//x"), BEGINS),
    **dict.fromkeys(("https://news.example/", "https://news.example/path", "https://news.example?x"), ENDS),
    **dict.fromkeys(("https://news.example#x", "https://news.example:8443/", "https:///", "https://a\\b"), ENDS),
    **dict.fromkeys(("https://", "https://news.example:8443:1", "https://2001:db8::1", "https://[::1"), ONE),
    **dict.fromkeys(("https://*", "https://*.news.example", "https://a..b", "https://.a", "https://."), NAME),
    **dict.fromkeys(("https://..", "https://news.example..", "https://a%20b", f"https://{'a' * 64}.example"), NAME),
    **dict.fromkeys(
        ("https://News.example", "HTTPS://news.example", "http://[2001:DB8::1]", "https://XN--e1afmkfd.x"), SMALL
    ),
    **dict.fromkeys(("https://user@news.example", "https://u:p@news.example", "https://@news.example"), USER),
    **dict.fromkeys(("https://bücher.example", "https://новости.рф", "https://news。example"), PUNYCODE),
    **dict.fromkeys(("https://news.example:", "https://news.example:0", "https://news.example:00080"), NUMBER),
    **dict.fromkeys(("https://news.example:08443", "https://news.example:65536", "https://x:99999"), NUMBER),
    **dict.fromkeys(("http://127.1", "http://2130706433", "http://0x7f.0.0.1", "http://127.0.0.01"), FOUR),
    **dict.fromkeys(("http://127.0.0.256", "http://1.2.3.4.5", "http://127.0.0.1."), FOUR),
    **dict.fromkeys(("http://[::1%eth0]", "http://[]", "http://[1]", "http://[:::1]", "http://[127.0.0.1]"), SIX),
    "http://[0:0:0:0:0:0:0:1]": "browsers write it [::1]",
    "http://[2001:0db8::1]:8080": "browsers write it [2001:db8::1]",
    "http://[::ffff:127.0.0.1]": "browsers write it [::ffff:7f00:1]",
    "http://[1:0:0:2:0:0:0:3]": "browsers write it [1:0:0:2::3]",
    **dict.fromkeys(("safari-web-extension://*", "chrome-extension://abcdefgh:80", "moz-extension://x"), EXTENSION),
    **dict.fromkeys((f"chrome-extension://{'q' * 32}", f"chrome-extension://{'a' * 32}/"), EXTENSION),
    **dict.fromkeys((f"safari-web-extension://{'0' * 32}", "safari-extension://com.example.app-ABC"), EXTENSION),
}
SENT = [
    "https://news.example:80",
    "http://news.example:443",
    *("http://x:65535", "http://x:1", "https://news.example.", "http://localhost", "http://my_host.example:3000"),
    *("http://127.0.0.1:8080", "http://[::1]", "http://[::1]:3000", "https://[2001:db8::1]:8443", "http://[::]"),
    *("http://[::ffff:7f00:1]", "http://[1:0:0:2::3]", "https://xn--bcher-kva.example", "https://1news.example"),
    "https://127.0.0.1.example",
    f"chrome-extension://{'a' * 32}",
    "moz-extension://01234567-89ab-cdef-0123-456789abcdef",
    "safari-web-extension://01234567-89ab-cdef-0123-456789abcdef",
    "safari-web-extension://01234567-89AB-CDEF-0123-456789ABCDEF",
]


def variable(name: str) -> str:
    """Give the variable that a setting is read from."""
    return f"BROADSHEET_{name.upper()}"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A path for a file of settings."""
    return tmp_path / "broadsheet.toml"


def read(config: Path, content: str, **variables: str) -> Settings:
    """Read settings from a file of this content, beside variables."""
    config.write_text(content, encoding="utf-8")
    return Settings.from_environment({"BROADSHEET_CONFIG": str(config)} | variables)


def refusal(config: Path, content: str) -> str:
    """Give the line that a file of this content is refused with."""
    with pytest.raises(SettingError) as caught:
        read(config, content)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_nothing_set_gives_the_defaults() -> None:
    """The model that comes with Broadsheet, open to all, and limits that a front page stays within."""
    assert Settings.from_environment({}) == Settings()
    assert (Settings().model, Settings().models, Settings().api_keys, Settings().redis) == (None, None, (), None)
    assert Settings().max_headlines >= 300
    assert Settings().max_bytes >= 2**20


def test_every_setting_is_tried_here() -> None:
    """A new one needs a value that holds, as a variable and in a file."""
    assert GIVEN.keys() == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("name", GIVEN)
def test_each_setting_is_read_from_its_variable(name: str) -> None:
    """One variable changes one setting; an empty one none."""
    text, _, value = GIVEN[name]
    settings = Settings.from_environment({variable(name): text})
    assert settings == Settings(**{name: value})
    assert Settings.from_environment({variable(name): ""}) == Settings()


@pytest.mark.parametrize("name", GIVEN)
def test_each_setting_is_read_from_the_file(config: Path, name: str) -> None:
    """By its own name, with TOML's types; numbers and lists may be text there as well."""
    text, toml, value = GIVEN[name]
    assert read(config, f"{name} = {toml}\n") == Settings(**{name: value})
    assert read(config, f"{name} = {text!r}\n") == Settings(**{name: value})


def test_the_environment_is_believed_over_the_file(config: Path) -> None:
    """Setting by setting, and even where the file's value is malformed; an empty variable leaves the file's."""
    content = 'threads = 3\nmax_bytes = 1000\nproxies = "many"\n'
    assert read(config, content, BROADSHEET_THREADS="5", BROADSHEET_PROXIES="2", BROADSHEET_MAX_BYTES="") == Settings(
        threads=5, max_bytes=1000, proxies=2
    )


def test_a_rate_may_be_off() -> None:
    """Off is a word of its own."""
    assert Settings.from_environment({"BROADSHEET_RATE_LIMIT": "off"}).rate_limit == "off"


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, values) in MALFORMED.items() for value in values]
)
def test_a_malformed_value_is_refused_by_name(config: Path, name: str, value: str) -> None:
    """The line names the variable, or the file and the name in it, what it must be, and what it was."""
    form = f"must be {MALFORMED[name][0]}, got {value!r}"
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({variable(name): value})
    assert str(caught.value) == f"{variable(name)} {form}"
    assert isinstance(caught.value, BroadsheetError)
    text = '"' + value.replace("\n", "\\n") + '"'
    assert refusal(config, f"{name} = {text}") == f"{config}: {name} {form}"


@pytest.mark.parametrize("origin", UNSENT)
def test_an_origin_that_no_browser_sends_stops_the_start(config: Path, origin: str) -> None:
    """It would never hold; the line names it, beside others that are right, and says what a browser does."""
    for given in (origin, f"https://news.example {origin}"):
        with pytest.raises(SettingError) as caught:
            Settings.from_environment({"BROADSHEET_ORIGINS": given})
        said = f"must be {ORIGINS}; no browser sends {origin!r}: {UNSENT[origin]}, got "
        assert str(caught.value) == f"BROADSHEET_ORIGINS {said}{given!r}"
    content = f"origins = [{json.dumps(origin, ensure_ascii=False)}]"
    assert refusal(config, content) == f"{config}: origins {said}{[origin]!r}"


def test_a_connection_is_kept_longer_than_balancers_keep_theirs() -> None:
    """Seconds: of AWS' application balancers 60, nginx 60, Azure 240, Google's 600; else requests are lost."""
    assert Settings().keep_alive_seconds > max(60, 60, 240, 600)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("threads = true", f"threads must be {WHOLE}, got True"),
        ("threads = 1.5", f"threads must be {WHOLE}, got 1.5"),
        ("threads = [4]", f"threads must be {WHOLE}, got [4]"),
        ("proxies = -1", f"proxies must be {WHOLE_OR_NONE}, got -1"),
        ("model = 7", "model must be text, got 7"),
        ('model = ""', "model must be text, got ''"),
        ("models = ['a']", "models must be text, got ['a']"),
        ("rate_limit = 600", f"rate_limit must be {RATE}, got 600"),
        ("rate_limit = false", f"rate_limit must be {RATE}, got False"),
        ("origins = 7", f"origins must be {ORIGINS}, got 7"),
        ("origins = ['https://news.example', 7]", f"origins must be {ORIGINS}, got ['https://news.example', 7]"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_by_name(config: Path, content: str, expected: str) -> None:
    """A file has types of its own."""
    assert refusal(config, content) == f"{config}: {expected}"


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("api_keys", SECRET, "the SHA-256 of each key, 64 hex digits"),
        ("api_keys", f"{DIGEST} {SECRET}", "the SHA-256 of each key, 64 hex digits"),
        ("redis", f"http://:{SECRET}@cache.example", "an address such as redis://127.0.0.1:6379/0"),
    ],
)
def test_what_may_be_a_secret_is_not_repeated(config: Path, name: str, value: str, form: str) -> None:
    """Whoever puts a key where its SHA-256 belongs does not find it in the log; nor a password of Redis."""
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({variable(name): value})
    assert str(caught.value) == f"{variable(name)} must be {form}, got something else"
    assert refusal(config, f'{name} = "{value}"') == f"{config}: {name} must be {form}, got something else"


def test_an_unknown_name_in_a_file_is_refused(config: Path) -> None:
    """By name, with those that there are; a table in the file is one as well."""
    known = ", ".join(sorted(GIVEN))
    assert refusal(config, "thread = 4") == f"{config}: unknown setting 'thread'; expected {known}"
    assert refusal(config, "[service]\nthreads = 4") == f"{config}: unknown setting 'service'; expected {known}"
    assert refusal(config, "THREADS = 4") == f"{config}: unknown setting 'THREADS'; expected {known}"


def test_a_file_that_cannot_be_read_is_said(config: Path, tmp_path: Path) -> None:
    """It is missing, a folder, not TOML, not UTF-8."""
    for path, reason in ((config, "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(SettingError) as caught:
            Settings.from_environment({"BROADSHEET_CONFIG": str(path)})
        assert str(caught.value) == f"BROADSHEET_CONFIG: {path} cannot be read: {reason}"
    assert refusal(config, "threads: 4").startswith(f"{config} must be TOML: ")
    config.write_bytes(b'model = "caf\xe9"')
    with pytest.raises(SettingError, match="must be TOML: "):
        Settings.from_environment({"BROADSHEET_CONFIG": str(config)})


def test_a_file_that_is_not_toml_tells_none_of_its_secrets(config: Path) -> None:
    """The parser says where it stopped, and not at what."""
    assert SECRET not in refusal(config, f"redis = redis://:{SECRET}@cache.example")


@pytest.mark.parametrize("name", MOST)
def test_the_largest_number_is_taken_and_none_beyond(name: str) -> None:
    """A body is held in memory, a thread needs a stack, and a clock takes no number of years."""
    assert getattr(Settings.from_environment({variable(name): str(MOST[name])}), name) == MOST[name]
    form = WHOLE_OR_NONE if name == "proxies" else WHOLE
    for beyond in (MOST[name] + 1, 2**31 - 1, 2**31, 9_999_999_999):
        with pytest.raises(
            SettingError, match=f"^{variable(name)} must be {form}, at most {MOST[name]}, got '{beyond}'$"
        ):
            Settings.from_environment({variable(name): str(beyond)})


@pytest.mark.parametrize(
    "value", ["1 per year", "2147483647/second", "5/second; 100/hour, 1000/day", "12 per 12 months"]
)
def test_large_rates_and_several_are_taken(value: str) -> None:
    """Whatever limits' own grammar has."""
    assert Settings.from_environment({"BROADSHEET_RATE_LIMIT": value}).rate_limit == value
    Rates(value, None)


@pytest.mark.parametrize("value", SENT)
def test_an_origin_that_browsers_send_is_taken(value: str) -> None:
    """Any port but a scheme's own, addresses, punycode, and extensions, whether or not they need it."""
    assert Settings.from_environment({"BROADSHEET_ORIGINS": value}).origins == (value,)


REDIS = "an address such as redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    "address",
    [
        *(
            "redis://h:99999/0",
            "redis://h:0/0",
            "redis://h:-1/0",
            "redis://h:port/0",
            "redis://h:٣/0",
            "redis://[::1/0",
        ),
        *("redis://h/first", "redis://h/-1", "redis://h/0/1", "redis://h/0#x", "redis://h /0", "redis://h/0\n"),
        *(
            "unix:///run/redis.sock",
            "redis+unix://",
            "http://h",
            "h:6379",
            "redis:h",
            "redis+cluster://h:1",
            "memcached://h",
        ),
        *("redis://h/0?socket_timeout=x", "redis://h/0?socket_timeout=0", "redis://h/0?socket_timeout=-1"),
        *("redis://h/0?socket_timeout=nan", "redis://h/0?socket_timeout=1e3", "redis://h/0?socket_connect_timeout="),
        *("redis://h/0?foo=1", "redis://h/0?host=other", "redis://h/0?parser_class=x", "redis://h/0?password=x"),
        *("redis://h/0?db=x", "redis://h/0?db=1&db=2", "redis://h/0?db", "redis://h/0?=1", "redis://h/0?protocol=9"),
        *(
            "redis://h/0?retry_on_timeout=maybe",
            "redis://h/0?max_connections=0",
            "redis://h/0?health_check_interval=.5",
        ),
        *(
            "redis://h/0?ssl_cert_reqs=none",
            "rediss://h/0?ssl_cert_reqs=x",
            "redis+unix:///r.sock?socket_keepalive=true",
        ),
    ],
)
def test_a_malformed_address_of_redis_is_refused(config: Path, address: str) -> None:
    """At the start, not at the first call; nothing of it is repeated."""
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({"BROADSHEET_REDIS": address})
    assert str(caught.value).startswith(f"BROADSHEET_REDIS must be {REDIS}")
    assert str(caught.value).endswith("got something else")
    assert refusal(config, f"redis = {json.dumps(address)}").startswith(f"{config}: redis must be {REDIS}")


@pytest.mark.parametrize(
    "address",
    [
        *("redis://127.0.0.1:6379/0", "redis://h", "redis://h/", "redis://:secret@h:6379/15", "rediss://u:p@h"),
        *("redis://[::1]:6379/0", "redis+unix:///run/redis.sock", "redis+unix://:secret@/run/redis.sock?db=1"),
        "redis://h/0?socket_timeout=0.5&socket_connect_timeout=2&socket_keepalive=true&retry_on_timeout=false&protocol=3",
        "redis://h?db=3&health_check_interval=30&max_connections=10&client_name=broadsheet",
        "rediss://h/0?ssl_cert_reqs=required&ssl_ca_certs=/etc/ca.pem&ssl_check_hostname=true",
        "redis+unix:///run/redis.sock?socket_timeout=1&client_name=x&db=2",
    ],
)
def test_an_address_that_is_taken_makes_a_connection(address: str) -> None:
    """As the library makes one, before it connects."""
    assert Settings.from_environment({"BROADSHEET_REDIS": address}).redis == address
    storage: Any = storage_from_string(address)
    storage.storage.connection_pool.make_connection()


NESTS = {
    "lists": "x = " + "[" * 60_000,
    "tables": "x = " + "{y = " * 5_000,
    "a key": "x" + ".y" * 30_000 + " = 1",
    "a key with blanks": "x" + " . y" * 10_000 + " = 1",
    "a key in quotes": "'x'" + '."y z"' * 10_000 + " = 1",
    "a table's name": "[x" + ".y" * 30_000 + "]",
    "a key in a table": "x = {y" + ".y" * 30_000 + " = 1}",
}


@pytest.mark.parametrize("nest", NESTS.values(), ids=NESTS)
def test_a_file_that_is_nested_deeply_is_refused(config: Path, nest: str) -> None:
    """In one line, however deep."""
    assert refusal(config, nest) == f"{config} must be TOML: it is nested too deeply"


def test_a_file_without_an_end_is_refused(config: Path) -> None:
    """A device, a FIFO, or a file beyond its limit."""
    said = f"BROADSHEET_CONFIG: {config} cannot be read: "
    kinds: dict[str, tuple[Callable[[], object], str]] = {
        "device": (lambda: config.symlink_to("/dev/zero"), "not a regular file"),
        "fifo": (lambda: os.mkfifo(config), "not a regular file"),
        "huge": (lambda: config.write_text("#" * 64_001), "larger than 64,000 bytes"),
    }
    for make, reason in kinds.values():
        make()
        with pytest.raises(SettingError) as caught:
            Settings.from_environment({"BROADSHEET_CONFIG": str(config)})
        assert str(caught.value) == said + reason
        config.unlink()


def test_variables_of_others_are_passed_over() -> None:
    """Kubernetes sets some with our prefix for a service of our name; capitals matter."""
    others = {
        "BROADSHEET_PORT": "tcp://10.0.0.1:80",
        "BROADSHEET_CORPORA": "x",
        "broadsheet_threads": "x",
        "THREADS": "x",
    }
    assert Settings.from_environment(others) == Settings()


def test_the_environment_of_the_process_is_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is asked for, not when the module is imported."""
    monkeypatch.setenv("BROADSHEET_THREADS", "3")
    assert Settings.from_environment().threads == 3
    monkeypatch.setenv("BROADSHEET_THREADS", "5")
    assert Settings.from_environment().threads == 5


def test_settings_do_not_change() -> None:
    """What was read at the start holds until the end."""
    with pytest.raises(FrozenInstanceError):
        Settings().threads = 9  # type: ignore[misc]  # that is the point


@pytest.mark.slow
def test_the_page_of_settings_has_the_table_of_the_settings() -> None:
    """`python -m service.settings` prints what belongs between the marks."""
    found = re.search(r"<!-- settings -->\n\n(.*)\n<!-- /settings -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    assert found[1] == as_table()
    printed = subprocess.run(
        [sys.executable, "-m", "service.settings"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert printed.stdout == as_table()


def test_the_table_names_every_setting_once() -> None:
    """With its variable; secrets and lists have no default to show."""
    rows = [line.split(" | ") for line in as_table().splitlines()[2:]]
    assert [row[0] for row in rows] == [f"| `{variable(field.name)}`" for field in fields(Settings)]
    assert [row[1] for row in rows] == [f"`{field.name}`" for field in fields(Settings)]


def test_the_example_of_a_file_on_the_page_is_one(config: Path) -> None:
    """It is read, and sets what it shows."""
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    settings = read(config, found[1])
    assert settings.models == Path("/srv/broadsheet/models")
    assert len(settings.api_keys) == 2
    shown = set(re.findall(r"^(\w+) =", found[1], re.MULTILINE))
    assert {name for name in GIVEN if getattr(settings, name) != getattr(Settings(), name)} <= shown <= GIVEN.keys()
