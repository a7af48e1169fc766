"""The smoke profile, run for real against the system of this run, and its objectives."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.evidence import Inconclusive
from fixtures.testbed.runs import REPOSITORY, current_run_dir
from fixtures.testbed.target import Target
from load.judging import Judgement, judge_all
from load.objectives import load_objectives
from load.profiles import load_profile
from load.run import run
from load.strangers import refuse_strangers


@pytest.mark.alone
def test_smoke_load_keeps_every_objective(target: Target) -> None:
    """Twenty seconds of shoppers, partners and operators break no objective and lose no order."""
    refuse_strangers(target)
    path = current_run_dir() / "evidence" / "load-test.json"

    evidence = run(target, load_profile("smoke"), path)
    judged = judge_all(load_objectives(), evidence)

    assert told(judged, "FAIL") == []
    if unknown := told(judged, "UNKNOWN"):
        raise Inconclusive("; ".join(unknown))


@pytest.mark.alone
def test_plain_locust_finds_nothing_wrong(target: Target, tmp_path: Path) -> None:
    """Without Assay's command line, a target file is enough: also one that lends fewer partners than play."""
    refuse_strangers(target)
    target.dump(tmp_path / "target.toml")
    command = [sys.executable, "-P", "-m", "locust", "-f", str(REPOSITORY / "load" / "locustfile.py")]
    command += ["--headless", "--only-summary", "--run-time", "10s", "--target", "target.toml"]
    command += ["--evidence-folder", "out", "--csv", "out/run"]
    (tmp_path / "out").mkdir()

    locust = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    rows = {row["Name"]: row for row in csv.DictReader((tmp_path / "out" / "run_stats.csv").open())}
    assert locust.returncode == 0, locust.stdout + locust.stderr
    assert rows["Aggregated"]["Failure Count"] == "0"
    assert int(rows["/v1/orders"]["Request Count"]) > 0


def told(judged: list[Judgement], outcome: str) -> list[str]:
    """What the objectives with an outcome say."""
    return [f"{judgement.title}: {judgement.why}" for judgement in judged if judgement.outcome == outcome]
