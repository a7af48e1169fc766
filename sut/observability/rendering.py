"""Makes configuration for Prometheus and Alertmanager out of the files of this folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
TOKEN_FILE, PASSWORD_FILE = "metrics.token", "smtp.password"
JOBS = ("shop", "api", "mes", "pricing", "flow")

_PLAIN = ("prometheus.yml", "alertmanager.yml", "mail.tmpl")
_KEYS = "for|interval|(?:scrape|evaluation|group|repeat)_interval|scrape_timeout|group_wait"
# A duration stands behind one of these keys, or between brackets in PromQL.
_DURATION = re.compile(
    rf"(?P<before>^\s*(?:- )?(?:{_KEYS}): |\[)(?P<count>\d+)(?P<unit>ms|[smhd])(?=\]|\s*$)", re.M
)
_UNIT_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_JOB = """\
  - job_name: {job}
    scheme: {scheme}
    authorization:
      credentials_file: {token_file}
    static_configs:
      - targets: {targets}
"""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is watched, who is told, and how fast time runs.

    `scraped` names base addresses by job. `time_scale` multiplies every duration: below 1 all goes faster.
    """

    scraped: Mapping[str, tuple[str, ...]]
    alertmanager: str
    flow_url: str
    mes_url: str
    smtp_url: str
    mail_to: tuple[str, ...]
    mail_from: str
    metrics_token: str = field(repr=False)
    time_scale: float = 1.0


def write(into: Path, around: Surroundings) -> None:
    """Write all files; secrets lie in files of their own that only their owner reads."""
    words = _words(around)
    sources = [*(HERE / name for name in _PLAIN), *sorted((HERE / "rules").glob("*.yml"))]
    for source in sources:
        text = source.read_text(encoding="utf-8")
        for name, value in words.items():
            text = text.replace(f"@{name}@", value)
        target = into / source.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(scaled(text, around.time_scale), encoding="utf-8")
    _keep_secret(into / TOKEN_FILE, around.metrics_token)
    _keep_secret(into / PASSWORD_FILE, unquote(urlsplit(around.smtp_url).password or ""))


def scaled(text: str, factor: float) -> str:
    """Return configuration with each duration `factor` times as long, at least a millisecond."""
    if factor == 1:
        return text

    def shorter(found: re.Match[str]) -> str:
        wanted_ms = int(found["count"]) * _UNIT_MS[found["unit"]] * factor
        return f"{found['before']}{max(1, round(wanted_ms))}ms"

    return _DURATION.sub(shorter, text)


def _words(around: Surroundings) -> dict[str, str]:
    smtp = urlsplit(around.smtp_url)
    port = smtp.port or {"smtps": 465}.get(smtp.scheme, 25)
    return {
        "ALERTMANAGER": json.dumps(around.alertmanager),
        "JOBS": "".join(_job(job, urls) for job, urls in around.scraped.items()),
        "SMTP_SERVER": json.dumps(f"{smtp.hostname}:{port}"),
        "SMTP_USER": json.dumps(unquote(smtp.username or "")),
        # A password is never sent in the clear.
        "SMTP_TLS": json.dumps(smtp.scheme == "smtps" or bool(smtp.username)),
        "MAIL_FROM": json.dumps(around.mail_from),
        "MAIL_TO": json.dumps(", ".join(around.mail_to)),
        "FLOW_URL": around.flow_url.rstrip("/"),
        "MES_URL": around.mes_url.rstrip("/"),
    }


def _job(job: str, urls: tuple[str, ...]) -> str:
    schemes = {urlsplit(url).scheme for url in urls}
    if len(schemes) != 1:
        raise ValueError(f"{job}: its addresses must all begin with http:// or all with https://")
    targets = json.dumps([urlsplit(url).netloc for url in urls])
    return _JOB.format(job=job, scheme=schemes.pop(), token_file=TOKEN_FILE, targets=targets)


def _keep_secret(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
