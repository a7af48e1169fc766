"""Worker processes: they answer, they are replaced, and they end with whoever owns them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from fixtures import models
from sut.pricing.crew import Crew, Worker, WorkerDied
from sut.pricing.held_models import HeldModel
from sut.pricing.worker import TOO_BIG

WITHIN_S = 20.0

# A service that raises two workers, says so, and stands still until it is killed.
OWNER = """
import asyncio
from sut.pricing.crew import Crew
async def main():
    crew = Crew(2, 1000)
    await crew.start()
    workers = [await crew.take(), await crew.take()]
    print("there", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def with_crew(story: Callable[[Crew], Awaitable[None]], count: int = 1, memory_mb: int = 1000) -> None:
    """Run a story with a crew that ends after it."""

    async def run() -> None:
        crew = Crew(count, memory_mb)
        await crew.start()
        try:
            async with asyncio.timeout(WITHIN_S):
                await story(crew)
        finally:
            await crew.stop()

    asyncio.run(run())


async def sliced(worker: Worker, model: HeldModel) -> dict[str, object]:
    """Have a worker slice a model."""
    asked = {"stage": "slicing", "material": "PLA", "size_bytes": model.size_bytes}
    return await worker.do(asked, model.file)


def below(pid: int) -> list[psutil.Process]:
    """All processes that a process has started, itself left out."""
    return list(psutil.Process(pid).children(recursive=True))


def test_worker_does_a_stage_and_waits_for_the_next() -> None:
    """One worker serves many orders."""
    model = HeldModel(models.box(20, 30, 10).content)

    async def story(crew: Crew) -> None:
        for _ in range(3):
            worker = await crew.take()
            assert (await sliced(worker, model))["finding"] == {"layers": 50}
            crew.give_back(worker)

    with_crew(story)


def test_worker_leaves_the_place_in_a_file_that_others_read_too_alone() -> None:
    """The stages of an order read one file at once: a place that they moved would have one read nothing."""
    model = HeldModel(models.box(20, 30, 10).content)
    os.lseek(model.file, 7, os.SEEK_SET)

    async def story(crew: Crew) -> None:
        worker = await crew.take()
        assert (await sliced(worker, model))["finding"] == {"layers": 50}
        crew.give_back(worker)

    with_crew(story)

    assert os.lseek(model.file, 0, os.SEEK_CUR) == 7


def test_error_of_an_analysis_is_told_and_harms_nobody() -> None:
    """A stage that stumbles is answered with its error, and the worker goes on."""
    model = HeldModel(models.box(20, 30, 10).content)

    async def story(crew: Crew) -> None:
        worker = await crew.take()
        asked = {"stage": "slicing", "material": "no such", "size_bytes": model.size_bytes}
        assert (await worker.do(asked, model.file))["error"] == "KeyError"
        assert (await sliced(worker, model))["finding"]
        crew.give_back(worker)

    with_crew(story)


def test_model_that_takes_too_much_memory_is_told_and_harms_nobody() -> None:
    """A stage that wants more than it may take ends with a word, and the worker goes on."""
    huge, small = HeldModel(models.ball(199_998, radius_mm=30).content), HeldModel(models.box().content)

    async def story(crew: Crew) -> None:
        worker = await crew.take()
        assert (await sliced(worker, huge))["error"] == TOO_BIG
        assert (await sliced(worker, small))["finding"]
        crew.give_back(worker)

    with_crew(story, memory_mb=20)


def test_worker_that_dies_is_noticed_and_replaced() -> None:
    """Its stage fails at once instead of waiting for a clock; another worker takes its place."""
    model = HeldModel(models.box(20, 30, 10).content)

    async def story(crew: Crew) -> None:
        worker = await crew.take()
        worker.kill()
        with pytest.raises(WorkerDied):
            await sliced(worker, model)
        crew.give_back(worker)
        another = await crew.take()
        assert (await sliced(another, model))["finding"]
        crew.give_back(another)

    with_crew(story)


def test_nursery_that_dies_is_raised_again() -> None:
    """Workers come back even when the process that makes them is gone."""
    model = HeldModel(models.box(20, 30, 10).content)

    async def story(crew: Crew) -> None:
        crew.give_back(await crew.take())
        [nursery] = [
            child for child in psutil.Process().children() if "sut.pricing.nursery" in child.cmdline()
        ]
        nursery.kill()
        nursery.wait()
        await asyncio.sleep(0.1)
        worker = await crew.take()
        assert (await sliced(worker, model))["finding"]
        crew.give_back(worker)

    with_crew(story)


def test_nothing_is_left_of_a_service_that_was_killed() -> None:
    """kill -9 of the service ends nursery and workers, also those that are at work."""
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, env=environment
    ) as owner:
        assert owner.stdout
        assert owner.stdout.readline() == "there\n"
        family = below(owner.pid)
        owner.kill()

    _, alive = psutil.wait_procs(family, timeout=5)
    assert len(family) == 3
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
