"""Judge whether the system under test came up and stayed up: pure, from the run's record."""

from gate.criteria import Criterion
from gate.outcome import Outcome
from gate.record import Start, TestbedRecord

_OUTCOMES = {
    Start.STARTED: Outcome.PASS,
    Start.REFUSED: Outcome.FAIL,
    Start.IMPOSSIBLE: Outcome.UNKNOWN,
    Start.NOT_TRIED: Outcome.UNKNOWN,
}

_WATCHERS = {"mail", "traces"}


def judge_testbed(testbed: TestbedRecord) -> list[Criterion]:
    """Return whether the system came up, and whether one of its processes died unasked."""
    started = Criterion(
        id="testbed.start",
        stage="testbed",
        title="The system under test comes up",
        outcome=_OUTCOMES[testbed.start],
        why=_why(testbed),
        value=round(testbed.seconds, 2) if testbed.start is Start.STARTED else None,
        unit="s",
        key=True,
        evidence="logs/",
    )
    if not testbed.died:
        return [started]
    # What merely watches the system says nothing of the release when it ends: then nobody can tell.
    outcome = Outcome.FAIL if set(testbed.died) - _WATCHERS else Outcome.UNKNOWN
    died = f"ended by themselves during the run: {', '.join(testbed.died)}"
    title = "Its processes stay up"
    stayed = Criterion("testbed.alive", "testbed", title, outcome, died, key=True, evidence="logs/")
    return [started, stayed]


def _why(testbed: TestbedRecord) -> str:
    if testbed.start is Start.NOT_TRIED:
        return testbed.why or "the run ended before"
    return " | ".join((testbed.why, *testbed.log_lines[-3:])) if testbed.why else ""
