"""Measures sustained intake of orders over the partner API: `python -m load.intake`.

Orders refer to an uploaded model; key, order, history and event are written in one transaction, and the
relay sends each event on. `api` is pinned to one processor, and everything else to the others: what follows
on an order in the MES and in pricing competes with the generator there, and may lag behind. Two rates are
told for each window: orders per second of the clock, and orders per second of processor time of `api`, which
depends less on what else the machine does.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from urllib.parse import urlsplit
from uuid import uuid4

import psutil

from fixtures import models
from fixtures.doors import PartnerDoor
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from gate.usage import Parser
from load.cast import with_room
from load.measured_system import own_system

LEAST_PER_S = 300.0
WARM_UP_S = 3.0


@dataclass(frozen=True)
class Window:
    """What one stretch gave."""

    orders: int
    failures: int
    per_s: float
    per_cpu_s: float
    p50_ms: float
    p99_ms: float


class Line:
    """One connection that orders again and again, as soon as it is answered."""

    def __init__(self, host: str, port: int, key: str, body: bytes) -> None:
        self._host, self._port = host, port
        self._head = (
            f"POST /v1/orders HTTP/1.1\r\nHost: {host}:{port}\r\nX-API-Key: {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nIdempotency-Key: "
        ).encode()
        self._body = body

    async def order_until(self, ends_at: float, times_s: list[float]) -> int:
        """Order until a moment; add each answer's time and return how many were refused."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        refused = 0
        while (begun := time.perf_counter()) < ends_at:
            writer.write(self._head + uuid4().hex.encode() + b"\r\n\r\n" + self._body)
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            times_s.append(time.perf_counter() - begun)
            refused += not head.startswith(b"HTTP/1.1 201")
        writer.close()
        return refused


class Intake:
    """Orders to one system, from several connections at once."""

    def __init__(self, testbed: SystemTestbed, *, connections: int) -> None:
        target = testbed.target
        partner = with_room(target, "Intake")
        with PartnerDoor(target.urls.api, partner.key, partner.id) as door:
            model_id = door.upload(models.bracket()).id
        body = json.dumps({"model_id": model_id, "material": "PLA", "quantity": 3}).encode()
        address = urlsplit(target.urls.api)
        host, port = address.hostname or "", address.port or 80
        self._lines = [Line(host, port, partner.key, body) for _ in range(connections)]
        self.api = psutil.Process(testbed.pids("api")[0])

    def window(self, seconds: float) -> Window:
        """Order for a while; return what that gave."""
        return _window(self._lines, self.api, seconds)


def measured(testbed: SystemTestbed, *, connections: int, seconds: float, windows: int) -> list[Window]:
    """Order from several connections at once; return what each window gave."""
    intake = Intake(testbed, connections=connections)
    pin(intake.api.pid)
    intake.window(WARM_UP_S)
    return [intake.window(seconds) for _ in range(windows)]


def pin(*pids: int) -> None:
    """Give some processes one processor, and this one with all its other children the rest."""
    first, *rest = sorted(os.sched_getaffinity(0))
    if not rest:
        return
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        processors = [first] if process.pid in pids else rest
        for thread in process.threads():
            os.sched_setaffinity(thread.id, processors)


def _window(lines: Sequence[Line], api: psutil.Process, seconds: float) -> Window:
    times_s: list[float] = []

    async def order() -> int:
        ends_at = time.perf_counter() + seconds
        return sum(await asyncio.gather(*(line.order_until(ends_at, times_s) for line in lines)))

    before, begun = sum(api.cpu_times()[:2]), time.perf_counter()
    failures = asyncio.run(order())
    took_s, cpu_s = time.perf_counter() - begun, sum(api.cpu_times()[:2]) - before
    accepted, ordered = len(times_s) - failures, sorted(times_s)
    p50, p99 = (round(1000 * ordered[int(share * (len(ordered) - 1))], 1) for share in (0.5, 0.99))
    return Window(accepted, failures, round(accepted / took_s, 1), round(accepted / cpu_s, 1), p50, p99)


def main(arguments: list[str] | None = None) -> int:
    """Measure and tell; 0 where the median window reaches the bound in processor time of `api`, else 1."""
    options = _options().parse_args(arguments)
    with own_system() as testbed:
        windows = measured(
            testbed, connections=options.connections, seconds=options.seconds, windows=options.windows
        )
    medians = {name: median(getattr(each, name) for each in windows) for name in ("per_s", "per_cpu_s")}
    path = current_run_dir() / "evidence" / "intake.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    evidence = {"medians": medians, "windows": [asdict(each) for each in windows]}
    path.write_text(json.dumps(evidence, indent=2), encoding="utf-8")
    for each in windows:
        print(
            f"{each.orders} orders, {each.failures} refused: {each.per_s}/s, {each.per_cpu_s} per second of "
            f"api's processor; p50 {each.p50_ms} ms, p99 {each.p99_ms} ms"
        )
    reached = medians["per_cpu_s"] >= LEAST_PER_S and not any(each.failures for each in windows)
    print(f"median: {medians['per_s']}/s by the clock, {medians['per_cpu_s']} per second of api's processor")
    print(f"{'reached' if reached else 'MISSED'}: at least {LEAST_PER_S:g} per second on one processor")
    print(f"evidence: {path}")
    return 0 if reached else 1


def _options() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m load.intake", description=__doc__)
    parser.add_argument(
        "--connections", type=int, default=16, metavar="N", help="how many order at once (16)"
    )
    parser.add_argument("--seconds", type=float, default=6.0, metavar="S", help="length of a window (6)")
    parser.add_argument("--windows", type=int, default=5, metavar="N", help="how many windows (5)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
