"""Whoever guesses passwords is not helped by a site that runs as several processes."""

from __future__ import annotations

import pytest

from fixtures.cast import Personas
from fixtures.connection import Refusal
from fixtures.faults import Faults
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

MOST_BY_ONE = 20
"""What a service may bear within a minute; ours bears half of it."""


def status_of_a_guess(door: WebDoor) -> int:
    """Try a wrong password; return the status of the answer."""
    try:
        door.sign_in("somebody@example.com", "not the password")
    except Refusal as refusal:
        return refusal.status
    return 200


def test_processes_of_a_site_count_failed_sign_ins_together(
    personas: Personas, faults: Faults, target: Target
) -> None:
    """Guesses that go to two processes in turn come to their end as soon as guesses at one would."""
    with faults.beside("shop") as another:
        doors = [personas.stranger(url) for url in (target.urls.shop, another)]

        statuses = [status_of_a_guess(door) for door in doors * (MOST_BY_ONE // 2)]

    assert set(statuses[:4]) == {401}
    assert statuses[-2:] == [429, 429]
