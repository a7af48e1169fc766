"""A service says everything that is wrong with its environment at once, and never shows a secret."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sut.settings import EventSettings, SettingsError, load, load_or_exit, secret

GOOD = {
    "DATABASE_URL": "postgresql://user:hush@127.0.0.1:5432/api",
    "BROKER_URL": "nats://user:hush@127.0.0.1:4222",
    "LISTEN_PORT": "8080",
    "KEY": "kkk0123456789abcdefghijklmnopqrs",
}


@dataclass(frozen=True, kw_only=True)
class Settings(EventSettings):
    """Common settings and one secret."""

    key: str = secret()


def test_good_environment_is_read() -> None:
    """Values have their types, and what has a default may be left out."""
    settings = load(Settings, GOOD)

    assert (settings.listen_host, settings.listen_port, settings.log_level) == ("127.0.0.1", 8080, "INFO")


def test_secrets_and_addresses_are_not_shown() -> None:
    """A settings object can be printed without harm."""
    shown = repr(load(Settings, GOOD))

    assert "kkk" not in shown
    assert "hush" not in shown


def test_every_missing_variable_is_named_at_once() -> None:
    """One start tells all that is missing."""
    with pytest.raises(SettingsError) as refused:
        load(Settings, {})
    assert refused.value.faults == [
        "DATABASE_URL is missing",
        "LISTEN_PORT is missing",
        "BROKER_URL is missing",
        "KEY is missing",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://127.0.0.1/api"),
        ("DATABASE_URL", "postgresql:///"),
        ("BROKER_URL", "nats://127.0.0.1:99999"),
        ("BROKER_URL", "127.0.0.1:4222"),
        ("LISTEN_PORT", "0"),
        ("LISTEN_PORT", "65536"),
        ("LISTEN_PORT", "http"),
        ("LISTEN_PORT", "9" * 5000),
        ("LOG_LEVEL", "LOUD"),
        ("KEY", "short"),
    ],
)
def test_wrong_variable_is_named_without_its_value(name: str, value: str) -> None:
    """The message helps, and it leaks nothing."""
    with pytest.raises(SettingsError, match=f"{name} must") as refused:
        load(Settings, GOOD | {name: value})
    assert value not in str(refused.value)


def test_wrong_environment_ends_the_process_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A service that cannot start exits with 78 and no traceback."""
    for name in GOOD:
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(SystemExit) as ended:
        load_or_exit(Settings)
    assert ended.value.code == 78
    assert capsys.readouterr().err.count("\n") == 1
