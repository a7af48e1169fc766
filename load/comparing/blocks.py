"""What the versions are asked: one operation after the other, each in short windows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fixtures.testbed.interface import Process
from load.comparing.side import Line, Side

WHOLE_ORDER = "an order, from its acceptance to its price"


@dataclass(frozen=True)
class Window:
    """What one version gave in one short window.

    Units: ms for each request, ms of processor time for each request, requests a second.
    """

    times_ms: list[float]
    cpu_ms: float
    rate_per_s: float


@dataclass(frozen=True)
class Operation:
    """One thing that is asked again and again in short windows, and the processes that it costs time.

    What `echoes` sets off work that goes on after the answer; that must end before anything else is asked.
    """

    name: str
    windows: int
    times: int
    processes: tuple[Process, ...]
    act: Callable[[Side, int], float]
    echoes: bool = False

    def window(self, side: Side, number: int) -> Window:
        """Ask one version for a moment, the `number`th of the round.

        Raises:
            Refused: it did not answer as it must.
        """
        side.used_ms(self.processes)
        began = time.perf_counter()
        first = number * self.times
        times_ms = [self.act(side, turn) for turn in range(first, first + self.times)]
        took_s = time.perf_counter() - began
        return Window(times_ms, side.used_ms(self.processes) / self.times, self.times / took_s)


def _getting(line: Callable[[Side], Line], path: Callable[[Side, int], str]) -> Callable[[Side, int], float]:
    return lambda side, number: line(side).ask("GET", path(side, number), 200)[0]


def _uploading(side: Side, number: int) -> float:
    began = time.perf_counter()
    side.upload()
    return (time.perf_counter() - began) * 1000


def _approving(side: Side, number: int) -> float:
    path = f"/v1/orders/{side.orders[number]['id']}/approve"
    return side.api.ask("POST", path, 200)[0]


def _an_order(side: Side, number: int) -> str:
    return str(side.orders[number % len(side.orders)]["id"])


def _a_number(side: Side, number: int) -> str:
    return str(side.orders[number % len(side.orders)]["number"])


def _searched(side: Side, number: int) -> str:
    """A customer with few orders among all: without an index every one has to be read."""
    return f"/v1/work-orders?limit=20&customer={side.partner_id}"


_API: tuple[Process, ...] = ("api", "postgres")
_MES: tuple[Process, ...] = ("mes", "postgres")
_SHOP: tuple[Process, ...] = ("shop", "postgres")
ORDERING = Operation("POST /v1/orders", 8, 1, _API, lambda side, _: side.order(), echoes=True)
ORDERED = ORDERING.windows * ORDERING.times
APPROVING = Operation("POST /v1/orders/{order_id}/approve", ORDERED, 1, _API, _approving, echoes=True)
READING = (
    Operation("POST /v1/models", 4, 2, _API, _uploading),
    Operation(
        "GET /v1/orders/{order_id}", 8, 4, _API,
        _getting(lambda side: side.api, lambda side, n: f"/v1/orders/{_an_order(side, n)}"),
    ),
    Operation(
        "GET /v1/orders?limit=50", 8, 2, _API,
        _getting(lambda side: side.api, lambda *_: "/v1/orders?limit=50"),
    ),
    Operation("GET shop/", 8, 4, _SHOP, _getting(lambda side: side.shop, lambda *_: "/")),
    Operation(
        "GET shop/orders", 7, 2, (*_SHOP, "api"), _getting(lambda side: side.shop, lambda *_: "/orders")
    ),
    Operation("GET mes/orders", 6, 2, _MES, _getting(lambda side: side.mes, lambda *_: "/orders")),
    Operation(
        "GET mes/orders/{number}", 7, 2, _MES,
        _getting(lambda side: side.mes, lambda side, n: f"/orders/{_a_number(side, n)}"),
    ),
    Operation(
        "GET mes/v1/work-orders", 7, 4, _MES,
        _getting(lambda side: side.audit, lambda *_: "/v1/work-orders?limit=20"),
    ),
    Operation(
        "GET mes/v1/work-orders?customer", 6, 4, _MES, _getting(lambda side: side.audit, _searched)
    ),
)  # fmt: skip
