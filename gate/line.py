"""The line: one system, the stages in their turns, and a record of how each went."""

import os
import shlex
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from fixtures.testbed.attaching import TARGET_VARIABLE
from fixtures.testbed.interface import TestbedFailed
from fixtures.testbed.kinds import KIND_VARIABLE
from fixtures.testbed.own import RELEASE_VARIABLE
from fixtures.testbed.runs import REPOSITORY, RUN_DIR_VARIABLE
from fixtures.testbed.target import Target
from fixtures.traces.check import keep as keep_traces
from gate import bed, processes
from gate.balance import Balance
from gate.criteria import outcome_of
from gate.display import Display
from gate.follower import Follower
from gate.outcome import Outcome
from gate.progress import Feed, told
from gate.record import Ended, RunRecord, StageRecord, Start
from gate.release import environment, release
from gate.run_files import feed_path, read_evidence
from gate.stages import E2E, LOAD, SMOKE, STAGES, Plan
from gate.verdict import Verdict, judge
from load.objectives import Objective


@dataclass
class Line:
    """One run. Whatever happens, the record says what was done, so that it can be judged."""

    plan: Plan
    objectives: tuple[Objective, ...]
    display: Display
    _record: RunRecord = field(init=False)

    def run(self) -> Verdict:
        """Bring the system up, run the stages, and judge what was found."""
        self._record = _new_record(self.plan)
        os.environ[RELEASE_VARIABLE] = str(self.plan.sut_root.resolve())
        os.environ[RUN_DIR_VARIABLE] = str(self.plan.run_dir)
        try:
            self._run()
        except KeyboardInterrupt as interrupt:
            self._keep(interrupted=str(interrupt) or "Ctrl-C")
        self._keep(finished_at=_now())
        return self.judge()

    def judge(self) -> Verdict:
        """Judge what is known by now."""
        return judge(read_evidence(self.plan.run_dir), self.objectives)

    def _run(self) -> None:
        self.display.begin("testbed", "starting")
        began = time.monotonic()
        with bed.running(self.plan) as system:
            self._keep(testbed=system.record)
            came_up = system.record.start is Start.STARTED
            text = _breakdown(system.record.breakdown) if came_up else _in_short(system.record.why)
            outcome = outcome_of(self.judge().criteria, "testbed")
            self.display.end("testbed", outcome, text, time.monotonic() - began)
            balance = Balance(self.plan.run_dir, system.testbed.target) if came_up else None
            if balance:
                balance.begin()
            for names in self.plan.turns:
                self._take(names, system, balance)

    def _take(self, names: tuple[str, ...], system: bed.Bed, balance: Balance | None) -> None:
        why_not = self._why_not(system)
        if why_not:
            for name in names:
                self._keep_stage(StageRecord(name, Ended.NOT_RUN, why=why_not))
                self.display.end(name, Outcome.UNKNOWN, f"not run: {why_not}", 0.0)
            return
        try:
            stages = self._stages(names, system)
        except TestbedFailed as failed:
            why = str(failed).partition("\n")[0]
            stages = [StageRecord(name, Ended.NOT_RUN, why=why) for name in names]
        interrupted = any(stage.ended is Ended.INTERRUPT for stage in stages)
        if not interrupted:  # else somebody waits for us to end
            system.look()
            if balance and E2E in names:
                balance.keep()
                keep_traces(self.plan.run_dir, balance.target, balance.seen)
        for stage in stages:
            self._keep_stage(stage)
        self._keep(testbed=system.record)
        verdict = self.judge()
        for stage in stages:
            if stage.name != SMOKE:  # that was shown at its end
                self._show_end(stage, verdict)
        if interrupted:
            raise KeyboardInterrupt

    def _show_end(self, stage: StageRecord, verdict: Verdict) -> None:
        summary = next(one for one in verdict.stages if one.name == stage.name)
        tests = Feed(feed_path(self.plan.run_dir, stage.name))
        text = _sum(verdict, stage.name) if stage.name == LOAD else told(tests.read())
        self.display.end(stage.name, summary.outcome, text, stage.seconds)

    def _why_not(self, system: bed.Bed) -> str:
        if system.record.start is not Start.STARTED:
            return "the system under test did not come up"
        verdict = self.judge()
        smoke = next(
            (one for one in verdict.stages if one.name == SMOKE and one.ended is not Ended.NOT_RUN), None
        )
        if smoke and smoke.outcome.exit_code and not smoke.passed:
            return "smoke shows that the system is not usable"
        failed = [
            stage.name
            for stage in self._record.stages
            if outcome_of(verdict.criteria, stage.name) is Outcome.FAIL
        ]
        return f"{failed[0]} has failed already" if self.plan.until_fail and failed else ""

    def _stages(self, names: tuple[str, ...], system: bed.Bed) -> list[StageRecord]:
        """Run stages side by side."""
        if LOAD in names:
            system.testbed.fill_history(self.plan.history_orders)
        jobs = [self._job(name, system) for name in names]
        begun = [
            StageRecord(job.name, limit_s=job.limit_s, started_at=_now(), command=shlex.join(job.command))
            for job in jobs
        ]
        ends = processes.run(
            jobs, goes_on=lambda place, finished: self._goes_on(_ended(begun[place], finished), system)
        )
        stages = [_ended(record, finished) for record, finished in zip(begun, ends, strict=True)]
        return [
            StageRecord(stage.name, Ended.NOT_RUN, why=self._why_not(system))
            if stage.ended is Ended.NOT_RUN
            else stage
            for stage in stages
        ]

    def _goes_on(self, stage: StageRecord, system: bed.Bed) -> bool:
        """Show what smoke has found as soon as it is known; tell whether what runs beside it is of use."""
        if stage.name != SMOKE:
            return True
        self._keep_stage(stage)
        self._show_end(stage, self.judge())
        return not self._why_not(system)

    def _job(self, name: str, system: bed.Bed) -> processes.Job:
        stage, log = STAGES[name], self.plan.run_dir / "logs" / f"stage-{name}.log"
        self.display.begin(name, "starting")
        return processes.Job(
            name,
            stage.command(self.plan),
            env=self._environment(name),
            cwd=REPOSITORY,
            log=log,
            limit_s=stage.limit_s(self.plan),
            tick=Follower(
                name, self.display, feed=feed_path(self.plan.run_dir, name), log=log, look=system.look
            ),
        )

    def _environment(self, name: str) -> dict[str, str]:
        ours = {
            "ASSAY_STAGE": name,
            "ASSAY_EXAMPLES": str(self.plan.examples),
            "ASSAY_SEED": str(self.plan.seed),
            RUN_DIR_VARIABLE: str(self.plan.run_dir),
            TARGET_VARIABLE: str(self.plan.target_file.resolve()),
            KIND_VARIABLE: self.plan.testbed,
            RELEASE_VARIABLE: str(self.plan.sut_root.resolve()),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",
        }
        return {**os.environ, **ours}

    def _keep_stage(self, stage: StageRecord) -> None:
        others = tuple(one for one in self._record.stages if one.name != stage.name)
        self._keep(stages=(*others, stage))

    def _keep(self, **changed: object) -> None:
        self._record = replace(self._record, **changed)  # type: ignore[arg-type]  # fields of the record
        self._record.write(self.plan.run_dir)


def _new_record(plan: Plan) -> RunRecord:
    return RunRecord(
        run=plan.run_dir.name,
        profile=plan.profile,
        seed=plan.seed,
        release=release(plan.sut_root, Target.load(plan.target).name if plan.target else ""),
        environment=environment(),
        planned=plan.stages,
        full=plan.full,
        started_at=_now(),
    )


def _ended(record: StageRecord, finished: processes.Finished) -> StageRecord:
    return replace(
        record,
        ended=finished.ended,
        exit_status=finished.exit_status,
        seconds=finished.seconds,
        peak_rss_bytes=finished.peak_bytes,
    )


def _in_short(why: str) -> str:
    """Return what is the matter and the first thing that was seen of it."""
    return ": ".join(line.strip() for line in why.splitlines()[:2])


def _breakdown(steps: object) -> str:
    known = dict(steps) if isinstance(steps, dict) else {}
    longest = sorted(known.items(), key=lambda step: -step[1])[:4]
    return "ready" + (
        f" ({', '.join(f'{name} {seconds:.1f}' for name, seconds in longest)})" if longest else ""
    )


def _sum(verdict: Verdict, stage: str) -> str:
    judged = [item for item in verdict.criteria if item.stage == stage]
    passed = sum(item.outcome is Outcome.PASS for item in judged)
    return f"{passed} of {len(judged)} objectives kept"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
