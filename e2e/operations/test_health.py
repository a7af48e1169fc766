"""Every service is up and says so."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from e2e.pages.shop import Storefront
from fixtures.connection import Connection
from fixtures.testbed.target import Target


@pytest.mark.smoke
@pytest.mark.parametrize("service", ["shop", "api", "mes", "pricing", "flow"])
def test_a_service_is_alive_and_ready(target: Target, service: str) -> None:
    """Both probes of every service answer 200."""
    url = getattr(target.urls, service) or pytest.skip(f"the target names no address of {service}")

    with Connection(url) as probe:
        assert probe.send("GET", "/health/live").status_code == 200
        assert probe.send("GET", "/health/ready").status_code == 200


@pytest.mark.smoke
def test_the_doors_for_people_load_in_a_browser(storefront: Storefront, dashboard: Dashboard) -> None:
    """Shop and MES show their forms to sign in, without an error in the console."""
    shop = storefront.open_as_stranger()
    mes = dashboard.open_sign_in()

    shop.get_by_role("link", name="Sign in").first.click()

    expect(shop.get_by_role("button", name="Sign in")).to_be_visible()
    expect(mes.sign_in).to_be_visible()
