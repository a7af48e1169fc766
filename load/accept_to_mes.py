"""Measures how long an accepted order takes to be in the MES: `python -m load.accept_to_mes`.

Orders are placed at random moments, whatever the system does (an open model). An order's time begins when the
partner has read its 201 and ends when the MES has listed it to an auditor who asks every few milliseconds; so
the figures hold up to one such look too much.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import Random
from statistics import median
from typing import Any
from uuid import uuid4

import httpx

from fixtures import models
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.target import BadTarget, Target
from gate.usage import Parser
from load.bounds import Bound
from load.measured_system import target_of

BOUNDS = (Bound.parse("p50 <= 50"), Bound.parse("p99 <= 250"))
LOOK_EVERY_S = 0.005
SEEN_WITHIN_S = 15.0
WARM_UP_S = 3.0
# A work order's id is given before its transaction commits: a lower one may be listed after a higher one, or
# never. So many are waited for.
_LOOK_BACK = 100
_PAGE = 400


@dataclass(frozen=True)
class Window:
    """What one stretch of orders gave. Units: ms."""

    orders: int
    lost: int
    p50_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, times_s: Sequence[float | None]) -> "Window":
        """Sum a window's times up; None is an order that the MES never listed."""
        known = sorted(1000 * time_s for time_s in times_s if time_s is not None)
        lost = len(times_s) - len(known)
        known += [1000 * SEEN_WITHIN_S] * lost
        return cls(len(known), lost, _share(known, 0.5), _share(known, 0.99), round(known[-1], 1))


class Onlooker:
    """Reads the MES's list of work orders over and over, and notes when each order is first in it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self.seen_at: dict[str, float] = {}
        self._read_to = 0
        self._ahead: set[int] = set()

    async def skip_history(self) -> None:
        """Go to the end of the list as it is."""
        while (page := await self._page(self._read_to))["next_after"] is not None:
            self._read_to = int(page["next_after"])
        self._read_to = max([self._read_to, *(item["id"] for item in page["items"])])

    async def look(self) -> None:
        """Go on looking until cancelled."""
        while True:
            page = await self._page(self._read_to)
            now = time.perf_counter()
            for item in page["items"]:
                self.seen_at.setdefault(item["order_id"], now)
                self._ahead.add(item["id"])
            self._read_on()
            await asyncio.sleep(LOOK_EVERY_S)

    def _read_on(self) -> None:
        """Leave behind what is listed without a gap, so that a look costs the MES no more than its news."""
        self._read_to = max([self._read_to, *(id_ - _LOOK_BACK for id_ in self._ahead)])
        while self._read_to + 1 in self._ahead:
            self._read_to += 1
        self._ahead = {id_ for id_ in self._ahead if id_ > self._read_to}

    async def _page(self, after: int) -> dict[str, Any]:
        answer = await self._http.get("/v1/work-orders", params={"after": after, "limit": _PAGE})
        answer.raise_for_status()
        return dict(answer.json())


async def measured(target: Target, *, rate_per_s: float, seconds: float, windows: int) -> list[Window]:
    """Place orders and return what each window gave; the first seconds warm up and do not count."""
    audit = {"Authorization": f"Bearer {target.audit.mes_token}"}
    async with (
        httpx.AsyncClient(base_url=target.urls.mes, headers=audit, trust_env=False) as mes,
        httpx.AsyncClient(
            base_url=target.urls.api, headers={"X-API-Key": target.partners[0].key}, trust_env=False
        ) as api,
    ):
        onlooker = Onlooker(mes)
        await onlooker.skip_history()
        looking = asyncio.create_task(onlooker.look())
        model_id = await _uploaded(api)
        chance = Random(20261122)  # noqa: S311 - arrivals, not secrets
        await _placed(api, model_id, chance, rate_per_s, WARM_UP_S)
        found = []
        for _ in range(windows):
            accepted = await _placed(api, model_id, chance, rate_per_s, seconds)
            found.append(Window.of(await _times(onlooker, looking, accepted)))
        looking.cancel()
    return found


async def _uploaded(api: httpx.AsyncClient) -> str:
    model = models.bracket()
    headers = {"Content-Type": "model/stl"}
    answer = await api.post(f"/v1/models?filename={model.filename}", content=model.content, headers=headers)
    return str(answer.raise_for_status().json()["id"])


async def _placed(
    api: httpx.AsyncClient, model_id: str, chance: Random, rate_per_s: float, seconds: float
) -> dict[str, float]:
    """Place orders for so long; return when each was accepted."""
    accepted: dict[str, float] = {}

    async def place() -> None:
        body = {"model_id": model_id, "material": "PLA", "quantity": 3}
        answer = await api.post("/v1/orders", json=body, headers={"Idempotency-Key": str(uuid4())})
        now = time.perf_counter()
        accepted[answer.raise_for_status().json()["id"]] = now

    begun, due_s = time.perf_counter(), 0.0
    async with asyncio.TaskGroup() as placing:
        while (due_s := due_s + chance.expovariate(rate_per_s)) < seconds:
            await asyncio.sleep(max(0.0, begun + due_s - time.perf_counter()))
            placing.create_task(place())
    return accepted


async def _times(
    onlooker: Onlooker, looking: "asyncio.Task[None]", accepted: dict[str, float]
) -> list[float | None]:
    """Wait until the MES has listed all orders; return each one's time."""
    deadline = time.perf_counter() + SEEN_WITHIN_S
    while not accepted.keys() <= onlooker.seen_at.keys() and time.perf_counter() < deadline:
        if looking.done():
            looking.result()
        await asyncio.sleep(LOOK_EVERY_S)
    seen_at = onlooker.seen_at
    return [max(0.0, seen_at[each] - at) if each in seen_at else None for each, at in accepted.items()]


def _share(ordered: Sequence[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell; 0 where both bounds are kept by the medians of the windows, else 1."""
    options = _options().parse_args(arguments)
    try:
        with target_of(options.target) as target:
            windows = asyncio.run(
                measured(target, rate_per_s=options.rate, seconds=options.seconds, windows=options.windows)
            )
    except BadTarget as error:
        print(error, file=sys.stderr)
        return 64
    return _told(windows, options.rate)


def _told(windows: list[Window], rate_per_s: float) -> int:
    medians = {name: median(getattr(each, f"{name}_ms") for each in windows) for name in ("p50", "p99")}
    path = current_run_dir() / "evidence" / "accept_to_mes.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    evidence = {
        "rate_per_s": rate_per_s,
        "medians_ms": medians,
        "windows": [asdict(each) for each in windows],
    }
    path.write_text(json.dumps(evidence, indent=2), encoding="utf-8")
    for each in windows:
        figures = f"p50 {each.p50_ms} ms, p99 {each.p99_ms} ms, most {each.max_ms} ms, {each.lost} lost"
        print(f"{each.orders} orders: {figures}")
    kept = [bound.holds(medians[bound.metric]) for bound in BOUNDS] + [not any(each.lost for each in windows)]
    for bound, holds in zip(BOUNDS, kept, strict=False):
        seen = f"median {medians[bound.metric]} ms at {rate_per_s:g} orders/s"
        print(f"{'kept' if holds else 'BROKEN':7s}{bound} ms: {seen}")
    print(f"evidence: {path}")
    return 0 if all(kept) else 1


def _options() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m load.accept_to_mes", description=__doc__)
    parser.add_argument("--target", metavar="FILE", help="a running system (default: one of our own)")
    parser.add_argument("--rate", type=float, default=20.0, metavar="N", help="orders per second (20)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="length of a window (15)")
    parser.add_argument("--windows", type=int, default=3, metavar="N", help="how many windows (3)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
