"""What the routes of `api` work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from sut.api.calls import Calls
from sut.api.settings import ApiSettings
from sut.api.tenants import Tenants
from sut.database import Database
from sut.model_files import ModelFiles


@dataclass(frozen=True)
class Parts:
    """The running parts of this process."""

    settings: ApiSettings
    database: Database
    files: ModelFiles
    tenants: Tenants
    calls: Calls


async def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


Wired = Annotated[Parts, Depends(_parts)]
