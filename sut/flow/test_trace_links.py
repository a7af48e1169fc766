"""A manager gets from a late order to its trace, whatever the order in which the news of it came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import pytest

from sut.flow.parts import Parts
from sut.flow.projection import Order, traced
from sut.flow.reconciliation import Accepted, told
from sut.flow.settings import FlowSettings
from sut.settings import SettingsError, load
from sut.states import State

ORDER = Order(uuid4(), "K7F3-0192")
START = datetime(2026, 11, 22, 8, tzinfo=UTC)
SUBMITTED, APPROVED, SAME_TIME = "a" * 32, "b" * 32, "c" * 32
URL = "https://jaeger.example/trace/{trace_id}?uiFind=order"


def test_trace_is_that_of_the_latest_step_in_whatever_order_it_is_told() -> None:
    """Events come twice, late and in any order; a step without a trace changes nothing."""
    later = START + timedelta(seconds=1)
    news = [(SUBMITTED, START), (APPROVED, later), (SAME_TIME, later), (None, later + timedelta(seconds=1))]

    for told_so in permutations([*news, news[0]]):
        order = ORDER
        for trace_id, at in told_so:
            order = traced(order, trace_id, at)
        assert (order.trace_id, order.traced_at) == (SAME_TIME, later)


def test_order_that_never_left_api_has_the_trace_that_api_tells() -> None:
    """Its event waits in the outbox, so no message has brought the trace; and api may know of none."""
    word = Accepted(
        position="p",
        order_id=ORDER.order_id,
        order_number=ORDER.number,
        state=State.SUBMITTED,
        channel="partner",
        customer="acme",
        accepted_at=START,
        updated_at=START,
        event_sent_at=None,
        trace_id=SUBMITTED,
    )

    assert told(ORDER, [word], START).trace_id == SUBMITTED
    assert told(ORDER, [word.model_copy(update={"trace_id": None})], START).trace_id == ""


@pytest.mark.parametrize(
    ("trace_url", "trace_id", "link"),
    [
        (URL, SUBMITTED, f"https://jaeger.example/trace/{SUBMITTED}?uiFind=order"),
        (URL, "", ""),
        ("", SUBMITTED, ""),
    ],
)
def test_link_needs_a_trace_and_a_place_that_shows_it(trace_url: str, trace_id: str, link: str) -> None:
    """There is no link that leads nowhere."""
    order = traced(ORDER, trace_id, START)

    assert Parts.trace_of(cast(Parts, SimpleNamespace(trace_url=trace_url)), order) == link


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://jaeger.example/trace/", "TRACE_URL must hold {trace_id} where"),
        ("javascript:alert({trace_id})", "TRACE_URL must begin with http:// or https://"),
    ],
)
def test_address_that_cannot_show_a_trace_is_refused(text: str, says: str) -> None:
    """A slip of the pen is told at the start, not by links that lead nowhere."""
    with pytest.raises(SettingsError) as refused:
        load(FlowSettings, {"TRACE_URL": text})

    assert any(fault.startswith(says) for fault in refused.value.faults)
