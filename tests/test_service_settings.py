"""Settings come from the environment once, and a malformed one stops the start in a line that names it."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from model.artefact import DEFAULT
from model.errors import BroadsheetError
from service.settings import SettingError, Settings

NUMBERS = [field.name for field in fields(Settings) if field.name != "model"]


def variable(name: str) -> str:
    """Give the variable that a setting is read from."""
    return f"BROADSHEET_{name.upper()}"


def test_nothing_set_gives_the_defaults() -> None:
    """The model that comes with Broadsheet, and limits that a front page stays within."""
    assert Settings.from_environment({}) == Settings()
    assert Settings().model == DEFAULT
    assert Settings().max_headlines >= 300
    assert Settings().max_bytes >= 2**20


@pytest.mark.parametrize("name", NUMBERS)
def test_each_number_is_read_from_its_variable(name: str) -> None:
    """One variable changes one setting."""
    settings = Settings.from_environment({variable(name): "7"})
    assert {n: getattr(settings, n) for n in NUMBERS} == {n: getattr(Settings(), n) for n in NUMBERS} | {name: 7}


def test_the_model_is_read_as_a_path() -> None:
    """An empty value is as good as none."""
    assert Settings.from_environment({"BROADSHEET_MODEL": "build/candidate"}).model == Path("build/candidate")
    assert Settings.from_environment({"BROADSHEET_MODEL": ""}).model == DEFAULT


@pytest.mark.parametrize(
    "value", ["", "0", "-1", "+5", "1.5", "many", " 7", "1e3", "0x10", "٣", "7\n", "2147483648", "9" * 5000]
)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_malformed_number_is_refused_by_name(name: str, value: str) -> None:
    """The line names the variable, what it must be, and what it was."""
    with pytest.raises(SettingError) as caught:
        Settings.from_environment({variable(name): value})
    assert str(caught.value) == f"{variable(name)} must be a whole number above 0, got {value!r}"
    assert isinstance(caught.value, BroadsheetError)


def test_the_largest_number_is_taken() -> None:
    """One below 2 to the 31."""
    assert Settings.from_environment({"BROADSHEET_MAX_BYTES": "2147483647"}).max_bytes == 2**31 - 1


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
