"""Shows a stage while it runs, and keeps an eye on the system under test."""

from collections.abc import Callable
from pathlib import Path

from gate.display import Display
from gate.outcome import Outcome
from gate.progress import Feed, last_line, told
from gate.stage_evidence import StageEvidence, TestResult

LOOK_EVERY_S = 20.0
_SHOWN_FAILURES = 10


class Follower:
    """Called again and again with the age of the stage's process."""

    def __init__(
        self, name: str, display: Display, *, feed: Path, log: Path, look: Callable[[], None]
    ) -> None:
        self._name, self._display, self._log, self._look = name, display, log, look
        self._feed = Feed(feed)
        self._shown: set[str] = set()
        self._looked_at = float("-inf")

    def __call__(self, age_s: float) -> None:
        """Show what is new."""
        evidence = self._feed.read()
        for test in evidence.tests:
            if (test.is_violation or test.is_unclear) and test.id not in self._shown:
                self._show(test)
        self._display.update(self._name, self._progress(evidence), age_s)
        if age_s - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = age_s
            self._look()

    def _show(self, test: TestResult) -> None:
        self._shown.add(test.id)
        if len(self._shown) <= _SHOWN_FAILURES:
            word = Outcome.FAIL if test.is_violation else Outcome.UNKNOWN
            self._display.say(f"  {word} {test.id}  {test.message.partition(chr(10))[0][:160]}")

    def _progress(self, evidence: StageEvidence) -> str:
        if not evidence.collected:
            return last_line(self._log)[:80]
        now = f"  {evidence.running[-1].rpartition('::')[2][:60]}" if evidence.running else ""
        return told(evidence) + now
