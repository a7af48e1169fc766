"""Runs a load profile and leaves evidence: `python -m load.run --profile smoke --target FILE`."""

import argparse
import json
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from fixtures.ledger import read_ledgers
from fixtures.tables import BadFile
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.target import BadTarget, Target
from load.dashboard_picture import picture
from load.generator import Generator, LoadFailed, tell
from load.judging import judge_all
from load.memory_growth import MemoryWatch, memory_growth
from load.objectives import load_objectives
from load.profiles import Profile, load_profile
from load.recorder import PROGRESS, write_csv
from load.results import HISTOGRAMS, PLOTS
from load.strangers import refuse_strangers

if TYPE_CHECKING:
    from load.dashboard_watch import DashboardWatch

EX_USAGE = 64
EX_UNKNOWN = 2
ACHIEVED_SHARE = 0.9
LEDGERS = "orders-load-*.jsonl"


def main(arguments: list[str] | None = None) -> int:
    """Run a profile; return 0 where evidence of the planned load was written."""
    try:
        asked = _options().parse_args(arguments)
        target, profile = _target(asked.target), load_profile(asked.profile).changed(seconds=asked.seconds)
        refuse_strangers(target)
        evidence = run(target, profile, _evidence_path(asked.evidence))
    except (argparse.ArgumentError, BadTarget, BadFile) as error:
        print(error, file=sys.stderr)
        return EX_USAGE
    except LoadFailed as error:
        print(f"{PROGRESS}{error}", file=sys.stderr)
        return EX_UNKNOWN
    _tell(evidence)
    return 0


def run(
    target: Target,
    profile: Profile,
    evidence_path: Path,
    *,
    begun: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = tell,
) -> dict[str, Any]:
    """Load the target, drain the ledger, and write the evidence.

    `begun` is called when the load begins; `say` with each line of how it goes.

    Raises:
        LoadFailed: the planned load was not applied.
        BadTarget: the target lends too few partners or operators.
    """
    folder = evidence_path.parent
    folder.mkdir(parents=True, exist_ok=True)
    left = (folder / name for name in (HISTOGRAMS, *PLOTS))
    for stale in (evidence_path, *left, *folder.glob(LEDGERS)):
        stale.unlink(missing_ok=True)
    with Generator(profile, folder) as generator:
        # here, as these imports and people take as long to come as the generator
        from load.cast import recruited
        from load.drain import drained

        cast = recruited(target, profile)
        with MemoryWatch(target, profile.seconds) as memory, _dashboard(cast, profile) as dashboard:
            measured = generator.load(cast, begun, say)
    say(f"{PROGRESS}looking for every acknowledged order in the MES")
    conservation = drained(cast, sorted(folder.glob(LEDGERS)), profile.drain_s)
    accepted_at = [entry.at for entry in read_ledgers(sorted(folder.glob(LEDGERS))).acknowledged]
    figures = measured.pop("figures", {}) | {"memory_growth": memory_growth(memory.looks, accepted_at)}
    _add_browsers(measured, dashboard, folder)
    evidence = {"stage": "load", **measured, "figures": figures, "conservation": conservation}
    evidence_path.write_text(json.dumps(evidence, indent=2), encoding="utf-8")
    write_csv(evidence_path.with_suffix(".csv"), evidence)
    if evidence["elapsed_s"] < ACHIEVED_SHARE * profile.seconds:
        lasted = f"{evidence['elapsed_s']:.1f} of {profile.seconds:g} s"
        raise LoadFailed(f"only {lasted} of load were applied; see {evidence_path}", evidence)
    if evidence.get("not_applied"):
        told = f"not all of the load was applied: {evidence['not_applied']}; see {evidence_path}"
        raise LoadFailed(told, evidence)
    return evidence


def _dashboard(cast: Target, profile: Profile) -> "AbstractContextManager[DashboardWatch | None]":
    if profile.browsers is None:
        return nullcontext()
    from load.dashboard_watch import DashboardWatch  # Playwright takes a third of a second to import

    return DashboardWatch(cast, profile.browsers)


def _add_browsers(measured: dict[str, Any], dashboard: "DashboardWatch | None", folder: Path) -> None:
    """Add what was seen in browsers to the evidence, and draw it."""
    if dashboard is None:
        return
    measured["slis"] |= dashboard.slis(measured["elapsed_s"])
    measured["failures"] += [
        {"operation": "BROWSER mes/orders", "count": 1, "message": told} for told in dashboard.failures
    ]
    (folder / "dashboard.svg").write_text(picture(dashboard.seen), encoding="utf-8")


class _Options(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, f"{message} (--help shows what there is)")


def _options() -> argparse.ArgumentParser:
    parser = _Options(prog="python -m load.run", description=__doc__)
    parser.add_argument("--profile", default="smoke", help="a profile of load/profiles.toml (default: smoke)")
    parser.add_argument(
        "--seconds", type=float, metavar="S", help="how long it lasts (default: as the profile says)"
    )
    parser.add_argument("--target", metavar="FILE", help="target file of the system (or $ASSAY_TARGET)")
    parser.add_argument("--evidence", metavar="PATH", help="where load.json goes: a folder, or a file's name")
    return parser


def _target(path: str | None) -> Target:
    named = path or os.environ.get("ASSAY_TARGET")
    if not named:
        raise BadTarget("no system to load: give --target FILE or set ASSAY_TARGET (./assay up prints one)")
    return Target.load(Path(named))


def _evidence_path(named: str | None) -> Path:
    path = Path(named) if named else current_run_dir() / "evidence"
    return (path if path.suffix == ".json" else path / "load.json").resolve()


def _tell(evidence: dict[str, Any]) -> None:
    """Say what the objectives make of the evidence; the verdict is given elsewhere, by the same code."""
    for judged in judge_all(load_objectives(), evidence):
        print(f"{PROGRESS}{judged.outcome:7s} {judged.title}: {judged.why}")


if __name__ == "__main__":
    sys.exit(main())
