"""Loads what a service needs later, before it is needed and after it is up."""

from __future__ import annotations

import asyncio
import importlib

_AFTER_S = 1.0  # services that start together need the processor for that first


class WarmUp:
    """A part of a service that loads numpy in the background, before the first model needs it."""

    async def start(self) -> None:
        """Begin to load."""
        self._task = asyncio.create_task(self._load(), name="warm-up")

    async def stop(self) -> None:
        """Wait no longer."""
        self._task.cancel()

    async def _load(self) -> None:
        await asyncio.sleep(_AFTER_S)
        await asyncio.to_thread(importlib.import_module, "sut.solid")
