"""The partner API that this run looks at: its target, and the document that it serves."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from contract import documents
from fixtures.testbed.target import Target


def target() -> Target | None:
    """Return the target that the testbed's plugin names; None where there is none (yet)."""
    path = os.environ.get("ASSAY_TARGET")
    return _target_in(Path(path)) if path else None


def needed_target() -> Target:
    """Return the target.

    Raises:
        RuntimeError: no system was started for this run.
    """
    there = target()
    if there is None:
        raise RuntimeError(
            "no system was started for this run; start one with ./assay up and pass --target FILE"
        )
    return there


@cache
def document() -> dict[str, Any]:
    """Return the document that the target serves; the released one where there is none to be had.

    Tests are generated from it while they are collected. A system that does not serve it must fail its tests,
    of which one is that it serves it, and not stop them from being collected.
    """
    there = target()
    try:
        return documents.released() if there is None else served(there.urls.api)
    except (httpx.HTTPError, ValueError):
        return documents.released()


def served(api_url: str) -> dict[str, Any]:
    """Return the document that a partner API serves."""
    answer = httpx.get(f"{api_url}/openapi.json", timeout=10.0, trust_env=False).raise_for_status()
    document: dict[str, Any] = answer.json()
    return document


@cache
def _target_in(path: Path) -> Target:
    return Target.load(path)
