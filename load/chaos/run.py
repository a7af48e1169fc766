"""Loads a system of our own while faults come and go, and leaves what was seen as evidence."""

import json
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from fixtures.testbed.system import SystemTestbed
from load.chaos.nemesis import Nemesis, Told
from load.chaos.picture import picture
from load.chaos.schedule import Schedule
from load.chaos.seconds import Second, felt, recovered_after_s, usual
from load.generator import LoadFailed
from load.headroom.resources import ResourceWatch
from load.profiles import CONTRACT, load_profile
from load.run import run

EVIDENCE, LOAD, PICTURE, SCHEDULE = "chaos.json", "load.json", "chaos.svg", "schedule.toml"
DRAINS_WITHIN_S = 60.0


def chaos(
    testbed: SystemTestbed, schedule: Schedule, folder: Path, told: Told = lambda _: None
) -> dict[str, Any]:
    """Apply the contract's load and the schedule; return what evidence/chaos.json keeps.

    Raises:
        BadFile: the profile of the load cannot be read.
    """
    (folder / SCHEDULE).write_text(schedule.as_toml(), encoding="utf-8")
    profile = replace(load_profile(CONTRACT).changed(seconds=schedule.seconds), drain_s=DRAINS_WITHIN_S)
    doubt = ""
    with (
        _Recovery(testbed) as watched,
        Nemesis(testbed, schedule, lambda text: told(f"fault  {text}"), watched.begin) as nemesis,
    ):
        try:
            load = run(testbed.target, profile, folder / "evidence" / LOAD, begun=nemesis.begin, say=told)
        except LoadFailed as failed:
            load, doubt = dict(failed.evidence), str(failed)
        watched.end()
    seconds = [Second.of(each) for each in load.get("seconds", [])]
    as_usual = usual(seconds, nemesis.happened)
    faults = [
        {
            **asdict(each.fault),
            "began": each.began,
            "ended": each.ended,
            "undone": each.undone,
            "unmended": each.unmended,
            "felt": None if as_usual is None else felt(each, seconds, as_usual),
        }
        for each in nemesis.happened
    ]
    document = {
        "schedule": schedule.name,
        "planned": len(schedule.faults),
        "recovers_within_s": schedule.recovers_within_s,
        "faults": faults,
        "recovered_after_s": as_usual and recovered_after_s(seconds, nemesis.happened, as_usual),
        "crowded": watched.crowded(load.get("generator", {}).get("cpu_share") or 0.0),
        "died": testbed.died(),
        "doubt": doubt,
        "conservation": load.get("conservation"),
    }
    (folder / "evidence" / EVIDENCE).write_text(json.dumps(document, indent=1), encoding="utf-8")
    (folder / PICTURE).write_text(picture(schedule.name, seconds, nemesis.happened), encoding="utf-8")
    return document


class _Recovery:
    """Looks on who has the processors once all is mended: a system without any does not recover."""

    def __init__(self, testbed: SystemTestbed) -> None:
        self._testbed, self._watching = testbed, ExitStack()
        self._watch: ResourceWatch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self) -> None:
        """Begin to look; the processes are those that there are by now."""
        self._watch = self._watching.enter_context(ResourceWatch(self._testbed))

    def end(self) -> None:
        """End, and keep what was seen."""
        self._watching.close()

    def crowded(self, generator_share: float) -> str:
        """Tell whether others had them, in words."""
        return self._watch.use(generator_share).crowded if self._watch else ""
