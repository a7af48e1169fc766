"""A partner sees how well its contract was kept."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from fixtures.another_api import StartsApi
from fixtures.cast import Personas
from fixtures.database_hand import age_calls, get_to_know_calls
from fixtures.doors import ApiAdminDoor
from fixtures.models import box
from fixtures.personas import Manager, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

SHOWN_WITHIN_S = 10.0
CALLS = 5
QUOTAS = (1, 2, 3, 4)
WINDOWS = ("5m", "1h", "30d")
STL = {"Content-Type": "model/stl"}
PROMISED_MS, SENT_IN_S = 2000, 2.2
"""An upload is measured in a tenth of that, and in a second where the machine is busy."""


def test_answers_count_as_kept_whatever_they_say(partner: Partner) -> None:
    """An answer that refuses the partner's own mistake is no failure of ours."""
    paths = ("/v1/orders", "/v1/orders/x", "/v1/nothing")
    answers = [partner.door.http.get(path).status_code for path in paths]

    level = partner.door.sla()

    assert answers == [200, 422, 404]
    assert (level["calls"], level["failed"], level["limited"]) == (3, 0, 0)
    assert level["availability_share"] == 1
    assert 0 < level["p50_ms"] <= level["p95_ms"] <= level["p99_ms"]
    assert level["availability_budget"]["left_share"] == 1


def test_calls_beyond_the_rate_count_for_nobody(personas: Personas, target: Target) -> None:
    """Whoever calls too often neither spends the budget of the contract nor makes it look well kept."""
    partner = personas.partner(quota=4, window_s=4000)
    answers = [partner.door.http.get("/v1/orders").status_code for _ in range(7)]
    assert target.admin
    with ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
        admin.change_contract(partner.id)

    level = partner.door.sla()

    assert answers == [200] * 4 + [429] * 3
    assert (level["calls"], level["limited"], level["failed"]) == (4, 3, 0)
    assert level["availability_share"] == 1
    assert level["availability_budget"]["allowed_calls"] == pytest.approx(4 * 0.001)


def test_failures_spend_the_error_budget_whichever_process_failed(
    personas: Personas, another_apis: StartsApi
) -> None:
    """What a process counted is shown by the others, in every window, and is kept when it ends."""
    partner, api = personas.partner(availability_share=0.875), another_apis()
    with api.door(partner) as there:
        failed = there.http.post("/v1/models", content=box().content, headers=STL)
        until(lambda: partner.door.sla()["failed"] == 1, SHOWN_WITHIN_S, what="the failure is shown")
        before = partner.door.sla()["calls"]
        for _ in range(5):
            there.send("GET", "/v1/orders")
        api.stop()

    assert failed.status_code == 503
    for added, window in enumerate(("5m", "1h", "30d"), start=6):
        level = partner.door.sla(window)
        assert (level["calls"], level["failed"]) == (before + added, 1)
        assert level["availability_share"] == pytest.approx(1 - 1 / level["calls"], abs=1e-5)
        assert level["availability_budget"] == {
            "allowed_calls": pytest.approx(level["calls"] * 0.125),
            "spent_calls": 1,
            "left_share": pytest.approx(1 - 1 / (level["calls"] * 0.125), abs=1e-3),
            "kept": level["calls"] >= 8,
        }


def test_slow_answers_spend_the_latency_budget(personas: Personas) -> None:
    """A promise of one millisecond is broken by an upload that has to be read and measured."""
    partner = personas.partner(latency_ms=1, latency_share=0.5)
    for _ in range(3):
        partner.door.upload(box())

    level = partner.door.sla()

    assert (level["slow"], level["failed"]) == (3, 0)
    assert level["latency_budget"]["spent_calls"] == 3
    assert level["latency_budget"]["kept"] is False


def test_a_thin_line_of_the_partners_spends_no_budget(personas: Personas) -> None:
    """The time until the last byte of an upload has come is the sender's own, no broken promise of ours."""
    partner = personas.partner(latency_ms=PROMISED_MS, latency_share=0.5)

    partner.door.send("POST", "/v1/models", content=slowly(box().content), headers=STL)

    assert partner.door.sla()["slow"] == 0


def slowly(content: bytes) -> Iterator[bytes]:
    """Send the first half of a file at once, the other after longer than an answer may take."""
    half, over_at_s = len(content) // 2, time.monotonic() + SENT_IN_S
    yield content[:half]
    until(lambda: time.monotonic() > over_at_s, 2 * SENT_IN_S, what="the line is a thin one")
    yield content[half:]


@pytest.mark.parametrize(
    ("earlier", "counting"),
    [
        (timedelta(minutes=50), ["1h", "30d"]),
        (timedelta(hours=3), ["30d"]),
        (timedelta(days=29), ["30d"]),
        (timedelta(days=31), []),
    ],
)
def test_a_service_level_is_of_the_time_that_it_names(
    target: Target, partner: Partner, earlier: timedelta, counting: list[str]
) -> None:
    """A call counts in each window until it is older; a bad hour is not gone after five minutes."""
    for _ in range(CALLS):
        partner.door.send("GET", "/v1/orders")
    partner.door.sla()  # what a process has counted is in the database by then

    age_calls(target, partner.id, earlier)

    seen = [window for window in WINDOWS if partner.door.sla(window)["calls"] >= CALLS]
    assert seen == counting


def test_a_partners_service_level_is_its_own(personas: Personas) -> None:
    """What others call is nobody else's business."""
    one, other = personas.partner(), personas.partner()
    one.door.send("GET", "/v1/orders")

    assert other.door.sla()["calls"] == 0


def test_a_manager_sees_which_promise_is_broken(personas: Personas, manager: Manager) -> None:
    """A partner whose answers were too slow stands out on the page, by the budget that is spent."""
    partner = personas.partner(latency_ms=1, latency_share=0.5)
    for _ in range(3):
        partner.door.upload(box())
    assert partner.door.sla()["latency_budget"]["kept"] is False

    page = manager.door.open("/partners")

    table = "Partners' service level"
    names, errors, latencies = (page.column(table, index) for index in (0, 9, 10))
    own = [row[1:] for row in zip(names, errors, latencies, strict=True) if row[0] == partner.name]
    assert [("broken" in error, "broken" in latency) for error, latency in own] == [(False, True)] * 3


def test_a_manager_sees_every_partners_service_level(
    personas: Personas, manager: Manager, target: Target
) -> None:
    """One page shows of each partner, in each window, all that was answered and what was refused."""
    allowed = {personas.partner(quota=quota, window_s=2000): quota for quota in QUOTAS}
    answers = {each: [each.door.http.get("/v1/orders").status_code for _ in range(CALLS)] for each in allowed}
    manager.door.open("/partners")  # whatever was counted is in the database by then
    get_to_know_calls(target)

    page = manager.door.open("/partners")

    table = "Partners' service level"
    rows = zip(*(page.column(table, index) for index in (0, 2, 3, 5)), strict=True)
    expected = {
        (each.name, window, str(quota), str(CALLS - quota))
        for each, quota in allowed.items()
        for window in WINDOWS
    }
    assert {each: codes.count(200) for each, codes in answers.items()} == allowed
    assert expected <= set(rows)


def test_the_link_of_a_mail_leads_to_the_rows_of_its_partner(personas: Personas, manager: Manager) -> None:
    """An alert names a partner by its id alone; the link that it gives ends at the partner's name."""
    partner = personas.partner()

    page = manager.door.open(f"/partners#partner-{partner.id}")

    rows = [row for row in page.root.every("tr") if row.attributes.get("id") == f"partner-{partner.id}"]
    assert [partner.name in row.text for row in rows] == [True]
