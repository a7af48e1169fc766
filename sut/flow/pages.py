"""The managers' pages: the board, and where one order is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from sut.accounts.current import is_still_signed_in
from sut.flow import store
from sut.flow.board import late_of
from sut.flow.hops import Mark
from sut.flow.parts import Manager, Parts, parts_of
from sut.flow.projection import Order
from sut.pages.forms import Form
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem

TEMPLATES = Path(__file__).with_name("templates")

IN_WORDS = {mark: mark.value.replace("_", " ").replace("mes", "the MES") for mark in Mark}

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/")
async def board(request: Request, manager: Manager) -> Response:
    """Show where orders wait, hang or are lost."""
    now = await parts_of(request).boards.now()
    return pages_of(request).page(
        request, "board.html", form=Form(), **_board_values(request, now, now.as_of)
    )


@router.get("/live", response_class=StreamingResponse)
async def board_live(request: Request, manager: Manager) -> Response:
    """Send the board's part each time that it has changed."""

    async def made() -> str:
        now = await parts_of(request).boards.now()
        return pages_of(request).part("board-part.html", **_board_values(request, now, None))

    return _stream(request, made)


@router.get("/orders")
async def find(manager: Manager, number: str = "") -> Response:
    """Lead to the order whose number was typed."""
    typed = number.strip().upper()
    return RedirectResponse(f"/orders/{quote(typed, safe='')}" if typed else "/", 303)


@router.get("/orders/{number}")
async def order(request: Request, manager: Manager, number: str) -> Response:
    """Show where one order is and how long each hop took."""
    return pages_of(request).page(request, "order.html", **await _order_values(request, number, clocked=True))


@router.get("/orders/{number}/live", response_class=StreamingResponse)
async def order_live(request: Request, manager: Manager, number: str) -> Response:
    """Send the order's part each time that it has changed."""
    await _order_values(request, number)

    async def made() -> str:
        return pages_of(request).part("order-part.html", **await _order_values(request, number))

    return _stream(request, made)


def _board_values(request: Request, board: object, as_of: datetime | None) -> dict[str, Any]:
    return {"board": board, "as_of": as_of, **_links(parts_of(request))}


def _links(parts: Parts) -> dict[str, Any]:
    return {"in_words": IN_WORDS, "mes_url": parts.mes_url, "trace_of": parts.trace_of}


async def _order_values(request: Request, number: str, *, clocked: bool = False) -> dict[str, Any]:
    parts: Parts = parts_of(request)
    found, as_of = await _found(parts, number)
    return {
        "order": found,
        "late": late_of(found, parts.boards.deadlines, as_of),
        "way": _way(found),
        "as_of": as_of if clocked else None,
        **_links(parts),
    }


async def _found(parts: Parts, number: str) -> tuple[Order, datetime]:
    found = await store.of_number(parts.database, number)
    if found is None:
        detail = "No event and no audit has told of an order of this number."
        raise Problem(404, detail, title="No such order", back_text="Order flow")
    return found


def _way(order: Order) -> list[tuple[Mark, datetime, float | None]]:
    """Return the marks in the order of their times, each with the seconds since the one before."""
    passed = sorted(order.marks.items(), key=lambda each: (each[1], list(Mark).index(each[0])))
    took = [(after - before).total_seconds() for (_, before), (_, after) in pairwise(passed)]
    return [(mark, at, took_s) for (mark, at), took_s in zip(passed, [None, *took], strict=True)]


def _stream(request: Request, made: Callable[[], Awaitable[str]]) -> Response:
    lives = parts_of(request).lives
    if lives.is_full:
        raise Problem(503, "Too many pages are open.")
    return lives.stream(made, partial(is_still_signed_in, request))
