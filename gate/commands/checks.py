"""`test`, `bench`, `drill`, `up` and `doctor`: commands whose words are for somebody else."""

import os
import sys
import time
from dataclasses import dataclass
from functools import partial

from e2e.operations.drills.alerts import ALERTS
from fixtures.testbed.runs import REPOSITORY
from fixtures.testbed.up_options import parser
from gate import foreground
from gate.outcome import EXIT_USAGE
from gate.stages import PYTEST
from gate.usage import Answer, WrongUse

BENCHES = {
    "load": ("load.bench", "the load engine itself: accuracy, efficiency, memory, cost"),
    "browser": ("load.browser", "the operators' dashboard in a real browser"),
    "pricing": ("load.pricing", "order-to-price by size of model"),
    "accept-to-mes": ("load.accept_to_mes", "from the partner's 201 to the MES"),
    "intake": ("load.intake", "orders a second that one processor of api takes in"),
    "tracing-cost": ("load.tracing_cost", "what tracing takes of the intake"),
}
_NAMED = "\n".join(f"  {name:16s}{purpose}" for name, (_, purpose) in BENCHES.items())
BENCH_HELP = f"""usage: ./assay bench NAME [options of that benchmark]

Benchmarks want the machine for themselves and leave evidence in a run's directory.

{_NAMED}

examples:
  ./assay bench intake               how many orders a second are taken in
  ./assay bench intake --help        the options of that benchmark

exit codes: 0 measured, and kept where there is a bar, 1 not kept, 2 could not be told, 64 no such benchmark
"""

TEST_HELP = """usage: ./assay test [pytest's arguments]

Without arguments: all checks of this project: ruff check, ruff format --check, mypy, pytest over everything
(self-tests, contract, e2e with its faults, load; not the drills), and one planted defect through sensitivity.
With arguments: pytest with these arguments.

examples:
  ./assay test                                                   before a push
  ./assay test e2e -n 2 -k pricing                               some scenarios, two at a time
  ./assay test 'e2e/ordering/test_order_life.py' --seed 8842     the same again, with the same data
  ./assay test e2e --target staging.toml                         against a running system
  ./assay test --help-pytest                                     all of pytest's own options

exit codes: without arguments 0 or 1, 64 wrong use; with arguments pytest's own
"""
DRILLS = "e2e/operations/drills"
DRILL_HELP = f"""usage: ./assay drill [ALERT…] [pytest's options]

Breaks a system of its own until each alert has fired, was mailed, and ended; by default all alerts, side by
side, in about two minutes. The times are in the run's evidence/drill-times.md. Prometheus and Alertmanager
are got at the first time.

alerts: {" ".join(ALERTS)}

examples:
  ./assay drill                             every alert
  ./assay drill OrderLost ServiceDown       two of them
  ./assay drill OrderLate -vv               with pytest's options behind the names

exit codes: pytest's own, 64 wrong use
"""
HELP = (["--help"], ["-h"])
PLANTED = "unprotected-endpoint"


@dataclass(frozen=True)
class Check:
    """One check of the project's own."""

    name: str
    command: tuple[str, ...]


PYTHON = (sys.executable, "-P", "-m")
CHECKS = (
    Check("ruff check", (*PYTHON, "ruff", "check", ".")),
    Check("ruff format", (*PYTHON, "ruff", "format", "--check", ".")),
    Check("mypy", (*PYTHON, "mypy", ".")),
    Check("pytest", (*PYTEST, "-n", "2", "--dist", "loadgroup", "-m", "not alone and not drill")),
    # Figures of a load are only worth something while no other test uses the processors.
    Check("load", (*PYTEST, "-m", "alone", "load")),
    Check("sensitivity", (*PYTHON, "gate", "sensitivity", PLANTED, "--no-clean")),
)


def test(words: list[str]) -> Answer:
    """Run pytest with the words given; without any, all checks of the project."""
    if words in HELP:
        print(TEST_HELP, end="")
        return 0
    if not words:
        return _all_checks
    return partial(_become, (*PYTEST, *(["--help"] if words == ["--help-pytest"] else words)))


def bench(words: list[str]) -> Answer:
    """Run a benchmark by its name."""
    if not words or words in HELP:
        print(BENCH_HELP, end="", file=sys.stdout if words else sys.stderr)
        return 0 if words else EXIT_USAGE
    if words[0] not in BENCHES:
        raise WrongUse(f"{words[0]!r} is no benchmark; there are: {', '.join(BENCHES)}")
    return partial(_become, (*PYTHON, BENCHES[words[0]][0], *words[1:]))


def drill(words: list[str]) -> Answer:
    """Run the drills of the alerts named, or of all."""
    if words in HELP:
        print(DRILL_HELP, end="")
        return 0
    first = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
    unknown = [repr(word) for word in words[:first] if word not in ALERTS]
    if unknown:
        raise WrongUse(f"{', '.join(unknown)}: no such alert; there are: {', '.join(ALERTS)}")
    test = f"{DRILLS}/test_drills.py::test_alert_fires_is_mailed_and_ends_with_its_fault"
    asked = [f"{test}[{alert}]" for alert in words[:first]] or [DRILLS]
    return partial(_become, (*PYTEST, *asked, *words[first:]))


def up(words: list[str]) -> Answer:
    """Start the system and leave it running."""
    parser().parse_args(words)
    return partial(_become, (*PYTHON, "fixtures.testbed.up", *words))


def doctor(words: list[str]) -> Answer:
    """Tell what this machine lacks."""
    from gate.doctor import main  # here, as no other command needs what it looks everything up with

    return partial(main, words)


def _become(command: tuple[str, ...]) -> int:
    sys.stdout.flush()
    os.execve(command[0], command, _environment())  # noqa: S606 - our own interpreter, no shell


def _all_checks() -> int:
    failed = []
    for check in CHECKS:
        print(f"== {check.name}", flush=True)
        began = time.monotonic()
        status = foreground.run(check.command, cwd=REPOSITORY, env=_environment())
        said = f"exit status {status}" if status else "ok"
        print(f"== {check.name}: {said}  {time.monotonic() - began:.1f} s\n")
        failed += [check.name] if status else []
    print(f"FAILED: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(REPOSITORY)}
