"""The rate that a partner's contract allows, right across processes: tokens of a bucket in the database.

Each process takes some tokens at once and hands them out by itself. So it asks the database once for many
calls, and all processes together never hand out more than the bucket held.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field

from sut.api.contracts import POLICY, Contract
from sut.database import Database

_LEASE_SHARE = 20  # at most this part of a quota lies unused in one process
_LEASE_MOST = 50
_LEASE_S = 1.0
_PURSES_MOST = 10_000

# `full_at` is when the bucket will be full again: all that a leaky bucket has to remember.
_LEASE = """
    INSERT INTO rate_bucket AS bucket (partner_id, full_at, granted)
    VALUES ($1, clock_timestamp() + make_interval(secs => $2::int * $4::float), $2)
    ON CONFLICT (partner_id) DO UPDATE SET (full_at, granted) = (
        SELECT at + make_interval(secs => owed_s + taken * $4), taken
        FROM (SELECT clock_timestamp() AS at) AS clock,
             LATERAL (SELECT greatest(extract(epoch FROM bucket.full_at - at)::float, 0) AS owed_s) AS debt,
             LATERAL (SELECT greatest(least($2, floor($3::int - owed_s / $4 + 1e-6)), 0)::int AS taken) AS new
    )
    RETURNING granted, extract(epoch FROM full_at - clock_timestamp())::float AS full_in_s
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether a call may go on, and what the partner is told of its rate; Units: s."""

    granted: bool
    remaining: int
    full_in_s: float
    retry_in_s: float = 0.0

    @property
    def told(self) -> str:
        """The field `RateLimit`: calls left now, and after how long the whole quota is there again."""
        return f'"{POLICY}";r={self.remaining};t={max(1, math.ceil(self.full_in_s))}'


@dataclass(slots=True)
class _Purse:
    """The tokens that this process holds for one partner, and what it last knew of the bucket."""

    contract: Contract
    tokens: int = 0
    until: float = 0.0
    left: int = 0
    full_at: float = 0.0
    refused_until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def spend(self, now: float) -> Allowance | None:
        """Answer from what is known here; None when the database must be asked."""
        if now < self.refused_until:
            return Allowance(False, 0, self.full_at - now, self.refused_until - now)
        if self.tokens and now < self.until:
            self.tokens -= 1
            return Allowance(True, self.left + self.tokens, self.full_at - now)
        return None

    def take_in(self, granted: int, full_in_s: float, now: float) -> None:
        """Note what the database has given."""
        contract = self.contract
        self.tokens, self.until = granted, now + min(_LEASE_S, contract.window_s)
        self.full_at = now + full_in_s
        self.left = max(0, math.floor(contract.quota - full_in_s / contract.step_s + 1e-6))
        if not granted:
            self.refused_until = now + max(full_in_s - (contract.quota - 1) * contract.step_s, 0.001)


class Limits:
    """Hands out the calls that contracts allow."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._purses: dict[str, _Purse] = {}

    async def take(self, partner_id: str, contract: Contract) -> Allowance:
        """Take one call from a partner's bucket.

        Raises:
            DatabaseUnavailable: nobody can tell now.
        """
        purse = self._purse(partner_id, contract)
        while (allowance := purse.spend(time.monotonic())) is None:
            async with purse.lock:
                allowance = purse.spend(time.monotonic())  # another call may have asked meanwhile
                if allowance is not None:
                    return allowance
                await self._lease(partner_id, purse)
        return allowance

    def _purse(self, partner_id: str, contract: Contract) -> _Purse:
        purse = self._purses.get(partner_id)
        if purse is None or purse.contract != contract:
            if len(self._purses) >= _PURSES_MOST:
                self._purses.clear()
            purse = self._purses[partner_id] = _Purse(contract)
        return purse

    async def _lease(self, partner_id: str, purse: _Purse) -> None:
        contract = purse.contract
        wanted = max(1, min(contract.quota // _LEASE_SHARE, _LEASE_MOST))
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_LEASE, partner_id, wanted, contract.quota, contract.step_s)
        purse.take_in(row["granted"], row["full_in_s"], time.monotonic())
