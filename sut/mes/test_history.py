"""A past for the MES: many orders at once, and pages through them."""

from __future__ import annotations

import asyncio

import pytest

from sut.accounts.store import SCHEMA as ACCOUNTS
from sut.database import Database
from sut.mes import history, store, wanted
from sut.mes.wanted import AuditFilter, Filter
from sut.states import State

_ORDERS = 2000


@pytest.fixture(scope="module")
def filled(mes_database_url: str) -> str:
    """The address of a database with a past."""
    asyncio.run(history.fill(mes_database_url, _ORDERS))
    return mes_database_url


async def _fetch(url: str, query: str) -> list[tuple[object, ...]]:
    database = Database(url, ACCOUNTS, store.SCHEMA, name="test")
    await database.start()
    try:
        async with database.connection() as connection:
            return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await database.stop()


def test_history_is_complete_and_nine_tenths_closed(filled: str) -> None:
    """The past looks like a factory's: mostly done, spread over a year, every number once."""
    query = """
        SELECT count(*), count(*) FILTER (WHERE state = 'CLOSED'), count(DISTINCT order_number),
               count(*) FILTER (WHERE order_number ~ '^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$'),
               extract(days FROM max(created_at) - min(created_at))::integer, max(updated_at) <= now()
        FROM work_orders WHERE customer LIKE 'history-%'
    """
    ((orders, closed, numbers, well_formed, days, is_past),) = asyncio.run(_fetch(filled, query))

    assert orders == numbers == well_formed == _ORDERS
    assert closed == pytest.approx(0.9 * _ORDERS, rel=0.05)
    assert (days, is_past) == (364, True)


def test_nothing_of_the_past_waits_for_an_operator(filled: str) -> None:
    """Nobody can act on an order that `api` never saw."""
    query = "SELECT DISTINCT state FROM work_orders WHERE customer LIKE 'history-%'"

    assert {row[0] for row in asyncio.run(_fetch(filled, query))} == {
        "CLOSED",
        "CANCELLED",
        "REJECTED",
        "SHIPPED",
    }


def test_pages_show_every_order_once_newest_first(filled: str) -> None:
    """Going from page to page skips nothing and repeats nothing."""

    async def walk() -> tuple[list[int], int]:
        database = Database(filled, ACCOUNTS, store.SCHEMA, name="test")
        await database.start()
        seen: list[int] = []
        after: int | None = None
        try:
            async with database.connection() as connection:
                while True:
                    query = Filter(State.SHIPPED, "", 7, after)
                    orders, after = await store.page(connection, query)
                    seen += [order.id for order in orders]
                    if after is None:
                        return seen, (await store.counts(connection))[State.SHIPPED]
        finally:
            await database.stop()

    seen, counted = asyncio.run(walk())
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == counted > 7


def test_audit_shows_every_order_once_by_id(filled: str) -> None:
    """A prover who follows the cursor sees each work order exactly once."""

    async def walk() -> list[int]:
        database = Database(filled, ACCOUNTS, store.SCHEMA, name="test")
        await database.start()
        seen: list[int] = []
        after: int | None = 0
        try:
            async with database.connection() as connection:
                while after is not None:
                    query = AuditFilter(None, None, after, wanted.LARGEST_LIMIT)
                    orders, after = await store.audit(connection, query)
                    seen += [order.id for order in orders]
        finally:
            await database.stop()
        return seen

    seen = asyncio.run(walk())
    assert seen == sorted(set(seen))
    assert [(len(seen),)] == asyncio.run(_fetch(filled, "SELECT count(*) FROM work_orders"))
    assert len(seen) >= _ORDERS


def test_long_past_is_filled_without_its_indexes_and_has_them_afterwards(
    filled: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quick way leaves the same tables behind as the slow one, counters and indexes too."""
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexdef"
    triggers = "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'work_orders'::regclass ORDER BY 1"
    counted = """
        SELECT state, sum(orders) = (SELECT count(*) FROM work_orders WHERE state = kept.state)
        FROM state_counts AS kept GROUP BY state
    """
    before = [asyncio.run(_fetch(filled, query)) for query in (indexes, triggers)]

    monkeypatch.setattr(history, "_MANY", 1)
    asyncio.run(history.fill(filled, _ORDERS))

    assert [asyncio.run(_fetch(filled, query)) for query in (indexes, triggers)] == before
    assert {bool(is_right) for _, is_right in asyncio.run(_fetch(filled, counted))} == {True}
    same = """
        SELECT count(*) FROM work_orders
        JOIN work_order_keys USING (id, order_id, order_number)
        JOIN work_order_history AS told ON work_order_id = work_orders.id
        WHERE customer LIKE 'history-%' AND told.state = work_orders.state AND occurred_at = updated_at
    """
    assert asyncio.run(_fetch(filled, same)) == [(2 * _ORDERS,)]


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "99999999"])
def test_silly_number_of_orders_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the finger does not fill the disk."""
    with pytest.raises(SystemExit) as stopped:
        history.main(["--orders", number])

    assert stopped.value.code == 2
    assert "whole number" in capsys.readouterr().err


def test_missing_address_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is said in one line."""
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert history.main(["--orders", "1"]) == 78
    assert "DATABASE_URL" in capsys.readouterr().err
