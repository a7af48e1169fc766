"""The compose file fits the services: no setting is missing or misspelt, no port open to the network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sut.api.settings import ApiSettings
from sut.flow.settings import FlowSettings
from sut.mes.settings import MesSettings
from sut.pricing.settings import PricingSettings
from sut.secrets import keep
from sut.settings import ServiceSettings, load
from sut.shop.settings import ShopSettings

HERE = Path(__file__).parent
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text())
KINDS: dict[str, type[ServiceSettings]] = {
    "shop": ShopSettings,
    "api": ApiSettings,
    "mes": MesSettings,
    "pricing": PricingSettings,
    "flow": FlowSettings,
}


def filled(text: str) -> str:
    """Return a text as compose makes it, each variable being the word `given`."""
    return re.sub(r"\$\{[A-Z_]+(:\?[^}]*)?\}", "given", text).replace("$$", "$")


@pytest.mark.parametrize("service", KINDS)
def test_each_service_is_told_what_it_needs(service: str, tmp_path: Path) -> None:
    """It would start: every setting is there and sound, the secrets those that it makes itself."""
    told = {name: filled(str(text)) for name, text in COMPOSE["services"][service]["environment"].items()}

    settings = load(KINDS[service], {**keep(tmp_path / "secrets.env"), "LISTEN_PORT": "8000", **told})

    known = {field.upper() for field in settings.__dataclass_fields__}
    assert told.keys() - known == set()
    assert settings.metrics_token
    assert COMPOSE["services"][service]["command"] == ["python", "-m", f"sut.{service}"]


def test_nothing_is_open_to_the_network() -> None:
    """Every port is this machine's own."""
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]

    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_volumes_are_declared_and_mounted_files_exist() -> None:
    """A misspelt volume would be a new, empty one."""
    for service in COMPOSE["services"].values():
        for mount in service.get("volumes", []):
            source = mount.partition(":")[0]
            assert (HERE / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_images_are_pinned() -> None:
    """What runs today runs tomorrow; ours is built."""
    images = {service["image"] for service in COMPOSE["services"].values()} - {"assay-sut"}

    assert [image for image in images if not re.fullmatch(r"[\w./-]+:v?\d[\w.]*", image)] == []


def test_all_services_are_scraped() -> None:
    """Prometheus is told of each of the five."""
    script = COMPOSE["services"]["watch"]["command"][-1]

    assert re.findall(r"--scrape (\w+)=http://(\w+):8000", script) == [(name, name) for name in KINDS]
