"""What the MES tells of its work orders, its dead letters and what operators do."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import Metric

from sut.database import Connection
from sut.mes import attention, store
from sut.mes.production import STEPS
from sut.mes.wanted import STATES
from sut.metrics.registry import gauge, gauges

REPLAY = "replay"
ACTIONS = (*(str(step) for step in STEPS), attention.ASK_AGAIN, REPLAY)
_DEAD = "SELECT count(*) FROM dead_letters WHERE replayed_at IS NULL"


async def read(connection: Connection) -> Sequence[Metric]:
    """Read the kept counts of work orders, and how many dead letters nobody has replayed."""
    counts = await store.counts(connection)
    return [
        gauges(
            "assay_work_orders",
            "Work orders by state, finished ones included.",
            "state",
            [(str(state), counts.get(state, 0)) for state in STATES],
        ),
        gauge(
            "assay_dead_letters",
            "Messages that a service gave up and nobody has replayed.",
            await connection.fetchval(_DEAD),
        ),
    ]


class Activity:
    """Counts what operators do: how often, never who."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._sign_ins = Counter("assay_operator_sign_ins", "Operators' sign-ins.", registry=registry)
        self._actions = Counter(
            "assay_operator_actions", "What operators did, by action.", ["action"], registry=registry
        )
        for action in ACTIONS:
            self._actions.labels(action)  # so that the first one is an increase and no new series

    def signed_in(self) -> None:
        """Count a sign-in."""
        self._sign_ins.inc()

    def did(self, action: str) -> None:
        """Count an action that was done."""
        self._actions.labels(action).inc()
