"""Secrets are made once, kept where only their owner reads them, and complete for every service."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sut.api.settings import ApiSettings
from sut.flow.settings import FlowSettings
from sut.mes.settings import MesSettings
from sut.secrets import OWN, SAME_AS, BadSecretsFile, completed, keep
from sut.settings import SettingsError, load, names_of_secrets
from sut.shop.settings import ShopSettings

KINDS = (ApiSettings, FlowSettings, MesSettings, ShopSettings)
REST = {
    "DATABASE_URL": "postgresql://user:hush@127.0.0.1:5432/x",
    "BROKER_URL": "nats://user:hush@127.0.0.1:4222",
    "LISTEN_PORT": "8080",
    **dict.fromkeys(("SHOP_API_URL", "FLOW_API_URL", "FLOW_MES_URL"), "http://127.0.0.1:1"),
    "FLOW_PRICING_URL": "http://127.0.0.1:1",
}


def test_every_secret_of_every_service_is_made() -> None:
    """Nobody forgets the one of a new service."""
    wanted = {name for kind in KINDS for name in names_of_secrets(kind)}

    assert wanted == {*OWN, *SAME_AS}


def test_services_start_with_what_is_made(tmp_path: Path) -> None:
    """The file alone is enough, and doors and those who knock agree."""
    environ = {**REST, "SECRETS_FILE": str(tmp_path / "secrets.env")}

    settings = {kind: load(kind, completed(environ)) for kind in KINDS}

    shop, api = settings[ShopSettings], settings[ApiSettings]
    assert isinstance(shop, ShopSettings)
    assert isinstance(api, ApiSettings)
    assert shop.shop_api_key == api.api_shop_key
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600


def test_what_was_made_is_kept_and_what_is_given_comes_first(tmp_path: Path) -> None:
    """A restart signs nobody out, and a deployment may bring its own."""
    path = tmp_path / "secrets.env"
    path.touch(0o600)
    path.write_text(f"# ours\nSHOP_API_KEY={'given-to-the-shop-' * 2}\n")
    first = keep(path)

    again = completed({"SECRETS_FILE": str(path), "MES_ADMIN_TOKEN": "mine", "API_ADMIN_TOKEN": ""})

    assert keep(path) == first
    assert again == first | {"SECRETS_FILE": str(path), "MES_ADMIN_TOKEN": "mine"}
    assert first["API_SHOP_KEY"] == first["SHOP_API_KEY"] == "given-to-the-shop-" * 2


def test_services_that_start_at_once_agree(tmp_path: Path) -> None:
    """Whoever comes first makes them, and the others read the same."""
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: keep(tmp_path / "secrets.env"), range(8)))

    assert all(each == found[0] for each in found)
    assert len(set(found[0].values())) == len(OWN)


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It is no secret any more."""
    path = tmp_path / "secrets.env"
    keep(path)
    path.chmod(0o640)

    with pytest.raises(BadSecretsFile, match="read by others"):
        keep(path)


def test_a_file_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """The refusal names it."""
    with pytest.raises(BadSecretsFile, match="nowhere"):
        completed({"SECRETS_FILE": str(tmp_path / "nowhere" / "secrets.env")})


def test_the_command_shows_none_of_them(tmp_path: Path) -> None:
    """What is printed may be logged."""
    path = tmp_path / "secrets.env"

    shown = subprocess.run(
        [sys.executable, "-m", "sut.secrets", str(path)], capture_output=True, text=True, check=True
    )

    assert not [secret for secret in keep(path).values() if secret in shown.stdout + shown.stderr]


@pytest.mark.parametrize("value", ["changeme", "changeme" * 4, "0" * 64])
def test_a_secret_that_is_none_is_refused(value: str, tmp_path: Path) -> None:
    """Too short, or long only because it repeats itself."""
    environ = {**REST, "SECRETS_FILE": str(tmp_path / "s"), "API_ADMIN_TOKEN": value}

    with pytest.raises(SettingsError, match="API_ADMIN_TOKEN must have at least"):
        load(ApiSettings, completed(environ))


def test_one_secret_for_two_purposes_is_refused(tmp_path: Path) -> None:
    """Who may read with it could administer with it."""
    same = "a-token-that-is-long-and-used-twice"
    environ = {**REST, "SECRETS_FILE": str(tmp_path / "s"), "API_ADMIN_TOKEN": same, "API_AUDIT_TOKEN": same}

    with pytest.raises(SettingsError, match="API_AUDIT_TOKEN must differ from API_ADMIN_TOKEN"):
        load(ApiSettings, completed(environ))
