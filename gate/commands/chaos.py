"""`chaos`: is anything lost when processes fail while orders come?"""

import argparse
import json
import secrets

from rich.console import Console
from rich.markup import escape

from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.own import own_testbed
from fixtures.testbed.runs import new_run_dir
from fixtures.testbed.signals import end_in_order_when_terminated
from gate.criteria import Criterion, outcome_of
from gate.display import COLOURS, a_console, from_here
from gate.judge_chaos import judge_chaos
from gate.options.chaos import COUNT, SECONDS
from gate.outcome import Outcome
from gate.report import words
from gate.run_files import CHAOS
from gate.tables import a_table, badge
from gate.usage import WrongUse
from load.chaos.run import PICTURE, SCHEDULE, chaos
from load.chaos.schedule import Schedule, by_chance

SENTENCES = {
    Outcome.PASS: "Nothing was lost, and all is as before.",
    Outcome.WARN: "Nothing was lost, and all is as before; not every fault was felt.",
    Outcome.FAIL: "The system did not survive these faults.",
    Outcome.UNKNOWN: "It could not be told whether the system survives these faults.",
}


def run(options: argparse.Namespace) -> int:
    """Break and mend, print the table, and leave a picture."""
    end_in_order_when_terminated()
    console, schedule = a_console(), _schedule(options)
    count = len(schedule.faults)
    _say(console, f"chaos  {schedule.name}: {count} fault{'s'[: count - 1]} in {schedule.seconds:g} s")
    folder = new_run_dir()
    (folder / "evidence").mkdir(exist_ok=True)
    try:
        with own_testbed(options.testbed, run_dir=folder, sut_root=options.sut) as testbed:
            document = chaos(testbed, schedule, folder, told=lambda text: _say(console, text))
    except TestbedFailed as error:
        _say(console, f"chaos: {error}")
        return Outcome.UNKNOWN.exit_code
    criteria = judge_chaos(document)
    path = folder / CHAOS
    told = {
        "schedule": schedule.name,
        "outcome": outcome_of(criteria).value,
        "criteria": [each.to_json() for each in criteria],
    }
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")
    _print(console, criteria)
    _say(console, f"picture  {from_here(folder / PICTURE)}")
    _say(console, f"evidence {from_here(folder / 'evidence')}")
    _say(console, f"again    ./assay chaos --schedule {from_here(folder / SCHEDULE)}")
    return outcome_of(criteria).exit_code


def _schedule(options: argparse.Namespace) -> Schedule:
    given: Schedule | None = options.schedule
    if given and (options.count or options.seconds):
        raise WrongUse("--count and --seconds are for faults by chance; a schedule's file says both itself")
    seed = secrets.randbelow(10_000) if options.seed is None else options.seed
    return given or by_chance(seed, options.count or COUNT, options.seconds or SECONDS)


def _print(console: Console, criteria: list[Criterion]) -> None:
    table = a_table("what is owed", "outcome", "value", "why", right=("value",))
    for each in criteria:
        table.add_row(each.title, badge(each.outcome), words.value(each), escape(each.why))
    console.print()
    console.print(table)
    outcome = outcome_of(criteria)
    console.print(f"[bold {COLOURS[outcome]}]{outcome}[/]  {SENTENCES[outcome]}")


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, highlight=False, soft_wrap=True)
