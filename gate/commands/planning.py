"""The plan of a run that the options ask for."""

import argparse
import time
from pathlib import Path

from fixtures.testbed.runs import new_run_dir
from gate.stages import PR_SEED, PROFILES, Plan


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
