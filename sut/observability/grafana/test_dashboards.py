"""Dashboards can be read by people: every panel says what it shows, in which unit, and has its place."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sut.observability.grafana import panels
from sut.observability.grafana.files import dashboards, text, write
from sut.observability.grafana.panels import Bounds

FILES = sorted(dashboards())
PROVISIONING = Path(__file__).with_name("provisioning")


def panels_of(name: str) -> list[dict[str, Any]]:
    """Return the panels of a dashboard as Grafana reads them, headings of rows left out."""
    read: dict[str, Any] = json.loads(text(dashboards()[name]))
    return [panel for panel in read["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("name", FILES)
def test_every_panel_says_what_it_shows(name: str) -> None:
    """A title, a sentence of why, a unit, and a query for each series it draws."""
    for panel in panels_of(name):
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert [target["expr"] for target in panel["targets"]]
        assert panel["datasource"] == {"type": "prometheus", "uid": "prometheus"}


@pytest.mark.parametrize("name", FILES)
def test_panels_have_numbers_and_places_of_their_own(name: str) -> None:
    """None lies on another or beyond the edge."""
    found: list[dict[str, Any]] = json.loads(text(dashboards()[name]))["panels"]

    assert len({panel["id"] for panel in found}) == len(found)
    assert [panel["title"] for panel in found if panel["gridPos"]["x"] + panel["gridPos"]["w"] > 24] == []
    taken = [cell for panel in found for cell in cells(panel["gridPos"])]
    assert len(taken) == len(set(taken))


def cells(place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Return every field of the grid that a panel covers."""
    across, down = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return itertools.product(across, down)


def test_titles_and_addresses_are_each_used_once() -> None:
    """A link leads to one dashboard."""
    made = dashboards().values()

    assert len({dashboard.uid for dashboard in made}) == len({dashboard.title for dashboard in made}) == 4


def test_files_are_the_same_each_time(tmp_path: Path) -> None:
    """A difference between two releases' files is a difference between their dashboards."""
    first = [path.read_bytes() for path in write(tmp_path / "first")]

    assert [path.read_bytes() for path in write(tmp_path / "again")] == first


def colours(bounds: Bounds) -> list[tuple[float | None, str]]:
    """Return from which value on which colour is shown."""
    return [(step.value, step.color) for step in bounds.build().build().steps]


def test_bounds_turn_red_on_the_bad_side() -> None:
    """More latency is worse, and less availability."""
    rising, falling = Bounds(warn=1, bad=2), Bounds(warn=0.99, bad=0.9, falling=True)

    assert colours(rising) == [(None, "green"), (1, "orange"), (2, "red")]
    assert colours(falling) == [(None, "red"), (0.9, "orange"), (0.99, "green")]
    assert colours(Bounds(warn=None, bad=1)) == [(None, "green"), (1, "red")]


def test_what_is_provisioned_fits_the_panels() -> None:
    """Grafana knows the data source under the name that the panels ask for."""
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "assay.yml").read_text())["providers"]

    assert (source["type"], source["uid"]) == (panels.PROMETHEUS.type_val, panels.PROMETHEUS.uid)
    assert (provider["type"], provider["allowUiUpdates"]) == ("file", False)
