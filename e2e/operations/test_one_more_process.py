"""One more process of a service joins the others without a word."""

from __future__ import annotations

from fixtures.another_api import StartsApi
from fixtures.database_hand import open_transaction
from fixtures.personas import Partner
from fixtures.testbed.target import Target

A_WRITE = "INSERT INTO inbox (event_id) VALUES (gen_random_uuid())"


def test_a_process_starts_beside_open_transactions(
    target: Target, partner: Partner, another_apis: StartsApi
) -> None:
    """It asks for no lock on tables that are written to, or it and they would end in a deadlock."""
    with open_transaction(target, "api", A_WRITE), another_apis().door(partner) as there:
        assert list(there.orders()) == []
