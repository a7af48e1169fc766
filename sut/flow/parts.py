"""What the routes of the flow work with, and whom they serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from sut.accounts.current import only
from sut.accounts.roles import Role
from sut.accounts.store import Account
from sut.database import Database
from sut.flow.asking import Line
from sut.flow.board import Boards
from sut.flow.live import Lives
from sut.flow.projection import Order
from sut.flow.settings import TRACE_ID


@dataclass(frozen=True)
class Parts:
    """The running parts of this process."""

    database: Database
    boards: Boards
    lives: Lives
    mes_url: str
    trace_url: str
    to_api: Line

    def trace_of(self, order: Order) -> str:
        """Return where an order's trace is shown; nothing where none is known, or nobody shows any."""
        return self.trace_url.replace(TRACE_ID, order.trace_id) if order.trace_id else ""


def parts_of(request: Request) -> Parts:
    """Return the parts of the process that a request came to."""
    return cast(Parts, request.app.state.parts)


#: The account that a page of the flow is for.
Manager = Annotated[Account, Depends(only(Role.MANAGER))]
