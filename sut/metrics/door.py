"""The door through which Prometheus reads: GET /metrics, for those who know its token."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request, Response

from sut import bearer, problems
from sut.metrics.registry import CONTENT_TYPE, Metrics
from sut.metrics.requests import Timed
from sut.problems import Problem


def install(app: FastAPI, metrics: Metrics, token: str) -> None:
    """Time every request of an application, and offer its metrics; without a token there is no such address.

    To be called last, so that it stands in front of whatever else answers requests.
    """
    app.add_middleware(Timed, metrics=metrics)
    if not token:
        return
    router = APIRouter(include_in_schema=False)

    @router.api_route("/metrics", methods=["GET", "HEAD"])
    async def read(request: Request) -> Response:
        try:
            bearer.check(request.headers.get("Authorization", ""), token)
        except Problem as refusal:
            return problems.response(refusal)  # never a page: nobody who comes here is a browser
        return Response(await metrics.text(), media_type=CONTENT_TYPE)

    app.include_router(router)
