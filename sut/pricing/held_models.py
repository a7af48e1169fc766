"""Model files on their way to the workers: fetched once for all stages, and handed over without copying."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sut.model_files import ModelFiles

_KEPT_BYTES = 16_000_000
_KEPT_MOST = 32
"""Each is an open file, of which a process may often have a thousand only; small models have 700 bytes."""


class HeldModel:
    """A file in memory that has no name; it is gone when the last process closes it."""

    def __init__(self, content: bytes) -> None:
        self.size_bytes = len(content)
        self.file = os.memfd_create("model")
        with open(self.file, "wb", closefd=False) as out:
            out.write(content)

    def __del__(self) -> None:
        os.close(self.file)


class HeldModels:
    """Lends the files of models; the last few stay at hand for the other stages of their orders."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._held: OrderedDict[str, asyncio.Task[HeldModel]] = OrderedDict()

    @asynccontextmanager
    async def lend(self, model_id: str) -> AsyncIterator[HeldModel]:
        """Lend a model's file.

        Raises:
            BrokerUnavailable: the store does not answer.
            KeyError: the store has no such file.
            ValueError: the file is damaged.
        """
        fetching = self._held.get(model_id)
        if fetching is None:
            fetching = self._held[model_id] = asyncio.create_task(self._fetch(model_id))
        self._held.move_to_end(model_id)
        try:
            model = await asyncio.shield(fetching)
        except BaseException:
            if self._held.get(model_id) is fetching and fetching.done():
                del self._held[model_id]  # the next try asks again
            raise
        yield model

    async def _fetch(self, model_id: str) -> HeldModel:
        model = HeldModel(await self._files.get(model_id))
        self._drop_oldest(model.size_bytes)
        return model

    def _drop_oldest(self, coming_bytes: int) -> None:
        there = [(name, task) for name, task in self._held.items() if task.done() and not task.exception()]
        count, total = len(there) + 1, coming_bytes + sum(task.result().size_bytes for _, task in there)
        for name, task in there:
            if count <= _KEPT_MOST and total <= _KEPT_BYTES:
                return
            count, total = count - 1, total - task.result().size_bytes
            del self._held[name]  # who works with it still holds it
