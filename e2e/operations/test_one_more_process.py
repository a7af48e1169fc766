"""One more process of a service joins the others without a word, and leaves them in time."""

from __future__ import annotations

import pytest

from fixtures.another_api import StartsApi
from fixtures.database_hand import open_transaction
from fixtures.personas import Partner
from fixtures.raw_http import half_sent
from fixtures.testbed.target import Target

STOPS_WITHIN_S = 15.0
A_WRITE = "INSERT INTO inbox (event_id) VALUES (gen_random_uuid())"


def test_a_process_starts_beside_open_transactions(
    target: Target, partner: Partner, another_apis: StartsApi
) -> None:
    """It asks for no lock on tables that are written to, or it and they would end in a deadlock."""
    with open_transaction(target, "api", A_WRITE), another_apis().door(partner) as there:
        assert list(there.orders()) == []


@pytest.mark.slow
def test_a_process_that_is_told_to_stop_waits_for_no_slow_sender(
    partner: Partner, another_apis: StartsApi
) -> None:
    """An upload that trickles in holds up no deployment: the process ends, and the sender may come again."""
    api, key = another_apis(), partner.door.http.headers["X-API-Key"]
    headers = {"X-API-Key": key, "Content-Type": "model/stl", "Content-Length": "1000"}

    with half_sent(api.url, "POST", "/v1/models", headers, b"solid"):
        api.process.ask_to_end()
        assert api.process.wait(STOPS_WITHIN_S)
