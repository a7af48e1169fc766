"""Renders a service's pages: its own templates first, then those that all services share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sut import sessions

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

#: Pages hold what belongs to one person, so nobody but that person's open tab keeps them.
_NOT_KEPT = {"Cache-Control": "no-store"}


class Pages:
    """The pages of one service; `site` is the name in its header."""

    def __init__(self, site: str, *folders: Path) -> None:
        self._jinja = Environment(
            loader=FileSystemLoader([*folders, _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._jinja.globals.update(site=site, static=_static_address)
        self._jinja.filters.update(duration=duration, moment=moment, money=money, size=size)

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """Answer with a whole page or with a part of one."""
        known = {
            "account": getattr(request.state, "account", None),
            "csrf_token": sessions.csrf_token(request),
            "path": request.url.path,
            "status": status,
        }
        html = self._jinja.get_template(template).render(known | values)
        return HTMLResponse(html, status, headers={**_NOT_KEPT, **(headers or {})})

    def part(self, template: str, **values: Any) -> str:
        """Return a part of a page that needs to know nothing of the request."""
        return self._jinja.get_template(template).render(values)


def pages_of(request: Request) -> Pages:
    """Return the pages of the service that a request came to."""
    return cast(Pages, request.app.state.pages)


def moment(value: datetime) -> str:
    """Write a moment for people, in UTC, as in 2026-11-22 16:04:05."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def duration(value_s: float) -> str:
    """Write how long something took, as in 12 ms, 1.2 s, 3 min 5 s, 2 h 5 min or 3 d 4 h."""
    if value_s < 1:
        return f"{value_s * 1000:.0f} ms"
    if value_s < 60:
        return f"{value_s:.1f} s" if value_s < 10 else f"{value_s:.0f} s"
    minutes, seconds = divmod(int(value_s), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


def money(value: Decimal, currency: str) -> str:
    """Write an amount as in 1234.50 EUR."""
    return f"{value:.2f} {currency}"


def size(value_bytes: int) -> str:
    """Write a file's size as in 684 B, 12.3 kB or 4.2 MB."""
    if value_bytes < 1000:
        return f"{value_bytes} B"
    if value_bytes < 1_000_000:
        return f"{value_bytes / 1000:.1f} kB"
    return f"{value_bytes / 1_000_000:.1f} MB"


def _fingerprint(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


_FINGERPRINTS = {path.name: _fingerprint(path) for path in STATIC.iterdir() if path.is_file()}


def _static_address(name: str) -> str:
    """Return an address that changes with the file, so that browsers may keep it for ever."""
    return f"/static/{name}?v={_FINGERPRINTS[name]}"
