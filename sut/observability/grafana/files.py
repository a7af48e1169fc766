"""Writes the dashboards as files: the same bytes for the same code."""

from __future__ import annotations

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as models

from sut.observability.grafana.operators import operators
from sut.observability.grafana.orders import orders
from sut.observability.grafana.partners import partners
from sut.observability.grafana.pipeline import pipeline


def dashboards() -> dict[str, models.Dashboard]:
    """Return every dashboard by the name of its file."""
    made = (orders(), partners(), operators(), pipeline())
    return {f"{dashboard.uid}.json": dashboard for dashboard in made}


def text(dashboard: models.Dashboard) -> str:
    """Return a dashboard as Grafana reads it."""
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(dashboard) + "\n"


def write(folder: Path) -> list[Path]:
    """Write all dashboards into a folder, made if need be; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, dashboard in dashboards().items():
        path = folder / name
        path.write_text(text(dashboard), encoding="utf-8")
        written.append(path)
    return written
