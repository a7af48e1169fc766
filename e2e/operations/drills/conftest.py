"""One system that all drills break at the same time, and those who watch it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeGuard

import pytest

from e2e.operations.drills.scene import Scene
from e2e.operations.drills.together import Drills
from fixtures.cast import Personas
from fixtures.doors import MesAuditDoor
from fixtures.drill import table
from fixtures.ledger import Ledger, LedgerFile
from fixtures.mailbox import Mailbox
from fixtures.observed import PACE
from fixtures.testbed.interface import Process
from fixtures.testbed.observers import ObserverMissing
from fixtures.testbed.own import own_observatory, release_of_run
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.system import SystemTestbed
from fixtures.testbed.target import Target
from fixtures.testbed.watched import Watched
from fixtures.watchtower import Watchtower

DEADLINES = Path(__file__).with_name("deadlines.toml")
SETTINGS: dict[Process, dict[str, str]] = {
    "flow": {"FLOW_DEADLINES": str(DEADLINES)},
    "pricing": {"PRICING_STAGE_LIMIT_S": "300"},  # workers that hang are to be told of, not replaced
}


@pytest.fixture(scope="session")
def private_testbed(private_testbeds: Callable[..., SystemTestbed]) -> SystemTestbed:
    """A running system that only drills use."""
    return private_testbeds(settings=SETTINGS)


@pytest.fixture(scope="session")
def target(private_testbed: SystemTestbed) -> Target:
    """The system that is broken here, and no other."""
    return private_testbed.target


@pytest.fixture(scope="session")
def watchtower(private_testbed: SystemTestbed) -> Iterator[Watchtower]:
    """Prometheus and Alertmanager beside the system, with its own rules at another pace."""
    testbed = private_testbed
    watched = Watched.of(testbed.target, release_of_run(), smtp_url=testbed.smtp_url, pace=PACE)
    try:
        observatory = own_observatory(testbed.kind, watched, run_dir=testbed.run_dir)
        observatory.start()
    except ObserverMissing as missing:
        pytest.skip(str(missing))
    mailbox = Mailbox(testbed.run_dir / "mail")
    watchtower = Watchtower(observatory.prometheus.url, observatory.alertmanager.url, mailbox)
    watchtower.settle(jobs=len(watched.jobs))
    yield watchtower
    observatory.stop()


@pytest.fixture(scope="session")
def drills(
    request: pytest.FixtureRequest, private_testbed: SystemTestbed, watchtower: Watchtower
) -> Iterator[Drills]:
    """The drills of the alerts that this run asks for, all begun at once; their times are kept at the end."""
    wanted = {str(item.callspec.params["alert"]) for item in request.session.items if _is_drill(item)}
    target, evidence = private_testbed.target, current_run_dir() / "evidence"
    ledger = LedgerFile(evidence / "private-orders-drills.jsonl", source="drills")
    with MesAuditDoor(target.urls.mes, target.audit.mes_token) as audit:
        chance = random.Random(request.config.option.seed)  # noqa: S311 - names of people, not a secret
        personas = Personas(target, Ledger(ledger, audit), chance)
        running = Drills(Scene.set(private_testbed, personas), watchtower, wanted)
        yield running
        running.close()
        personas.close()
    evidence.mkdir(parents=True, exist_ok=True)
    told = {"pace": PACE, "drills": [drill.told() for drill in running.all()]}
    (evidence / "drill-times.json").write_text(
        json.dumps(told, indent=1, ensure_ascii=False), encoding="utf-8"
    )
    (evidence / "drill-times.md").write_text(table(running.all(), PACE), encoding="utf-8")


def _is_drill(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and "drills" in item.fixturenames
