"""The lanes of pricing: each takes a stage from the queue, has a worker do it, and keeps what came of it.

The transaction that takes a stage stays open while the worker is at it. So a stage is locked exactly as long
as somebody works on it, and if this service dies the lock ends with its connection: whoever lives takes it.
"""

from __future__ import annotations

import asyncio
import logging

from sut import tasks
from sut.broker import BrokerUnavailable
from sut.database import Connection, Database, DatabaseUnavailable
from sut.pricing import seen, work
from sut.pricing.crew import Crew, Worker, WorkerDied
from sut.pricing.held_models import HeldModels
from sut.pricing.stages import Finding
from sut.pricing.work import BACK_OFF_S, Job, Trouble
from sut.pricing.worker import TOO_BIG
from sut.telemetry.spans import Span

log = logging.getLogger(__name__)

_POLL_S = 1.0
_PAUSE_S = 0.2


class Lanes:
    """As many lanes as workers; where there are two or more, one leaves large models to the others."""

    def __init__(
        self, database: Database, models: HeldModels, crew: Crew, *, count: int, limit_s: float
    ) -> None:
        self._database = database
        self._models = models
        self._crew = crew
        self._limit_s = limit_s
        self._wakes = [asyncio.Event() for _ in range(count)]
        self._tasks: list[asyncio.Task[None]] = []
        database.on_commit(self._wake)

    async def start(self) -> None:
        """Begin to work."""
        for number, wake in enumerate(self._wakes):
            large_too = number > 0 or len(self._wakes) == 1
            lane = asyncio.create_task(self._run(wake, large_too=large_too), name=f"lane-{number}")
            self._tasks.append(lane)

    async def stop(self) -> None:
        """Stop; the stages under way are taken again later."""
        await tasks.end(self._tasks)

    def _wake(self) -> None:
        for wake in self._wakes:
            wake.set()

    async def _run(self, wake: asyncio.Event, *, large_too: bool) -> None:
        while True:
            wake.clear()
            try:
                had_one = await self._do_one(large_too=large_too)
            except DatabaseUnavailable as error:
                log.warning("pricing waits for its database: %s", error)
                await asyncio.sleep(_PAUSE_S)
            except Exception:  # a lane must outlive whatever is wrong with one order
                log.exception("a stage could not be settled")
                await asyncio.sleep(_PAUSE_S)
            else:
                if not had_one:
                    await self._rest(wake)

    async def _rest(self, wake: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(_POLL_S):
                await wake.wait()
        except TimeoutError:
            return

    async def _do_one(self, *, large_too: bool) -> bool:
        """Take one stage and settle it; say whether there was one."""
        worker = await self._crew.take()  # first, so that nothing is locked while nobody can do it
        try:
            async with self._database.connection() as connection, connection.transaction():
                job = await work.take(connection, large_too=large_too)
                if job is None:
                    return False
                await self._settle(connection, job, worker)
        finally:
            self._crew.give_back(worker)
        return True  # nobody is woken: what is settled makes no work for the other lanes

    async def _settle(self, connection: Connection, job: Job, worker: Worker) -> None:
        with seen.done(job) as span:
            await self._settle_seen(connection, job, worker, span)

    async def _settle_seen(self, connection: Connection, job: Job, worker: Worker, span: Span) -> None:
        try:
            outcome: Finding | Trouble = await self._analyse(worker, job)
        except BrokerUnavailable as error:
            log.info("order %s waits for its model: %s", job.order_id, error)
            span.fail("model-unreachable")
            await work.put_off(connection, job)
            return
        except Trouble as trouble:
            log.warning("%s of order %s, try %d: %s", job.stage, job.order_id, job.tries + 1, trouble)
            span.fail(trouble.code)
            outcome = trouble
            for pause_s in BACK_OFF_S[job.tries : job.tries + 1]:
                asyncio.get_running_loop().call_later(pause_s, self._wake)
        await work.settle(connection, job, outcome)

    async def _analyse(self, worker: Worker, job: Job) -> Finding:
        """Have a worker do a stage.

        Raises:
            BrokerUnavailable: the model cannot be fetched now.
            Trouble: it came to no finding.
        """
        try:
            async with asyncio.timeout(self._limit_s), self._models.lend(job.model_id) as model:
                asked = {"stage": job.stage, "material": job.material, "size_bytes": model.size_bytes}
                answer = await worker.do(asked, model.file)
        except KeyError:
            raise Trouble("model-missing", "The model's file is not in the store.") from None
        except ValueError:
            raise Trouble("model-damaged", "The model's file in the store is damaged.") from None
        except TimeoutError:
            raise Trouble("too-slow", f"The analysis took longer than {self._limit_s:g} s.") from None
        except WorkerDied:
            raise Trouble("worker-died", "The analysis broke off.") from None
        seen.analysed(job, answer)
        if answer.get("error") == TOO_BIG:
            raise Trouble("analysis-failed", "The analysis needed more memory than it may take.")
        if "error" in answer:
            log.error("%s of order %s: %s", job.stage, job.order_id, answer["trace"])
            raise Trouble("analysis-failed", f"The analysis stopped with an error ({answer['error']}).")
        finding: Finding = answer["finding"]
        return finding
