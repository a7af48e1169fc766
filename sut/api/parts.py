"""What the routes of `api` work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from sut.api.settings import ApiSettings
from sut.api.tenants import Tenants
from sut.broker import Broker
from sut.database import Database


@dataclass(frozen=True)
class Parts:
    """The running parts of this process."""

    settings: ApiSettings
    database: Database
    broker: Broker
    tenants: Tenants


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Wired = Annotated[Parts, Depends(_parts)]
