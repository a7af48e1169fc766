"""The command line: `./assay COMMAND …` comes here as `python -m gate COMMAND …`.

What it imports needs no package, so that help and wrong use are told before the set-up (gate/beforehand.py).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module

from fixtures.tables import BadFile
from gate.commands import checks
from gate.options import again, capacity, chaos, compare, run, sensitivity, trace
from gate.options.testbed import add_testbed
from gate.outcome import EXIT_INTERRUPTED, EXIT_USAGE
from gate.usage import Answer, Parser, WrongUse, one_line

PROGRAM = "./assay"
EXAMPLES = """examples:
  ./assay gate                     may this release go out?
  ./assay smoke                    does the system work at all?
  ./assay up                       a running system to click through
  ./assay test e2e -k pricing      some tests, as pytest takes them
  ./assay sensitivity              does the gate catch what it should?
  ./assay drill                    does every alert tell of its fault?
  ./assay COMMAND --help           everything about a command

exit codes: 0 pass or warn, 1 fail, 2 unknown, 64 wrong use
"""


@dataclass(frozen=True)
class Command:
    """A command: what it is for, how it is used, and which function of `gate.commands` it is."""

    name: str
    purpose: str
    examples: str
    add: Callable[[argparse.ArgumentParser], None]
    does: str

    def act(self, options: argparse.Namespace) -> int:
        """Do it; its packages, which take a second to import, are only needed now."""
        module, _, function = self.does.partition(":")
        does: Callable[[argparse.Namespace], int] = getattr(
            import_module(f"gate.commands.{module}"), function
        )
        return does(options)


COMMANDS = (
    Command(
        "gate",
        "run all stages and say whether the release may go out",
        run.GATE_EXAMPLES,
        run.add_gate,
        "run:gate",
    ),
    Command(
        "smoke", "the shortest proof that the system works", run.SMOKE_EXAMPLES, add_testbed, "run:smoke"
    ),
    Command(
        "judge",
        "judge the evidence of an earlier run again",
        again.JUDGE_EXAMPLES,
        again.add_judge,
        "again:judge",
    ),
    Command(
        "report",
        "find, build or open a run's report",
        again.REPORT_EXAMPLES,
        again.add_report,
        "again:report",
    ),
    Command(
        "history",
        "the verdicts of earlier runs of the gate",
        again.HISTORY_EXAMPLES,
        again.add_history,
        "again:history",
    ),
    Command(
        "trace", "an order's way through the services, hop by hop", trace.EXAMPLES, trace.add, "look:trace"
    ),
    Command(
        "sensitivity",
        "plant each known defect and see it caught",
        sensitivity.EXAMPLES,
        sensitivity.add,
        "defects:sensitivity",
    ),
    Command(
        "compare",
        "tell a regression against another version from noise",
        compare.EXAMPLES,
        compare.add,
        "compare:run",
    ),
    Command(
        "capacity",
        "the highest rate at which all objectives hold, and what is full then",
        capacity.EXAMPLES,
        capacity.add,
        "capacity:run",
    ),
    Command(
        "chaos",
        "break processes while orders come, and account for every order",
        chaos.EXAMPLES,
        chaos.add,
        "chaos:run",
    ),
)
PASSED_ON = {
    "test": ("pytest over the tests given; without any, all checks of the project", checks.test),
    "bench": (
        "measure one thing alone: the load engine, the dashboard, pricing, the way to the MES",
        checks.bench,
    ),
    "drill": ("see alerts fire at real faults, be mailed, and end", checks.drill),
    "up": ("start the system and leave it running", checks.up),
    "doctor": ("what this machine lacks, and how to get it", checks.doctor),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    try:
        answer = read(sys.argv[1:] if arguments is None else arguments)
        return answer if isinstance(answer, int) else answer()
    except (WrongUse, BadFile) as error:
        return _refused(error)
    except KeyboardInterrupt:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def read(arguments: Sequence[str]) -> Answer:
    """Return what is to be done; where help or a refusal is all there is to say, say it: the exit code."""
    words = list(arguments)
    try:
        if words[:1] and words[0] in PASSED_ON:
            return PASSED_ON[words[0]][1](words[1:])
        return _parsed(words)
    except (WrongUse, BadFile) as error:
        return _refused(error)
    except SystemExit as left:  # argparse has said it all
        return int(left.code or 0)


def parser() -> Parser:
    """Return the parser of the whole command line."""
    whole = Parser(
        prog=PROGRAM, description="Tells whether a release may go out, and proves it.", epilog=EXAMPLES
    )
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands", parser_class=Parser)
    for command in COMMANDS:
        added = commands.add_parser(
            command.name,
            help=command.purpose,
            description=command.purpose.capitalize() + ".",
            epilog=command.examples,
        )
        command.add(added)
        added.set_defaults(act=command.act, parser=added)
    for name, (purpose, _) in PASSED_ON.items():
        commands.add_parser(name, help=purpose, add_help=False)
    return whole


def _parsed(words: list[str]) -> Answer:
    whole = parser()
    if not words:
        whole.print_help()
        return EXIT_USAGE
    options, unknown = whole.parse_known_args(words)
    if unknown:
        (options.parser if options.command else whole).error(f"{unknown[0]} is not understood")
    if options.command is None:
        whole.print_help()
        return EXIT_USAGE
    return partial(options.act, options)


def _refused(error: Exception) -> int:
    print(f"{PROGRAM}: {one_line(str(error))}", file=sys.stderr)
    return EXIT_USAGE
