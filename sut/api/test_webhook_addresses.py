"""Webhooks go nowhere that only we can reach."""

from __future__ import annotations

import asyncio

import httpcore
import pytest

from sut.api.settings import LOOPBACK, PUBLIC
from sut.api.webhook_addresses import Guarded, NotAllowed, check_url


@pytest.mark.parametrize(
    "url",
    [
        "https://partner.example/hook",
        "https://partner.example:8443/hook?tenant=1",
        "https://93.184.216.34/",
        "https://[2606:4700::1111]/",
        "HTTPS://partner.example",
    ],
)
def test_public_addresses_are_taken_by_https(url: str) -> None:
    """That is what a webhook is for."""
    check_url(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/hook",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://user@partner.example/",
        "https://user:password@partner.example/",
        "https://partner.example/#here",
        "https://partner.example\\@127.0.0.1/",
        "https://partner.example:0/",
        "https://partner.example:99999/",
        "https://[::1/",
        "https:///hook",
        "https://",
        "//partner.example/",
        "file:///etc/passwd",
        "gopher://partner.example/",
        "https://пример.example/",
        "https://partner.example/a b",
        "",
    ],
)
def test_what_is_not_a_public_https_address_is_refused(url: str) -> None:
    """However it is written."""
    with pytest.raises(NotAllowed):
        check_url(url, PUBLIC)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost:1/", "https://[::1]/", "http://127.1/"]
)
def test_a_setting_allows_this_machine(url: str) -> None:
    """Tests and developers have no certificate."""
    check_url(url, LOOPBACK)


@pytest.mark.parametrize("url", ["https://partner.example/", "http://10.0.0.1/", "https://93.184.216.34/"])
def test_the_setting_allows_this_machine_alone(url: str) -> None:
    """Nothing of a test leaves it."""
    with pytest.raises(NotAllowed):
        check_url(url, LOOPBACK)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_name_is_judged_by_what_it_leads_to(host: str) -> None:
    """A name that is public by its look and leads inside is refused when the connection is made."""

    async def call() -> None:
        async with httpcore.AsyncConnectionPool(network_backend=Guarded(PUBLIC)) as pool:
            await pool.request("POST", f"http://{host}:9/")

    with pytest.raises(NotAllowed):
        asyncio.run(call())
