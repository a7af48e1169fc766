"""The queue of stages in the database: asked for, taken, settled, and gathered to one quote."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sut import events, outbox
from sut.database import Connection, Row
from sut.events import Event
from sut.pricing.quoting import price
from sut.pricing.stages import STAGES, Finding
from sut.tariff import Unprintable
from sut.telemetry import spans

#: Pauses between the tries of a stage. Units: s.
BACK_OFF_S = (0.2, 0.5, 1.0)

_ASK = """
    WITH asked AS (
        INSERT INTO requests (order_id, order_number, model_id, material, quantity, traceparent)
        SELECT $1, $2, $3, $4, $5, $9 WHERE NOT EXISTS (SELECT FROM quotes WHERE order_id = $1)
        ON CONFLICT DO NOTHING RETURNING order_id
    )
    INSERT INTO stages (order_id, stage, is_large, due_at)
    SELECT order_id, unnest($6::text[]), $7, least($8, now()) FROM asked
"""
_LOCK = "SELECT order_number, model_id, material, quantity FROM requests WHERE order_id = $1 FOR UPDATE"
_AGAIN = """
    WITH again AS (
        UPDATE stages SET due_at = now(), tries = 0, trouble = NULL
        WHERE order_id = $1 AND due_at IS NULL AND finding IS NULL RETURNING order_id
    )
    UPDATE requests SET traceparent = $2 WHERE order_id IN (SELECT order_id FROM again)
"""
_TAKE = """
    SELECT order_id, stage, tries, model_id, material, requests.traceparent
    FROM stages JOIN requests USING (order_id)
    WHERE finding IS NULL AND due_at <= now() AND (NOT is_large OR $1)
    ORDER BY due_at LIMIT 1 FOR UPDATE OF stages SKIP LOCKED
"""
_FOUND = "UPDATE stages SET finding = $3, trouble = NULL, traceparent = $4 WHERE order_id = $1 AND stage = $2"
_TROUBLED = """
    UPDATE stages SET tries = tries + 1, trouble = $3, due_at = now() + $4::float8 * interval '1 s'
    WHERE order_id = $1 AND stage = $2
"""
_PUT_OFF = "UPDATE stages SET due_at = now() + interval '0.5 s' WHERE order_id = $1 AND stage = $2"
_ALL = """
    SELECT stage, finding, trouble, tries, due_at IS NULL AS given_up, traceparent FROM stages
    WHERE order_id = $1
"""
_QUOTE = """
    INSERT INTO quotes (order_id, model_id, material, quantity, analysis, price, rejection, quoted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING order_id
"""
_DONE = "DELETE FROM requests WHERE order_id = $1"
_FAILED = "UPDATE requests SET failed_at = now() WHERE order_id = $1"


class Job(NamedTuple):
    """One stage of one order, taken: nobody else has it until this transaction ends."""

    order_id: UUID
    stage: str
    tries: int
    model_id: str
    material: str
    traceparent: str | None


class Trouble(Exception):  # noqa: N818 - named for what happened, not for being an error
    """A stage came to no finding; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


async def ask(connection: Connection, event: Event, *, is_large: bool) -> None:
    """Queue the stages of an order unless it has a quote; those that were given up are due again."""
    wish = (event.data["model_id"], event.data["material"], event.data["quantity"])
    due = (list(STAGES), is_large, event.occurred_at)
    await connection.execute(_ASK, event.order_id, event.order_number, *wish, *due, spans.traceparent())
    if await connection.fetchrow(_LOCK, event.order_id):
        await connection.execute(_AGAIN, event.order_id, spans.traceparent())


async def take(connection: Connection, *, large_too: bool) -> Job | None:
    """Take the stage that is due longest, if one is and nobody has it."""
    row = await connection.fetchrow(_TAKE, large_too)
    return Job(*row.values()) if row else None


async def put_off(connection: Connection, job: Job) -> None:
    """Leave a stage for a moment because something it needs is away, which says nothing about the stage."""
    await connection.execute(_PUT_OFF, job.order_id, job.stage)


async def settle(connection: Connection, job: Job, outcome: Finding | Trouble) -> None:
    """Keep what came of a stage; with the last one the order is quoted, or told to need attention."""
    request = await connection.fetchrow(_LOCK, job.order_id)
    if isinstance(outcome, Trouble):
        pause_s = BACK_OFF_S[job.tries] if job.tries < len(BACK_OFF_S) else None
        trouble = {"code": outcome.code, "detail": outcome.detail}
        await connection.execute(_TROUBLED, job.order_id, job.stage, trouble, pause_s)
        if pause_s is not None:
            return
    else:
        await connection.execute(_FOUND, job.order_id, job.stage, outcome, spans.traceparent())
    stages = {row["stage"]: row for row in await connection.fetch(_ALL, job.order_id)}
    if all(row["finding"] or row["given_up"] for row in stages.values()):
        await _gather(connection, job.order_id, request, stages)


async def _gather(connection: Connection, order_id: UUID, request: Row, stages: dict[str, Row]) -> None:
    """Answer for an order of which no stage is open any more."""
    number = request["order_number"]
    findings = {stage: row["finding"] for stage, row in stages.items() if row["finding"]}
    refused = any("refused" in finding for finding in findings.values())
    given_up = [row for row in stages.values() if not row["finding"]]
    led_here = [row["traceparent"] for row in stages.values() if row["traceparent"] != spans.traceparent()]
    if given_up and not refused:
        await connection.execute(_FAILED, order_id)
        row = given_up[0]
        about = {"stage": row["stage"], "tries": row["tries"], "model_id": request["model_id"]}
        await outbox.put(
            connection, events.new("pricing.failed", order_id, number, **about, **row["trouble"]), led_here
        )
        return
    told, kept = _answer(order_id, request, findings)
    wish = (request["model_id"], request["material"], request["quantity"])
    figures = (kept.get("analysis"), kept.get("price"), kept.get("rejection"))
    is_new = await connection.fetchval(_QUOTE, order_id, *wish, *figures, told.occurred_at)
    if is_new:  # an order has one quote, however often it is asked for
        await outbox.put(connection, told, led_here)
    await connection.execute(_DONE, order_id)


def _answer(order_id: UUID, request: Row, findings: dict[str, Finding]) -> tuple[Event, dict[str, Any]]:
    """Return the event that answers a request, and what is kept of it."""
    number = request["order_number"]
    try:
        priced = price(findings, request["material"], request["quantity"])
    except Unprintable as why:
        rejection = {"code": why.code, "detail": why.detail}
        return events.new("pricing.unprintable", order_id, number, **rejection), {"rejection": rejection}
    kept = {"price": priced.price, "analysis": priced.analysis}
    return events.new("pricing.quoted", order_id, number, **kept), kept
