"""Measures the load engine itself: `./assay bench load`.

Accuracy: percentiles of targets whose truth is known, beside closed Locust, wrk and hey. Efficiency: the most
arrivals per second that one core begins in time, against the same through Locust's fast client. It takes
about five minutes and wants the machine for itself.
Exit codes: 0 bars kept, 1 broken, 2 the machine was too busy to tell.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from statistics import median

from fixtures.testbed.runs import current_run_dir
from gate.usage import Parser
from load.bench import efficiency
from load.bench.accuracy import compared
from load.bench.known import KINDS
from load.bench.running import ENVIRONMENT, on_core, target

PARTS = ("accuracy", "efficiency", "memory", "cost")


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that were asked for, tell, and leave evidence."""
    asked = _options().parse_args(arguments)
    outcomes: list[int] = []
    evidence: dict[str, object] = {}
    if "accuracy" in asked.parts:
        outcomes.append(_accuracy(evidence, beside=asked.beside))
    if "efficiency" in asked.parts:
        outcomes.append(_efficiency(evidence, beside=asked.beside))
    if "memory" in asked.parts:
        outcomes.append(_memory(evidence))
    if "cost" in asked.parts:
        evidence["requests_per_processor_second"] = _cost()
        outcomes.append(0)
    path: Path = current_run_dir() / "evidence" / "bench-load.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(evidence, indent=2), encoding="utf-8")
    print(f"evidence: {path}")
    return 1 if 1 in outcomes else max(outcomes)


def _accuracy(evidence: dict[str, object], *, beside: bool) -> int:
    print("accuracy: percentiles in ms; each within 1 % or 0.5 ms of the truth", flush=True)
    outcomes = []
    found: dict[str, object] = {}
    for kind in KINDS:
        each = compared(kind, beside=beside)
        print("\n".join(each.rows()), flush=True)
        found[kind] = asdict(each)
        outcomes.append(2 if each.doubt else int(not each.is_accurate))
    evidence["accuracy"] = found
    return 1 if 1 in outcomes else max(outcomes)


def _efficiency(evidence: dict[str, object], *, beside: bool) -> int:
    print("efficiency: highest rate on one core whose arrivals begin in time", flush=True)
    ours, theirs = efficiency.both_reached()
    _tell_steps("our client", ours)
    _tell_steps("FastHttpUser's client, same arrivals", theirs)
    closed = efficiency.closed_rates() if beside else {}
    for name, rate_per_s in closed.items():
        print(f"  {name:40s}{rate_per_s:10,.0f}/s as fast as it can, one core")
    evidence["efficiency"] = {"ours": asdict(ours), "theirs": asdict(theirs), "closed_per_s": closed}
    if not theirs.in_time_per_s:
        print("  UNKNOWN: the machine was too busy for the lowest rate")
        return 2
    ratio = ours.in_time_per_s / theirs.in_time_per_s
    kept = ratio >= efficiency.LEAST_RATIO
    print(f"  {'kept' if kept else 'BROKEN'}: {ratio:.1f} times as many; at least {efficiency.LEAST_RATIO:g}")
    return int(not kept)


def _memory(evidence: dict[str, object]) -> int:
    used_mb = efficiency.idle_mb()
    evidence["idle_mb"] = used_mb
    kept = used_mb <= efficiency.MOST_MB
    told = f"{efficiency.IDLE_USERS:,} idle users with a connection each: {used_mb:.0f} MB"
    print(f"memory: {'kept' if kept else 'BROKEN'}: {told}; at most {efficiency.MOST_MB:g}")
    return int(not kept)


def _cost() -> dict[str, float]:
    print("cost: requests per second of the generator's processor time", flush=True)
    with target("fast") as running:
        command = on_core(0, [sys.executable, "-m", "load.bench.cost", running.url])
        said = subprocess.check_output(command, env=ENVIRONMENT, text=True, timeout=120)
    found: dict[str, float] = json.loads(said)
    for name, per_s in found.items():
        print(f"  {name:40s}{per_s:10,.0f}")
    return found


def _tell_steps(name: str, found: efficiency.Reached) -> None:
    steps = "  ".join(
        f"{rate:g}/s {median(lags):.2f} ({min(lags):.2f}–{max(lags):.2f})"
        for rate, lags in found.steps.items()
    )
    rates = f"{found.in_time_per_s:10,.0f}/s at lag p99 < 5 ms, {found.stretch_per_s:,.0f}/s at < 1 ms"
    print(f"  {name:40s}{rates}")
    print(f"    lag p99 in ms, median of {efficiency.ROUNDS} and spread: {steps}", flush=True)


def _options() -> argparse.ArgumentParser:
    parser = Parser(prog="./assay bench load", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="some of it (all)")
    parser.add_argument(
        "--beside",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="let closed Locust, wrk and hey measure the same (yes; wrk and hey where they are installed)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
