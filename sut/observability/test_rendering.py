"""Configuration is what the files say, with addresses, secrets and a pace of its own."""

import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sut.observability.rendering import HERE, JOBS, Surroundings, scaled, write

AROUND = Surroundings(
    scraped={job: (f"http://127.0.0.1:{9000 + place}",) for place, job in enumerate(JOBS)},
    alertmanager="127.0.0.1:9093",
    flow_url="https://flow.example/",
    mes_url="https://mes.example",
    smtp_url="smtp://mail.example",
    mail_to=("one@example.com", "two@example.com"),
    mail_from="alerts@example.com",
    metrics_token="a token",
)


def test_every_duration_is_scaled_and_nothing_else() -> None:
    """Drills run the same rules at another pace: windows and pauses shrink, bounds and texts stay."""
    text = (
        "    for: 1m\n  group_wait: 30s\n  - interval: 15s\n"
        "expr: rate(a[5m]) > 14.4 and b > 30\nsummary: within 5m of [5m ago]\n"
    )

    assert scaled(text, 1 / 15) == (
        "    for: 4000ms\n  group_wait: 2000ms\n  - interval: 1000ms\n"
        "expr: rate(a[20000ms]) > 14.4 and b > 30\nsummary: within 5m of [5m ago]\n"
    )


def test_pace_of_one_leaves_the_files_as_they_are_released() -> None:
    """What promtool tests is what runs in production."""
    rules = (HERE / "rules" / "service_level.yml").read_text()

    assert scaled(rules, 1) == rules


@pytest.mark.parametrize("pace", [1.0, 1 / 15])
def test_files_are_complete_at_any_pace(tmp_path: Path, pace: float) -> None:
    """No placeholder is left, and each file is YAML."""
    write(tmp_path, replace(AROUND, time_scale=pace))

    files = [path for path in tmp_path.rglob("*") if path.suffix in (".yml", ".tmpl")]
    left = [found for path in files for found in re.findall(r"@[A-Z_]+@", path.read_text())]
    jobs = yaml.safe_load((tmp_path / "prometheus.yml").read_text())["scrape_configs"]
    assert left == []
    assert {path.suffix for path in files} == {".yml", ".tmpl"}
    assert [job["job_name"] for job in jobs] == list(JOBS)


def test_scaled_rules_differ_from_the_released_ones_in_durations_alone(tmp_path: Path) -> None:
    """A drill proves the released rules: same alerts, same bounds, same texts."""
    write(tmp_path / "slow", AROUND)
    write(tmp_path / "fast", replace(AROUND, time_scale=1 / 15))

    for path in (tmp_path / "slow" / "rules").glob("*.yml"):
        slow, fast = path.read_text(), (tmp_path / "fast" / "rules" / path.name).read_text()
        assert _without_durations(slow) == _without_durations(fast)
        assert slow != fast


def _without_durations(text: str) -> str:
    return re.sub(r"(?<=for: |....\[)\d+(ms|[smhd])", "", text)


def test_secrets_lie_in_files_of_their_own_that_nobody_else_reads(tmp_path: Path) -> None:
    """Token and password stand in no configuration."""
    secret = "smtp://me:p%40ss@mail.example:587"
    write(tmp_path, replace(AROUND, smtp_url=secret))

    kept = {name: tmp_path / name for name in ("metrics.token", "smtp.password")}
    texts = [path.read_text() for path in tmp_path.rglob("*.yml")]
    assert {name: path.read_text() for name, path in kept.items()} == {
        "metrics.token": "a token",
        "smtp.password": "p@ss",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.values()} == {0o600}
    assert [text for text in texts if "p@ss" in text or "a token" in text] == []
    assert "smtp_require_tls: true" in (tmp_path / "alertmanager.yml").read_text()


def test_what_is_missing_is_named_at_once(tmp_path: Path) -> None:
    """Whoever deploys it reads all that is missing in one line."""
    words = ["--scrape=api=http://127.0.0.1:1", "--flow-url=f", "--mes-url=m", "--mail-to=x@example.com"]

    done = subprocess.run(
        [sys.executable, "-m", "sut.observability", str(tmp_path), *words],
        env={"PATH": os.defpath, "PYTHONPATH": str(HERE.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (78, "settings: METRICS_TOKEN is missing; SMTP_URL is missing\n")
