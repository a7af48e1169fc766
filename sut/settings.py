"""What a service is told by its environment: read once, complete or not at all."""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sut import secrets
from sut.telemetry import sampling

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h
SECRET_MIN_CHARS = 32
#: Source: OWASP Password Storage Cheat Sheet (Argon2id, 19 MiB, two passes, one lane).
PASSWORD_MEMORY_KIB, PASSWORD_MEMORY_LEAST_KIB, PASSWORD_MEMORY_MOST_KIB = 19 * 1024, 4 * 1024, 1024 * 1024
DAY_S = 24 * 60 * 60
SECRET_MIN_DISTINCT = 10  # "changeme" four times is long enough and no secret

_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
T = TypeVar("T", bound="ServiceSettings")


class SettingsError(Exception):
    """Every missing or wrong variable of a service's environment, in one message."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("settings: " + "; ".join(faults))
        self.faults = faults


def _check_secret(text: str) -> str:
    if len(text) < SECRET_MIN_CHARS:
        return f"must have at least {SECRET_MIN_CHARS} characters"
    if len(set(text)) < SECRET_MIN_DISTINCT:
        return f"must have at least {SECRET_MIN_DISTINCT} different characters"
    return ""


def secret() -> Any:
    """Declare a secret: no default, at least 32 characters, never shown."""
    return dataclasses.field(metadata={"check": _check_secret}, repr=False)


def optional_secret() -> Any:
    """Declare a secret that may be left out, with which what it opens is left out as well."""
    return dataclasses.field(default="", metadata={"check": _check_secret}, repr=False)


def url(*schemes: str) -> Any:
    """Declare an address with one of the schemes; it may hold a password, so it is never shown."""
    return dataclasses.field(metadata={"check": lambda text: _check_url(text, schemes)}, repr=False)


def optional_url(*schemes: str) -> Any:
    """Declare an address that may be left out; it may hold a password, so it is never shown."""
    return dataclasses.field(
        default="", metadata={"check": lambda text: _check_url(text, schemes)}, repr=False
    )


def seconds(default: int) -> Any:
    """Declare a time in whole seconds, at least one."""
    return _time(default, "seconds")


def _time(default: int, unit: str) -> Any:
    return dataclasses.field(default=default, metadata={"check": lambda text: _check_time(text, unit)})


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """What every service needs; a field's variable is its name in capitals."""

    database_url: str = url("postgresql", "postgres")
    listen_host: str = "127.0.0.1"
    listen_port: int = dataclasses.field(metadata={"check": lambda text: _check_port(text)})
    log_level: str = dataclasses.field(default="INFO", metadata={"check": lambda text: _check_level(text)})
    secrets_file: str = ""
    metrics_token: str = optional_secret()
    trusted_proxies: str = dataclasses.field(
        default="", metadata={"check": lambda text: _check_networks(text)}
    )
    otel_exporter_otlp_endpoint: str = optional_url("http", "https")
    otel_exporter_otlp_headers: str = dataclasses.field(default="", repr=False)
    otel_traces_sampler: str = dataclasses.field(
        default=sampling.DEFAULT, metadata={"check": lambda text: sampling.fault_of_name(text)}
    )
    otel_traces_sampler_arg: str = dataclasses.field(
        default="", metadata={"check": lambda text: sampling.fault_of_share(text)}
    )
    otel_bsp_schedule_delay: int = _time(300, "milliseconds")


@dataclass(frozen=True, kw_only=True)
class SiteSettings(ServiceSettings):
    """What a service with pages needs: where people find it, and what hashing a password takes."""

    public_url: str = optional_url("http", "https")
    password_memory_kib: int = dataclasses.field(
        default=PASSWORD_MEMORY_KIB, metadata={"check": lambda text: _check_password_memory(text)}
    )

    @property
    def is_https(self) -> bool:
        """Whether people reach it by https, so that cookies may ask for that."""
        return self.public_url.startswith("https:")


@dataclass(frozen=True, kw_only=True)
class EventSettings(ServiceSettings):
    """What a service that sends or receives events needs."""

    broker_url: str = url("nats")
    outbox_keep_s: int = seconds(7 * DAY_S)
    inbox_keep_s: int = seconds(30 * DAY_S)
    prune_every_s: int = seconds(60)


_NUMBERS: Mapping[str, Callable[[str], Any]] = {"int": int, "float": float}


def load(kind: type[T], environ: Mapping[str, str] = os.environ) -> T:
    """Read a settings class from the environment.

    Raises:
        SettingsError: with every missing or wrong variable.
    """
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in dataclasses.fields(kind):
        name = field.name.upper()
        text = environ.get(name, "")
        if not text:
            if field.default is dataclasses.MISSING:
                faults.append(f"{name} is missing")
            continue
        fault = field.metadata.get("check", _accept)(text)
        if fault:
            faults.append(f"{name} {fault}")
        else:
            values[field.name] = _NUMBERS.get(str(field.type), str)(text)
    faults += _shared_secrets(kind, values)
    if faults:
        raise SettingsError(faults)
    return kind(**values)


def load_or_exit(kind: type[T]) -> T:
    """Read the settings, or end the process with one clear line and exit code 78."""
    try:
        return load(kind, secrets.completed(os.environ))
    except (SettingsError, secrets.BadSecretsFile) as error:
        print(error, file=sys.stderr)
        raise SystemExit(EXIT_CONFIG) from None


def _accept(text: str) -> str:
    return ""


def names_of_secrets(kind: type[ServiceSettings]) -> list[str]:
    """Return the variables of a service that are secrets."""
    fields = dataclasses.fields(kind)
    return [field.name.upper() for field in fields if field.metadata.get("check") is _check_secret]


def _shared_secrets(kind: type[ServiceSettings], values: Mapping[str, Any]) -> list[str]:
    """Find secrets that are one and the same: who may read with one could then do all."""
    names: dict[str, str] = {}
    faults = []
    for name in names_of_secrets(kind):
        value = values.get(name.lower())
        if value and (other := names.setdefault(value, name)) != name:
            faults.append(f"{name} must differ from {other}")
    return faults


def _check_networks(text: str) -> str:
    try:
        for part in text.split(","):
            ipaddress.ip_network(part.strip())
    except ValueError:
        return "must be addresses or networks, separated by commas"
    return ""


def _check_url(text: str, schemes: tuple[str, ...]) -> str:
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in schemes and bool(parts.hostname or parts.query) and parts.port != 0
    except ValueError:
        well_formed = False
    return "" if well_formed else f"must be an address that begins with {schemes[0]}://"


def _check_port(text: str) -> str:
    is_port = text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535
    return "" if is_port else "must be a port, 1 to 65535"


def _check_time(text: str, unit: str) -> str:
    is_time = text.isascii() and text.isdigit() and len(text) <= 9 and int(text) > 0
    return "" if is_time else f"must be a number of {unit}, 1 to 999999999"


def _check_password_memory(text: str) -> str:
    least, most = PASSWORD_MEMORY_LEAST_KIB, PASSWORD_MEMORY_MOST_KIB
    is_bearable = text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most
    return "" if is_bearable else f"must be a number of KiB, {least} to {most}"


def _check_level(text: str) -> str:
    return "" if text in _LEVELS else f"must be one of {', '.join(_LEVELS)}"
