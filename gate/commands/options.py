"""Options that several commands share, and the plan they make."""

import argparse
import time
from pathlib import Path

from fixtures.testbed.own import KINDS, kind_of_run
from fixtures.testbed.runs import REPOSITORY, new_run_dir
from gate.stages import ALL, PROFILES, Plan
from gate.usage import a_release, a_seed, a_target

PR_SEED = 1  # a merge is judged by the same data every time


def add_testbed(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which system is tested."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--target", type=a_target, metavar="FILE", help="test the running system of a target file"
    )
    which.add_argument(
        "--testbed", choices=KINDS, default=kind_of_run(), help="what PostgreSQL, NATS and who watches run in"
    )
    parser.add_argument(
        "--sut", type=a_release, default=REPOSITORY, metavar="DIR", help="directory with the release's sut/"
    )
    parser.add_argument(
        "--seed", type=a_seed, metavar="N", help="seed of all made-up data (pr: 1, nightly: the time)"
    )
    parser.add_argument("--keep", action="store_true", help="keep databases and broker files of the run")


def some_stages(text: str) -> tuple[str, ...]:
    """Read a list of stages; they always run cheapest first."""
    named = [word.strip() for word in text.split(",") if word.strip()]
    wrong = [word for word in named if word not in ALL]
    if wrong or not named:
        known = ", ".join(ALL)
        raise argparse.ArgumentTypeError(f"{wrong[0] if wrong else text!r} is no stage; there are: {known}")
    return tuple(stage for stage in ALL if stage in named)


def plan(options: argparse.Namespace, stages: tuple[str, ...], *, profile: str = PROFILES[0]) -> Plan:
    """Return the plan that the options make, with a new directory for its run."""
    seed = options.seed
    if seed is None:
        seed = PR_SEED if profile == PROFILES[0] else int(time.time()) % 1_000_000
    return Plan(
        run_dir=new_run_dir(),
        profile=profile,
        stages=stages,
        target=Path(options.target).resolve() if options.target else None,
        testbed=options.testbed,
        sut_root=options.sut,
        seed=seed,
        keep=options.keep,
    )
