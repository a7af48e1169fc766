"""Hops are timed by what the events say, each once, whatever order they come in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from fixtures.testbed.postgres import NativePostgres
from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.database import Database
from sut.events import Event
from sut.flow import deadlines, projection, store
from sut.flow.hops import Mark
from sut.flow.metrics import HopTimes, Waiting, passed
from sut.flow.projection import Order, marked

ORDER_ID = uuid4()
START = datetime.now(UTC) - timedelta(seconds=30)
WISH = {"channel": "shop", "customer": "ada", "model_id": "m", "material": "PLA", "quantity": 1}


def an_event(type_: str, after_s: float) -> Event:
    """Make an event of the order, so long after its start."""
    data: dict[str, Any] = WISH if type_ == "api.submitted" else {}
    return Event(uuid4(), type_, START + timedelta(seconds=after_s), ORDER_ID, "K7F3-0192", data)


LIFE = [an_event("api.submitted", 0), an_event("mes.pricing-requested", 2), an_event("pricing.quoted", 7)]


def timed(told: Sequence[Event]) -> dict[str, float]:
    """Return the hops that are timed while events come, each of which may be timed once."""
    order, found = Order(ORDER_ID, "K7F3-0192"), {}
    for event in told:
        for hop, seconds in passed(order, event):
            assert hop not in found
            found[hop] = seconds
        order = projection.after(order, event)
    return found


@pytest.mark.parametrize("told", list(itertools.permutations(LIFE)))
def test_each_hop_is_timed_once_in_any_order(told: Sequence[Event]) -> None:
    """Messages overtake each other; the histogram does not notice."""
    assert timed(told) == {"intake": 2, "pricing": 5}


def test_a_rougher_word_of_an_audit_is_no_time() -> None:
    """What was noticed half a second later is not half a second slower."""
    submitted, in_mes, _ = LIFE
    seen_late = marked(Order(ORDER_ID, "K7F3-0192"), Mark.IN_MES, START + timedelta(seconds=3))
    seen_late = projection.after(seen_late, submitted)

    assert passed(seen_late, in_mes) == [("intake", 2)]


def test_clocks_that_differ_make_no_negative_times() -> None:
    """The other machine's clock may be a little ahead."""
    assert timed([LIFE[0], an_event("mes.pricing-requested", -0.1)]) == {"intake": 0}


def test_open_orders_are_counted_by_state_with_the_oldest(own_postgres: NativePostgres) -> None:
    """The board's facts, as figures with a value for every state and hop."""

    async def story() -> dict[tuple[str, str], float]:
        database = Database(own_postgres.url("flow"), ACCOUNTS, store.SCHEMA, name="test")
        await database.start()
        try:
            async with database.transaction() as connection:
                await connection.execute("TRUNCATE orders")
                for event in LIFE[:2]:
                    await HopTimes(CollectorRegistry()).project(connection, event)
                families = await Waiting(deadlines.of_setting("0.1")).read(connection)
        finally:
            await database.stop()
        samples = [sample for family in families for sample in family.samples]
        return {(sample.name, "".join(sample.labels.values())): sample.value for sample in samples}

    figures = asyncio.run(story())

    assert figures["assay_orders", "SUBMITTED"] == figures["assay_hop_waiting", "pricing"] == 1
    assert figures["assay_orders", "SHIPPED"] == figures["assay_orders_lost", ""] == 0
    assert figures["assay_orders_overdue", "pricing"] == 1
    oldest_s = (datetime.now(UTC) - START).total_seconds()
    assert 25 < figures["assay_orders_oldest_seconds", "SUBMITTED"] < oldest_s
    assert figures["assay_flow_source_answers", "api"] == 0
