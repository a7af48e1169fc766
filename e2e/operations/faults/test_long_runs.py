"""What shows only after a long time, or with many of something, made to show in seconds."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from resource import RLIMIT_NOFILE, prlimit

import psutil
import pytest

from fixtures import models
from fixtures.cast import Personas
from fixtures.database_hand import age_calls, calls_older_than
from fixtures.faults import Faults
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

OUTAGE_S = 35.0
"""Longer than who counts tries goes on to try."""
FILES_MORE = 48
"""What pricing may open beside what it has open: the models that are still at hand, and some connections."""
MODELS = 80
CALLS = 5
PAGES = 16
"""More than a service has connections to its database."""
TOLD_WITHIN_S = 15.0
ANSWERED_WITHIN_S = 4.0
"""A request that waits for a connection is refused after five."""


@contextmanager
def few_files(testbed: SystemTestbed) -> Iterator[None]:
    """Let pricing open hardly more files than it has open now."""
    [pid] = testbed.pids("pricing")[:1]
    before = prlimit(pid, RLIMIT_NOFILE)
    prlimit(pid, RLIMIT_NOFILE, (psutil.Process(pid).num_fds() + FILES_MORE, before[1]))
    try:
        yield
    finally:
        prlimit(pid, RLIMIT_NOFILE, before)


def test_open_pages_hold_nothing_that_others_wait_for(operator: Operator) -> None:
    """Any number of operators may leave their page open: orders are still listed, and at once."""
    with ExitStack() as open_pages:
        streams = [
            open_pages.enter_context(
                operator.door.http.stream("GET", "/notifications/stream", timeout=TOLD_WITHIN_S)
            )
            for _ in range(PAGES)
        ]
        answers = [operator.door.http.get("/orders", timeout=ANSWERED_WITHIN_S).status_code for _ in range(3)]

    assert [stream.status_code for stream in streams] == [200] * PAGES
    assert answers == [200] * 3


@pytest.mark.slow
def test_any_number_of_models_is_priced_with_few_open_files(
    partner: Partner, private_testbed: SystemTestbed
) -> None:
    """Pricing closes the files that it has dealt with, however small they are and however many came."""
    partner.priced(an_order())

    with few_files(private_testbed):
        orders = [partner.place(an_order(models.box(10, 10, f"10.{n:02d}"))) for n in range(MODELS)]
        priced = [partner.waits_for(order, "PRICED") for order in orders]

    assert all(order.price for order in priced)


@pytest.mark.slow
def test_a_long_outage_of_the_broker_is_over_when_it_is_over(partner: Partner, faults: Faults) -> None:
    """However long it took, every service finds the broker again."""
    wish = an_order()
    partner.door.upload_once(wish.model)  # while its store is there

    with faults.kill("nats") as outage:
        order, over_at_s = partner.place(wish), time.monotonic() + OUTAGE_S
        until(lambda: time.monotonic() > over_at_s, OUTAGE_S + 1, what="the outage is a long one")

    outage.must_have_been_felt()
    assert partner.waits_for(order, "PRICED").price


@pytest.mark.slow
def test_one_worker_prices_large_models_too(partner: Partner, faults: Faults) -> None:
    """A small machine has one worker, for which nothing is too large."""
    with faults.instead("pricing", {"PRICING_WORKERS": "1"}):
        order = partner.place(an_order(models.ball(30_000, radius_mm=30)))
        priced = partner.waits_for(order, "PRICED")

    assert priced.price


def test_what_was_called_weeks_ago_counts_until_its_month_is_over(personas: Personas, target: Target) -> None:
    """Counts of calls are cleared away when nothing tells of them any more, and not before."""
    last_month, long_ago = personas.partner(), personas.partner()
    for partner, days in ((last_month, 29), (long_ago, 41)):
        for _ in range(CALLS):
            partner.door.send("GET", "/v1/orders")
        partner.door.sla()  # what a process has counted is in the database by then
        age_calls(target, partner.id, timedelta(days=days))

    until(
        lambda: not calls_older_than(target, long_ago.id, timedelta(days=40)),
        TOLD_WITHIN_S,
        what="what nobody asks for any more is cleared away",
    )

    assert last_month.door.sla("30d")["calls"] >= CALLS
