"""The flow's two doors for machines, JSON behind bearer tokens: the board's facts, and making managers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request

from sut import bearer, problems
from sut.accounts import newcomer
from sut.accounts.store import Accounts, EmailTaken
from sut.database import Database
from sut.events import timestamp
from sut.flow import store
from sut.flow.board import Board, Boards, HopFigures, Late, late_of
from sut.flow.hops import INTAKE
from sut.flow.projection import Order
from sut.flow.settings import FlowSettings
from sut.problems import Problem

router = APIRouter()


@dataclass(frozen=True)
class Doors:
    """What the doors work with."""

    settings: FlowSettings
    database: Database
    boards: Boards
    accounts: Accounts


def application(doors: Doors) -> FastAPI:
    """Return the application to mount at /v1; its refusals are problem+json, not pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.doors = doors
    problems.install(app)
    app.include_router(router)
    return app


def _doors(request: Request) -> Doors:
    doors: Doors = request.app.state.doors
    return doors


async def _auditor(request: Request) -> None:
    bearer.check(request.headers.get("Authorization", ""), _doors(request).settings.flow_audit_token)


async def _admin(request: Request) -> None:
    bearer.check(request.headers.get("Authorization", ""), _doors(request).settings.flow_admin_token)


@router.get("/flow", dependencies=[Depends(_auditor)])
async def flow(request: Request) -> dict[str, Any]:
    """Return what the board shows."""
    return facts(await _doors(request).boards.now())


@router.get("/flow/orders/{number}", dependencies=[Depends(_auditor)])
async def flow_of_order(request: Request, number: str) -> dict[str, Any]:
    """Return where one order is and when it passed each mark."""
    doors = _doors(request)
    found = await store.of_number(doors.database, number)
    if found is None:
        raise Problem(404, "No event and no audit has told of an order of this number.")
    order, as_of = found
    late = late_of(order, doors.boards.deadlines, as_of)
    return {
        **(_late(as_of, late) if late else _order(order)),
        "as_of": timestamp(as_of),
        "marks": {str(mark): timestamp(at) for mark, at in order.marks.items()},
        "confirmed_by_api": order.confirmed_by_api,
        "attention": _attention(order),
        "verdict": "needs attention" if order.attention else _verdict(late),
    }


@router.post("/managers", status_code=201, dependencies=[Depends(_admin)])
async def create_manager(request: Request) -> dict[str, str]:
    """Make a manager's account; the body is read only after the token was checked."""
    wanted = await newcomer.read(request)
    try:
        account = await _doors(request).accounts.create(wanted.email, wanted.name, wanted.password)
    except EmailTaken:
        raise Problem(409, "A manager has this e-mail already.") from None
    return {"id": str(account.id), "email": account.email, "name": account.name}


def facts(board: Board) -> dict[str, Any]:
    """Return a board as JSON; moments are ISO 8601 in UTC, durations seconds."""
    return {
        "as_of": timestamp(board.as_of),
        "blind": board.is_blind,
        "sources": [
            {
                "name": source.name,
                "answers": not source.trouble,
                "since": source.since and timestamp(source.since),
                "detail": source.trouble or source.remark,
            }
            for source in board.sources
        ],
        "states": {str(state): count for state, count in board.states.items()},
        "ended_last_hour": {str(state): count for state, count in board.ended.items()},
        "hops": [_hop(figures) for figures in board.hops],
        "counts": {
            "lost": board.lost_count,
            "overdue": board.overdue_count,
            "attention": board.attention_count,
            "unexpected": len(board.unexpected),
            "doubled": len(board.doubled),
        },
        "lost": [_late(board.as_of, late) for late in board.lost],
        "overdue": [_late(board.as_of, late) for late in board.overdue],
        "attention": [{**_order(order), "attention": _attention(order)} for order in board.attention],
        "unexpected": [_order(order) for order in board.unexpected],
        "doubled": [_order(order) for order in board.doubled],
    }


def _hop(figures: HopFigures) -> dict[str, Any]:
    deadline = figures.deadline
    return {
        "name": deadline.hop.name,
        "begins": deadline.hop.begins,
        "ends": deadline.hop.ends,
        "deadline_s": deadline.seconds,
        "waiting": figures.waiting,
        "late": figures.late,
        "p50_s": figures.p50_s,
        "p95_s": figures.p95_s,
        "passed_last_hour": figures.passed,
    }


def _verdict(late: Late | None) -> str:
    if late is None:
        return "in time"
    return "lost" if late.hop is INTAKE else "overdue"


def _late(as_of: datetime, late: Late) -> dict[str, Any]:
    return {
        **_order(late.order),
        "hop": late.hop.name,
        "last_hop": late.place,
        "waits_for": late.waits_for,
        "waiting_since": timestamp(late.since),
        "due_at": timestamp(late.due),
        "late_by_s": round((as_of - late.due).total_seconds(), 3),
    }


def _attention(order: Order) -> dict[str, str] | None:
    attention = order.attention
    return attention and {"since": timestamp(attention.since), "why": attention.why}


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_id": str(order.order_id),
        "order_number": order.number,
        "state": order.state,
        "channel": order.channel,
        "customer": order.customer,
        "work_orders": sorted(order.work_orders),
        "trace_id": order.trace_id or None,
    }
