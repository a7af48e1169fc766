"""Makes a service a web site: its pages, its static files, its error pages, its headers."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import Scope

from sut.pages import errors
from sut.pages.headers import HTTPS_HEADERS, SECURITY_HEADERS, SecurityHeaders
from sut.pages.templating import STATIC, Pages

_ICON = STATIC / "favicon.svg"


class _Kept(StaticFiles):
    """Static files whose address changes with their content, so that they may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if b"v=" in scope["query_string"]:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def install(app: FastAPI, pages: Pages, *, https: bool = False) -> None:
    """Give an application its pages."""
    app.state.pages = pages
    errors.install(app)
    app.add_middleware(SecurityHeaders, headers=HTTPS_HEADERS if https else SECURITY_HEADERS)
    app.mount("/static", _Kept(directory=STATIC), name="static")
    app.add_api_route("/favicon.ico", _icon, methods=["GET", "HEAD"], include_in_schema=False)


async def _icon() -> FileResponse:
    """Answer browsers that ask for the icon before they have read a page."""
    return FileResponse(_ICON, media_type="image/svg+xml")
