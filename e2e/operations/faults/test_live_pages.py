"""An open page misses nothing of what happens while it looks at what has happened before."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import Any

import pytest

from fixtures.answers import Order
from fixtures.database_hand import cut_lines, open_transaction, waiting_for_locks
from fixtures.hand import Hand
from fixtures.life import Journey
from fixtures.personas import Operator, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

#: Here nobody else changes an order: each change would make every page look again.
pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

SHOWN_WITHIN_S = 8.0
"""An open page that hears of nothing looks by itself every ten seconds."""
LOOKS_WITHIN_S = 30.0
LOCKED = "LOCK TABLE work_orders IN ACCESS EXCLUSIVE MODE"
RESTS_S = 0.5
"""A page that has just looked looks again after a moment, told or not; what happens later it must be told."""
HELD_BACK, APART_S = 4711, 0.05
"""The key of an advisory lock, and how long who has got it keeps it: a page has looked by then."""


def test_step_right_after_the_one_that_is_shown_is_shown_too(
    journey: Journey, partner: Partner, operator: Operator
) -> None:
    """An open dashboard does not stay at the first of two steps until something else happens."""
    order = journey.to("IN_PRODUCTION")
    path, door = f"/orders/live?customer={partner.id}", operator.door

    with door.http.stream("GET", path, timeout=SHOWN_WITHIN_S) as stream:
        rows = rows_of(order, stream.iter_lines())
        assert any("IN_PRODUCTION" in row for row in rows)

        for command, state in (("make", "MADE"), ("pack", "PACKED")):
            door.http.post(f"/orders/{order.number}/{command}", data=door.token)  # no page is waited for
            assert any(state in row for row in rows)


def test_steps_at_the_same_time_of_which_one_is_done_a_little_later_are_both_shown(
    journey: Journey, partner: Partner, operator: Operator, target: Target
) -> None:
    """Neither that another step is under way nor that one was told just now keeps a page from being told."""
    numbers = [journey.to("APPROVED").number for _ in range(2)]
    path, door = f"/orders/live?customer={partner.id}", operator.door

    with door.http.stream("GET", path, timeout=SHOWN_WITHIN_S) as stream:
        changes = rows_in(stream.iter_lines())
        assert next(changes).keys() == set(numbers)
        rests_at_s = time.monotonic() + RESTS_S

        with ThreadPoolExecutor(len(numbers)) as pool, one_after_the_other(target):
            for number in numbers:
                pool.submit(door.http.post, f"/orders/{number}/take", data=door.token)
            until(lambda: waiting_for_locks(target, "mes") >= len(numbers), SHOWN_WITHIN_S, what="both begin")
            until(lambda: time.monotonic() > rests_at_s, 2 * RESTS_S, what="the page rests")

        taken = (number for rows in changes for number, row in rows.items() if "IN_PRODUCTION" in row)
        assert set(islice(taken, len(numbers))) == set(numbers)


@contextmanager
def one_after_the_other(target: Target) -> Iterator[None]:
    """Keep steps, done but for their events, from being committed until the end, and then a moment apart."""
    mes = Hand(target, "mes")
    mes.does(
        f"""
        CREATE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM pg_advisory_xact_lock({HELD_BACK}), pg_sleep({APART_S});
            RETURN NEW;
        END $$
        """,
        "CREATE TRIGGER hold_back BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold_back()",
    )
    try:
        with open_transaction(target, "mes", f"SELECT pg_advisory_xact_lock({HELD_BACK})"):
            yield
    finally:
        mes.does("DROP FUNCTION hold_back CASCADE")


@pytest.mark.slow
def test_step_in_the_moment_without_a_line_to_the_database_is_shown(
    journey: Journey, partner: Partner, operator: Operator, target: Target
) -> None:
    """What is committed while the MES's line is being made anew is told as soon as it is there."""
    order = journey.to("IN_PRODUCTION")
    path, door = f"/orders/live?customer={partner.id}", operator.door
    step = f"/orders/{order.number}/make"

    with door.http.stream("GET", path, timeout=SHOWN_WITHIN_S) as stream:
        rows = rows_of(order, stream.iter_lines())
        assert any("IN_PRODUCTION" in row for row in rows)

        cut_lines(target, "mes")
        until(
            lambda: door.http.post(step, data=door.token).status_code == 303,
            SHOWN_WITHIN_S,
            what="the step is done",
        )
        assert any("MADE" in row for row in rows)


def test_pages_that_are_looked_at_in_the_same_moment_show_each_its_own_orders(
    journey: Journey, partner: Partner, operator: Operator, target: Target
) -> None:
    """Of a list's two pages none turns into the other, although both are waited for at once."""
    older, newer = journey.to("PRICED"), journey.to("PRICED")
    pages = [page.url for page in operator.door.pages(f"/orders?customer={partner.id}&size=1")]

    with ExitStack() as stack:
        with open_transaction(target, "mes", LOCKED):
            opened = [
                stack.enter_context(operator.door.http.stream("GET", live(page), timeout=LOOKS_WITHIN_S))
                for page in pages
            ]
            streams = [stream.iter_lines() for stream in opened]
            begun = [next(lines).partition(":")[0] for lines in streams]
            until(lambda: waiting_for_locks(target, "mes"), LOOKS_WITHIN_S, what="a look at the orders")
        shown = [next(news_of(lines))["shown"] for lines in streams]

    assert begun == ["retry", "retry"]
    assert shown == [[newer.number], [older.number]]


def live(page: str) -> str:
    """The stream of a page of orders."""
    return page.replace("/orders?", "/orders/live?")


def rows_of(order: Order, lines: Iterable[str]) -> Iterator[str]:
    """Yield an order's row each time that a stream brings it."""
    return (rows.get(order.number, "") for rows in rows_in(lines))


def rows_in(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the rows that have changed, by their orders' numbers, each time that a stream brings some."""
    return (news["rows"] for news in news_of(lines))


def news_of(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield what a stream says of its page each time that this changes."""
    for line in lines:
        if line.startswith("data: {"):
            yield json.loads(line.removeprefix("data: "))
