"""What the board shows, asked of the database in one go; every age is measured by the database's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sut.database import Connection, Database
from sut.flow import questions, store
from sut.flow.deadlines import Deadline, Deadlines
from sut.flow.hops import HOPS, INTAKE, STATE_FROM, Hop, Mark, Place
from sut.flow.projection import Order
from sut.flow.sources import Source, sources_of
from sut.states import State

_FRESH_S = 0.4
_TIMES_EVERY_S, _TIMES_SHARE = 5.0, 0.05


class Late(NamedTuple):
    """An order that waits longer in a hop than it may."""

    order: Order
    hop: Hop
    place: Place
    waits_for: str
    since: datetime
    due: datetime

    @property
    def in_mes(self) -> bool:
        """Whether the MES has a card of it."""
        return bool(self.order.work_orders) or any(mark in self.order.marks for mark in _KNOWN_TO_MES)


_KNOWN_TO_MES = (Mark.IN_MES, Mark.TAKEN, Mark.MADE, Mark.PACKED, Mark.SHIPPED)


class HopFigures(NamedTuple):
    """How one hop does: what waits in it, and how long it took those that left it within the last hour."""

    deadline: Deadline
    waiting: int
    late: int
    p50_s: float | None
    p95_s: float | None
    passed: int


@dataclass(frozen=True)
class Board:
    """Everything at one moment; the lists are cut, the figures of the hops are not."""

    as_of: datetime
    sources: tuple[Source, ...]
    states: Mapping[State, int]
    ended: Mapping[State, int]
    hops: tuple[HopFigures, ...]
    lost: tuple[Late, ...]
    overdue: tuple[Late, ...]
    attention: tuple[Order, ...]
    attention_count: int
    unexpected: tuple[Order, ...]
    doubled: tuple[Order, ...]
    moved: tuple[Order, ...]

    @property
    def lost_count(self) -> int:
        """How many orders are lost."""
        return sum(figures.late for figures in self.hops if figures.deadline.hop is INTAKE)

    @property
    def overdue_count(self) -> int:
        """How many orders hang."""
        return sum(figures.late for figures in self.hops if figures.deadline.hop is not INTAKE)

    @property
    def is_blind(self) -> bool:
        """Whether somebody who must be asked does not answer, so that nothing here is sure."""
        return any(source.trouble for source in self.sources)

    @property
    def is_well(self) -> bool:
        """Whether every order is where it should be, for sure."""
        late = self.lost_count + self.overdue_count + self.attention_count
        faults = late + len(self.unexpected) + len(self.doubled)
        return not faults and not self.is_blind


def late_of(order: Order, deadlines: Deadlines, as_of: datetime) -> Late | None:
    """Return how an order is late at a moment; None if it is not, or needs attention and not time."""
    wait, last = order.wait, order.last_hop
    if wait is None or last is None or order.attention:
        return None
    due = deadlines[wait.hop.name].due(wait.since)
    return Late(order, wait.hop, *last, wait.since, due) if as_of > due else None


class Boards:
    """Makes the board; those who ask within half a second share one, however many look."""

    def __init__(self, database: Database, deadlines: Deadlines) -> None:
        self._database = database
        self.deadlines = deadlines
        self._due = [*deadlines], [deadline.seconds for deadline in deadlines.values()]
        self._asking = asyncio.Lock()
        self._made: tuple[float, Board] | None = None
        self._times: dict[str, questions.Times] = {}
        self._times_until_s = 0.0

    async def now(self) -> Board:
        """Return the board, at most half a second old.

        Raises:
            DatabaseUnavailable: the flow's own database is away.
        """
        async with self._asking:
            if self._made is None or time.monotonic() - self._made[0] > _FRESH_S:
                began_s = time.monotonic()
                # In one transaction, so that everything is of one moment.
                async with self._database.connection() as connection, connection.transaction(readonly=True):
                    self._made = began_s, await self._make(connection)
            return self._made[1]

    async def _make(self, connection: Connection) -> Board:
        as_of: datetime = await connection.fetchval("SELECT now()")
        waiting = {row["hop"]: row for row in await connection.fetch(questions.WAITING, *self._due)}
        orders = [store.order_of(row) for row in await connection.fetch(questions.LATE, *self._due)]
        late = [found for order in orders if (found := late_of(order, self.deadlines, as_of))]
        ended = await connection.fetch(questions.ENDED)
        attention = await connection.fetch(questions.ATTENTION)
        times = await self._hop_times(connection)
        figures = tuple(
            HopFigures(
                self.deadlines[hop.name],
                waiting[hop.name]["waiting"] if hop.name in waiting else 0,
                waiting[hop.name]["late"] if hop.name in waiting else 0,
                *times[hop.name],
            )
            for hop in HOPS
        )
        return Board(
            as_of=as_of,
            sources=sources_of(await connection.fetch(questions.SOURCES), as_of),
            states=_by_state(figures),
            ended={State(row["state"]): row["orders"] for row in ended},
            hops=figures,
            lost=tuple(each for each in late if each.hop is INTAKE),
            overdue=tuple(each for each in late if each.hop is not INTAKE),
            attention=tuple(map(store.order_of, attention)),
            attention_count=attention[0]["found"] if attention else 0,
            unexpected=tuple(map(store.order_of, await connection.fetch(questions.UNEXPECTED))),
            doubled=tuple(map(store.order_of, await connection.fetch(questions.DOUBLED))),
            moved=tuple(map(store.order_of, await connection.fetch(questions.MOVED))),
        )

    async def _hop_times(self, connection: Connection) -> dict[str, questions.Times]:
        """Return the times per hop, asked for so rarely that they cost a small share of the time."""
        began_s = time.monotonic()
        if began_s > self._times_until_s:
            self._times = await questions.hop_times(connection)
            took_s = time.monotonic() - began_s
            self._times_until_s = began_s + max(_TIMES_EVERY_S, took_s / _TIMES_SHARE)
        return self._times


def _by_state(figures: tuple[HopFigures, ...]) -> dict[State, int]:
    """Return how many orders are in each open state; two hops may share one."""
    counts: dict[State, int] = {}
    for each in figures:
        state = STATE_FROM[each.deadline.hop.begins]
        counts[state] = counts.get(state, 0) + each.waiting
    return counts
