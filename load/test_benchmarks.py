"""The benchmarks' own arithmetic, without a system."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from load import accept_to_mes, browser, compare_rates, intake, tracing_cost
from load.bench.__main__ import main as of_the_engine
from load.bench.running import locust, target
from load.intake import Line, Window
from load.tracing_cost import Pair

MAINS = (accept_to_mes.main, browser.main, compare_rates.main, intake.main, tracing_cost.main, of_the_engine)


@pytest.mark.parametrize("main", MAINS, ids=lambda main: main.__module__)
def test_mistyped_option_is_one_line_and_exit_64(
    main: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the finger starts no system, and is not taken for a benchmark that could not tell."""
    with pytest.raises(SystemExit) as stopped:
        main(["--bogus"])

    assert stopped.value.code == 64
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_order_that_never_came_counts_as_late_as_could_be_told() -> None:
    """A lost order makes a window's figures worse, never better."""
    window = accept_to_mes.Window.of([0.010, 0.020, None])

    assert (window.orders, window.lost) == (3, 1)
    assert window.p50_ms == 20.0
    assert window.max_ms == window.p99_ms == 1000 * accept_to_mes.SEEN_WITHIN_S


@pytest.mark.parametrize(("status", "refused"), [("201 Created", False), ("429 Too Many Requests", True)])
def test_refused_orders_are_counted_apart(status: str, refused: bool) -> None:
    """What was not accepted is no intake."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            await reader.readexactly(2)
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}".encode())

    async def run() -> tuple[int, int]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        times_s: list[float] = []
        line = Line("127.0.0.1", server.sockets[0].getsockname()[1], "key", b"{}")
        failures = await line.order_until(time.perf_counter() + 0.05, times_s)
        server.close()
        return failures, len(times_s)

    failures, orders = asyncio.run(run())

    assert orders > 0
    assert failures == (orders if refused else 0)


def test_cost_is_the_share_of_throughput_that_the_traced_system_lacks() -> None:
    """Nineteen orders where twenty were possible cost a twentieth, however the clock ran meanwhile."""
    pair = Pair(traced=Window(95, 0, 50.0, 475.0, 1, 2), untraced=Window(100, 0, 40.0, 500.0, 1, 2))

    assert pair.cost_share == pytest.approx(0.05)
    assert pair.cost_us == pytest.approx(1e6 / 475 - 1e6 / 500)
    assert pair.cost_by_clock_share == pytest.approx(-0.25)


@pytest.mark.parametrize("kind", ["Open", "FastOpen"])
def test_both_clients_that_are_compared_apply_the_rate(kind: str) -> None:
    """A client that never began would lose every comparison."""
    with target("fast") as running:
        ran = locust(kind, running.url, 3, steps="2 50")

    begun = ran.figures["arrivals"][kind]["begun"]
    assert begun >= 80, "of 100, of which a busy machine that begins late has no time for all"
    assert ran.figures["failures"] == []
