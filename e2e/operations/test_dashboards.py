"""Grafana's dashboards ask for figures that the services really give."""

from __future__ import annotations

import pytest

from fixtures.dashboards import Panels
from fixtures.life import Journey
from fixtures.personas import Operator, Partner
from fixtures.waiting import until

SHOWN_WITHIN_S = 30
TIMES = {"page": "orders", "first_byte_ms": 10, "rows_ms": 20}


@pytest.mark.slow
def test_every_panel_of_every_dashboard_shows_figures(
    panels: Panels, journey: Journey, partner: Partner, operator: Operator
) -> None:
    """After a little work no query of any panel is empty or refused by Prometheus."""
    token = operator.door.open("/orders").form_with("Sign out").fields["csrf_token"]

    journey.to("CLOSED")

    def all_show() -> bool:
        partner.door.json("GET", "/v1/orders")
        operator.door.send("POST", "/page-times", json={**TIMES, "token": token})
        silent = panels.silent()
        assert not silent, "\n".join(silent)
        return True

    until(all_show, SHOWN_WITHIN_S, what="figures in all panels", expected="one at least for each query")
