"""Runs the drills side by side, those that would tell of each other's fault one after the other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from e2e.operations.drills.alerts import ALERTS, CHAINS
from e2e.operations.drills.scene import Scene
from e2e.operations.drills.slow_pages import slow_pages
from fixtures.drill import Drill, Fault, drilled
from fixtures.watchtower import Watchtower


def faults(scene: Scene) -> Mapping[str, Fault]:
    """Return what brings each alert about."""
    return {
        "ServiceDown": scene.dead_service,
        "OutboxStuck": scene.stuck_outbox,
        "PricingBacklog": scene.hanging_workers,
        "DeadLetters": scene.poisoned_order,
        "OrderLost": scene.mislaid_event,
        "OrderLate": scene.untaken_order,
        "PartnerSlaBurn": scene.failing_calls,
        "DashboardSlow": lambda: slow_pages(scene),
    }


class Drills:
    """All drills that this run asks for, begun together; each can be waited for."""

    def __init__(self, scene: Scene, watch: Watchtower, wanted: Collection[str]) -> None:
        self._faults, self._watch = faults(scene), watch
        self._pool = ThreadPoolExecutor(len(CHAINS), thread_name_prefix="drill")
        self._drills: dict[str, Future[Drill]] = {}
        for chain in CHAINS:
            self._begin([alert for alert in chain if alert in wanted])

    def of(self, alert: str) -> Drill:
        """Wait for a drill."""
        return self._drills[alert].result()

    def all(self) -> list[Drill]:
        """Wait for every drill."""
        return [self.of(alert) for alert in ALERTS if alert in self._drills]

    def close(self) -> None:
        """Wait until every fault is mended."""
        self._pool.shutdown()

    def _begin(self, chain: Sequence[str]) -> None:
        futures = [Future[Drill]() for _ in chain]
        self._drills |= dict(zip(chain, futures, strict=True))
        self._pool.submit(self._run, chain, futures)

    def _run(self, chain: Sequence[str], futures: Sequence[Future[Drill]]) -> None:
        for alert, future in zip(chain, futures, strict=True):
            future.set_result(drilled(alert, self._faults[alert], self._watch))
