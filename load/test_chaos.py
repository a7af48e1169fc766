"""A load under two faults, for real: the orders are kept, and the evidence says what was done and felt."""

from pathlib import Path

import pytest

from fixtures.testbed.kinds import kind_of_run
from fixtures.testbed.own import own_testbed
from load.chaos.run import PICTURE, SCHEDULE, chaos
from load.chaos.schedule import Fault, Schedule, load_schedule

FAULTS = Fault("kill", "nats", 8, 3), Fault("pause", "postgres", 9, 2)


@pytest.mark.alone
def test_no_order_is_lost_while_broker_and_database_are_away(tmp_path: Path) -> None:
    """How soon all is as before depends on the machine, and is no matter of this test."""
    (tmp_path / "evidence").mkdir()
    schedule = Schedule("two at once", 25, 5, "a short one", FAULTS)
    told: list[str] = []

    with own_testbed(kind_of_run(), run_dir=tmp_path) as testbed:
        seen = chaos(testbed, schedule, tmp_path, told=told.append)

    balance = seen["conservation"]
    assert balance["acknowledged"] > 0
    assert balance["complete"], balance
    broken = ("lost", "doubled", "mispriced", "unexpected", "leaked", "stuck")
    assert {name: balance[name] for name in broken} == {name: [] for name in broken}
    assert [(each["process"], each["undone"], each["unmended"]) for each in seen["faults"]] == [
        ("nats", "", ""),
        ("postgres", "", ""),
    ]
    assert any(each["felt"] for each in seen["faults"])
    assert seen["died"] == []
    assert {line.partition(",")[0] for line in told if line.startswith("fault")} == {
        "fault  kill nats for 3 s",
        "fault  pause postgres for 2 s",
        "fault  nats is back",
        "fault  postgres is back",
    }
    assert load_schedule(tmp_path / SCHEDULE).faults == FAULTS
    assert "<svg" in (tmp_path / PICTURE).read_text()
