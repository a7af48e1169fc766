"""How the addresses of pages answer."""

from __future__ import annotations

from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute


class PageRoute(APIRoute):
    """A route that answers HEAD wherever it answers GET, as HTTP wants it; the server leaves the body out.

    Only a stream does not: it has no end.
    """

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        if self.methods and "GET" in self.methods and self.response_class is not StreamingResponse:
            self.methods.add("HEAD")
