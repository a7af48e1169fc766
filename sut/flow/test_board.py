"""What the board shows of orders in a real database, judged by the database's clock."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from fixtures.testbed.postgres import NativePostgres
from sut.database import Database
from sut.events import Event
from sut.flow import deadlines, store
from sut.flow.asking import Page
from sut.flow.board import Board, Boards
from sut.flow.following import Following, absorb
from sut.flow.hops import Place
from sut.flow.machine import facts
from sut.flow.questions import SHOWN_MOST
from sut.flow.reconciliation import Accepted, WorkOrder
from sut.states import State

DEADLINES = deadlines.of_setting("1")
NOW = datetime.now(UTC)
WISH = {"channel": "shop", "customer": "ada"}
FAILURE = {"stage": "slicing", "tries": 4, "detail": "It broke off."}


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each test now, as the database's own clock does: the file may have been read minutes ago."""
    monkeypatch.setattr(sys.modules[__name__], "NOW", datetime.now(UTC))


def ago(seconds: float) -> datetime:
    """Return a moment in the past."""
    return NOW - timedelta(seconds=seconds)


def number_of(order_id: UUID) -> str:
    """Return the number of an order of these tests."""
    return order_id.hex[:8].upper()


class Flow:
    """A flow whose orders are told of by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def hears(self, order_id: UUID, type_: str, at: datetime) -> None:
        """Take in an event."""
        async with self.database.transaction() as connection:
            data = dict(FAILURE if type_ == "pricing.failed" else WISH)
            event = Event(uuid4(), type_, at, order_id, number_of(order_id), data)
            await store.project(connection, event)

    async def reads_of_api(self, order_id: UUID, at: datetime, *, sent: bool = True) -> None:
        """Take in what the audit of `api` says."""
        await absorb(self.database, [accepted(order_id, at, sent=sent)])

    async def reads_of_mes(self, order_id: UUID, *ids: int) -> None:
        """Take in what the audit of the MES says."""
        await absorb(self.database, [work_order(order_id, id_) for id_ in ids])

    async def board(self) -> Board:
        """Make the board anew."""
        return await Boards(self.database, DEADLINES).now()


Story = Callable[[Flow], Awaitable[None]]


@pytest.fixture
def tell(own_postgres: NativePostgres) -> Callable[[Story], None]:
    """Run a story in an empty flow."""

    async def run(story: Story) -> None:
        database = Database(own_postgres.url("flow"), store.SCHEMA, name="test")
        await database.start()
        try:
            async with database.connection() as connection:
                await connection.execute("TRUNCATE orders, positions, sources")
            await story(Flow(database))
        finally:
            await database.stop()

    return lambda story: asyncio.run(run(story))


def accepted(order_id: UUID, at: datetime, *, sent: bool) -> Accepted:
    """What `api` says of an order."""
    said = {"position": at.isoformat(), "order_id": order_id, "order_number": number_of(order_id), **WISH}
    times = {"accepted_at": at, "updated_at": at, "event_sent_at": at if sent else None}
    return Accepted.model_validate({**said, **times, "state": "SUBMITTED"})


def work_order(order_id: UUID, id_: int) -> WorkOrder:
    """What the MES says of an order."""
    said = {"id": id_, "order_id": order_id, "order_number": number_of(order_id), **WISH}
    return WorkOrder.model_validate({**said, "state": "SUBMITTED", "created_at": NOW, "updated_at": NOW})


def test_order_is_lost_once_its_deadline_has_passed(tell: Callable[[Story], None]) -> None:
    """Of two orders that the MES does not know, the board shows the one that waits too long, with its hop."""
    early, late = uuid4(), uuid4()

    async def story(flow: Flow) -> None:
        await flow.reads_of_api(early, datetime.now(UTC))
        await flow.reads_of_api(late, ago(60), sent=False)

        board = await flow.board()

        assert [lost.order.order_id for lost in board.lost] == [late]
        assert board.lost[0].place is Place.API
        assert (board.lost_count, board.overdue_count) == (1, 0)
        assert board.states[State.SUBMITTED] == 2

    tell(story)


def test_order_is_lost_no_longer_once_the_mes_knows_it(tell: Callable[[Story], None]) -> None:
    """The audit is enough; it waits for its price from then on, and no time is carried over."""
    order = uuid4()

    async def story(flow: Flow) -> None:
        await flow.reads_of_api(order, ago(3600))
        await flow.reads_of_mes(order, 1)

        board = await flow.board()

        assert (board.lost, board.overdue) == ((), ())

    tell(story)


def test_overdue_order_is_shown_with_the_hop_that_it_hangs_in(tell: Callable[[Story], None]) -> None:
    """It waits for its price for ten minutes; another waits for its customer as long, and may."""
    hanging, waiting = uuid4(), uuid4()

    async def story(flow: Flow) -> None:
        for order in (hanging, waiting):
            await flow.hears(order, "api.submitted", ago(601))
            await flow.hears(order, "mes.pricing-requested", ago(600))
        await flow.hears(waiting, "pricing.quoted", ago(599))

        board = await flow.board()

        assert [late.order.order_id for late in board.overdue] == [hanging]
        assert (board.overdue[0].place, board.overdue[0].since) == (Place.PRICING, ago(600))
        assert board.lost == ()

    tell(story)


def test_order_whose_pricing_failed_needs_attention_and_is_not_late(tell: Callable[[Story], None]) -> None:
    """It hangs for a reason that is known; once its price is asked for again, its time begins anew."""
    failed, again = uuid4(), uuid4()

    async def story(flow: Flow) -> None:
        for order in (failed, again):
            await flow.hears(order, "api.submitted", ago(601))
            await flow.hears(order, "mes.pricing-requested", ago(600))
            await flow.hears(order, "pricing.failed", ago(590))
        await flow.hears(again, "mes.pricing-requested", ago(5))

        board = await flow.board()

        assert [order.order_id for order in board.attention] == [failed]
        assert board.attention[0].attention == (ago(590), "Slicing failed 4 times. It broke off.")
        assert (board.attention_count, board.overdue_count, board.overdue) == (1, 0, ())
        assert not board.is_well

    tell(story)


def test_programs_are_told_how_many_there_are_although_lists_are_cut(tell: Callable[[Story], None]) -> None:
    """More orders than a list shows are lost and need attention: the counts in JSON are of all of them."""
    many = SHOWN_MOST + 3

    async def story(flow: Flow) -> None:
        await absorb(flow.database, [accepted(uuid4(), ago(60), sent=False) for _ in range(many)])
        for failed in [uuid4() for _ in range(many)]:
            await flow.hears(failed, "pricing.failed", ago(30))

        told = facts(await flow.board())

        assert (told["counts"]["lost"], told["counts"]["attention"]) == (many, many)
        assert (len(told["lost"]), len(told["attention"])) == (SHOWN_MOST, SHOWN_MOST)

    tell(story)


def test_order_that_api_denies_is_unexpected(tell: Callable[[Story], None]) -> None:
    """The MES makes an order that nobody accepted."""
    known, unknown = uuid4(), uuid4()

    async def story(flow: Flow) -> None:
        await flow.reads_of_api(known, NOW)
        await flow.reads_of_mes(known, 1)
        await flow.reads_of_mes(unknown, 2)
        async with flow.database.connection() as connection:
            await connection.execute("UPDATE orders SET unknown_to_api = true WHERE NOT confirmed_by_api")

        board = await flow.board()

        assert [order.order_id for order in board.unexpected] == [unknown]
        assert not board.is_well

    tell(story)


def test_order_with_two_work_orders_is_doubled(tell: Callable[[Story], None]) -> None:
    """Both ids are named, also where they were read one after the other."""
    order = uuid4()

    async def story(flow: Flow) -> None:
        await flow.reads_of_mes(order, 7)
        await flow.reads_of_mes(order, 7, 9)

        assert [doubled.work_orders for doubled in (await flow.board()).doubled] == [{7, 9}]

    tell(story)


def test_hop_times_are_those_of_the_last_hour(tell: Callable[[Story], None]) -> None:
    """An order that passed a hop hours ago no longer counts, and what waits has no time yet."""
    recent, old = uuid4(), uuid4()

    async def story(flow: Flow) -> None:
        for order, start in ((recent, 100), (old, 9000)):
            await flow.hears(order, "api.submitted", ago(start))
            await flow.hears(order, "mes.pricing-requested", ago(start - 2))

        intake, pricing = (await flow.board()).hops[:2]

        assert (intake.passed, intake.p50_s, intake.p95_s) == (1, 2.0, 2.0)
        assert (pricing.passed, pricing.p50_s, pricing.waiting) == (0, None, 2)

    tell(story)


def test_ended_orders_are_counted_for_an_hour(tell: Callable[[Story], None]) -> None:
    """They wait for nothing and are never late."""
    order = uuid4()

    async def story(flow: Flow) -> None:
        await flow.hears(order, "api.submitted", ago(600))
        await flow.hears(order, "api.cancelled", ago(590))

        board = await flow.board()

        assert board.ended == {State.CANCELLED: 1}
        assert (board.lost, board.states[State.SUBMITTED]) == ((), 0)

    tell(story)


def test_following_goes_on_where_it_was_after_a_restart(tell: Callable[[Story], None]) -> None:
    """How far a list was read is kept; a new process begins there, a full page before the end."""
    asked: list[str] = []
    orders = [accepted(uuid4(), ago(10 - i), sent=True) for i in range(4)]

    async def story(flow: Flow) -> None:
        async def after(position: str) -> Page[Accepted]:
            asked.append(position)
            left = [order for order in orders if order.position > position]
            return _page(left[:1], more=len(left) > 1)

        await Following("api", after, flow.database).look()
        await Following("api", after, flow.database).look()

        assert asked[0] == ""
        assert asked[4] == orders[1].position
        assert (await flow.board()).states[State.SUBMITTED] == 4

    tell(story)


def _page(items: Iterable[Accepted], *, more: bool) -> Page[Accepted]:
    shown = list(items)
    return Page[Accepted](items=shown, next_after=shown[-1].position if more else None)
