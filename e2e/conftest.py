"""Page objects as fixtures: wiring only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.pages.flow_board import FlowBoard
from e2e.pages.mes import Dashboard
from e2e.pages.shop import Storefront
from e2e.places import Places
from e2e.visitors import Visitors
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor
from fixtures.model_store import ModelStore
from fixtures.testbed.target import Target
from fixtures.windows import Windows


@pytest.fixture
def visitors(target: Target, personas: Personas, audit: MesAuditDoor) -> Visitors:
    """Makes visitors of the web sites."""
    return Visitors(target, personas, audit)


@pytest.fixture
def places() -> Iterator[Places]:
    """Strangers who sit at addresses of their own."""
    places = Places()
    yield places
    places.close()


@pytest.fixture
def store(target: Target) -> ModelStore:
    """The store of uploaded models."""
    return ModelStore(target.broker or pytest.skip("the target does not say where its broker is"))


@pytest.fixture
def storefront(windows: Windows, target: Target) -> Storefront:
    """The shop, in a window for each shopper."""
    return Storefront(windows, target.urls.shop)


@pytest.fixture
def dashboard(windows: Windows, target: Target) -> Dashboard:
    """The MES, in a window for each operator."""
    return Dashboard(windows, target.urls.mes)


@pytest.fixture
def flow_board(windows: Windows, flow_url: str) -> FlowBoard:
    """The order flow, in a window for each manager."""
    return FlowBoard(windows, flow_url)
