"""What the shop's pages work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from sut.database import Database
from sut.shop.ordering import Ordering


@dataclass(frozen=True)
class Parts:
    """The shop's database and its line to `api`."""

    database: Database
    ordering: Ordering


async def _parts(request: Request) -> Parts:
    return cast(Parts, request.app.state.parts)


#: A dependency of every page that reads or changes something.
Wired = Annotated[Parts, Depends(_parts)]
