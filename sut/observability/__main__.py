"""Writes configuration for Prometheus and Alertmanager.

METRICS_TOKEN is what the services were told; SMTP_URL and MAIL_FROM are as for the MES.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import defaultdict
from pathlib import Path

from sut.observability.rendering import JOBS, Surroundings, write
from sut.settings import EXIT_CONFIG

_NEEDED = ("METRICS_TOKEN", "SMTP_URL")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sut.observability", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files are written")
    parser.add_argument(
        "--scrape",
        type=_scraped,
        action="append",
        required=True,
        metavar="JOB=URL",
        help=f"a service to scrape ({', '.join(JOBS)}); again for each further process of it",
    )
    parser.add_argument("--alertmanager", default="127.0.0.1:9093", metavar="HOST:PORT")
    parser.add_argument("--flow-url", required=True, help="where people find the order flow")
    parser.add_argument("--mes-url", required=True, help="where people find the MES")
    parser.add_argument("--mail-to", action="append", required=True, metavar="ADDRESS", help="who is told")
    parser.add_argument(
        "--time-scale",
        type=_factor,
        default=1.0,
        metavar="FACTOR",
        help="multiplies every interval and window (default: 1; drills use less)",
    )
    return parser


def main() -> None:
    """Write the files; end with 78 where the environment lacks something."""
    options = _parser().parse_args()
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if missing:
        print(f"settings: {'; '.join(f'{name} is missing' for name in missing)}", file=sys.stderr)
        raise SystemExit(EXIT_CONFIG)
    scraped: dict[str, list[str]] = defaultdict(list)
    for job, url in options.scrape:
        scraped[job].append(url)
    around = Surroundings(
        scraped={job: tuple(urls) for job, urls in scraped.items()},
        alertmanager=options.alertmanager,
        flow_url=options.flow_url,
        mes_url=options.mes_url,
        smtp_url=os.environ["SMTP_URL"],
        mail_to=tuple(options.mail_to),
        mail_from=os.environ.get("MAIL_FROM") or "alerts@assay.invalid",
        metrics_token=os.environ["METRICS_TOKEN"],
        time_scale=options.time_scale,
    )
    write(options.folder, around)


def _scraped(text: str) -> tuple[str, str]:
    job, _, url = text.partition("=")
    if job not in JOBS or not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError(f"expected such as api=http://127.0.0.1:8001, seen {text!r}")
    return job, url


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0.001 <= factor <= 1000:
        raise argparse.ArgumentTypeError(f"expected a number from 0.001 to 1000, seen {text!r}")
    return factor


if __name__ == "__main__":
    main()
