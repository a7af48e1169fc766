"""No service runs on a secret that everybody knows, and none tells one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.personas import Buyer, Operator, Partner
from fixtures.testbed.interface import SERVICES
from fixtures.testbed.own import release_of_run
from fixtures.testbed.target import Target
from fixtures.webhook_receiver import Receiver

SECRETS = {
    "api": {"API_ADMIN_TOKEN", "API_AUDIT_TOKEN", "API_SHOP_KEY"},
    "shop": {"SHOP_SESSION_SECRET", "SHOP_API_KEY"},
    "mes": {"MES_SESSION_SECRET", "MES_ADMIN_TOKEN", "MES_AUDIT_TOKEN"},
    "flow": {
        "FLOW_SESSION_SECRET",
        "FLOW_ADMIN_TOKEN",
        "FLOW_AUDIT_TOKEN",
        "FLOW_API_TOKEN",
        "FLOW_MES_TOKEN",
    },
}
ENDS_WITHIN_S = 20
EX_CONFIG = 78


def started(service: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Start a service of the release with this environment and wait for its end."""
    release = release_of_run()
    return subprocess.run(
        [sys.executable, "-m", f"sut.{service}"],
        cwd=release,
        env={"PATH": os.defpath, "PYTHONPATH": str(release), **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_S,
    )


@pytest.fixture(autouse=True)
def _only_our_own(target: Target) -> None:
    if target.control is None:
        pytest.skip("somebody else's services are not ours to start")


@pytest.mark.parametrize("service", SECRETS)
def test_a_service_without_its_secrets_does_not_start(service: str) -> None:
    """It names every secret that it lacks, so none has a default, and ends."""
    ended = started(service)

    assert ended.returncode == EX_CONFIG
    assert {name for name in SECRETS[service] if f"{name} is missing" not in ended.stderr} == set()


@pytest.mark.parametrize("secret", ["changeme", "changeme" * 5, "0" * 64], ids=["short", "repeated", "zeros"])
def test_a_service_does_not_start_on_a_secret_that_is_none(secret: str, tmp_path: Path) -> None:
    """What can be guessed is refused, without being repeated in the log.

    A file of good secrets changes nothing: it stands in for those that are not given, and never for others.
    """
    kept = {"SECRETS_FILE": str(tmp_path / "secrets.env")}

    ended = started("api", **kept, **dict.fromkeys(SECRETS["api"], secret))

    assert ended.returncode == EX_CONFIG
    assert {name for name in SECRETS["api"] if f"{name} must have" not in ended.stderr} == set()
    assert secret not in ended.stderr


def test_no_secret_is_written_into_a_log(
    partner: Partner, receiver: Receiver, buyer: Buyer, operator: Operator, target: Target
) -> None:
    """Whoever may read logs can neither call, sign in nor send webhooks in the name of somebody else."""
    assert target.control
    secrets = {
        "a partner's first key": partner.door.http.headers["X-API-Key"],
        "a partner's next key": partner.door.rotate_key(grace_s=60)["api_key"],
        "a webhook's secret": partner.door.register(receiver.url)["secret"],
        "a shopper's password": buyer.password,
        "a shopper's session": buyer.door.cookies()[0]["value"],
        "an operator's session": operator.door.cookies()[0]["value"],
        "an operator's password": operator.password,
    }

    logs = {name: (target.control / "logs" / f"{name}.log").read_text("utf-8") for name in SERVICES}

    assert all(logs.values())
    assert [(each, log) for each, secret in secrets.items() for log in logs if secret in logs[log]] == []
