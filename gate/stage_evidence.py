"""What a stage's tests left behind: evidence/<stage>.json, or the live feed of a stage that broke off."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

KNOWN_OUTCOMES = ("passed", "failed", "error", "skipped", "inconclusive")
_ASSERTION = re.compile(r"\s*(E\s+)?(AssertionError\b|assert\b)")
_WORKER_CRASH = re.compile(r"worker '[^']+' crashed while running")


@dataclass(frozen=True)
class TestResult:
    """One test's result."""

    __test__ = False  # its name is no test's

    id: str
    outcome: str
    message: str = ""
    seconds: float = 0.0
    file: str = ""
    line: int = 0
    rerun: str = ""
    flaky: bool = False

    @property
    def is_violation(self) -> bool:
        """Tell whether the system is proven wrong: by a failed test, or a failed assertion of a set-up."""
        if self.outcome == "failed":
            return not _WORKER_CRASH.search(self.message)
        return self.outcome == "error" and _ASSERTION.match(self.message) is not None

    @property
    def is_unclear(self) -> bool:
        """Tell whether the result proves nothing although the test was to prove something."""
        return self.outcome not in ("passed", "skipped") and not self.is_violation

    @property
    def place(self) -> str:
        """Where the test stands, as file:line."""
        return f"{self.file}:{self.line}" if self.file else self.id.partition("::")[0]


@dataclass(frozen=True)
class StageEvidence:
    """The results of one stage; not `complete` where they come from the feed of a stage that broke off."""

    collected: int
    tests: tuple[TestResult, ...]
    complete: bool = True
    running: tuple[str, ...] = ()
    fault: str = ""

    def count(self, *outcomes: str) -> int:
        """Return how many tests ended so."""
        return sum(test.outcome in outcomes for test in self.tests)


def from_document(document: Mapping[str, object]) -> StageEvidence:
    """Read evidence/<stage>.json; what does not fit its form becomes the `fault`."""
    collected, tests = document.get("collected"), document.get("tests")
    if not isinstance(collected, int) or isinstance(collected, bool) or not isinstance(tests, list):
        return StageEvidence(0, (), fault="it does not say what was collected and which tests ran")
    if not all(isinstance(test, Mapping) and isinstance(test.get("id"), str) for test in tests):
        return StageEvidence(collected, (), fault="it holds tests without an id")
    return StageEvidence(collected, tuple(_result(test) for test in tests))


@dataclass
class Telling:
    """A live feed as it is read, event by event: what had finished, and what was running."""

    collected: int = 0
    finished: dict[str, TestResult] = field(default_factory=dict)
    running: dict[str, None] = field(default_factory=dict)

    def add(self, event: Mapping[str, object]) -> None:
        """Take in the next event."""
        identity = str(event.get("id", ""))
        match event.get("event"):
            case "collected":
                self.collected = _whole(event.get("count"))
            case "started":
                self.running[identity] = None
            case "finished":
                self.running.pop(identity, None)
                self.finished[identity] = _result(event)

    def evidence(self) -> StageEvidence:
        """Return what is known by now; it is never complete."""
        tests = tuple(self.finished.values())
        return StageEvidence(self.collected, tests, complete=False, running=tuple(self.running))


def from_feed(events: Iterable[Mapping[str, object]]) -> StageEvidence:
    """Read the live feed of a stage that wrote no evidence."""
    telling = Telling()
    for event in events:
        telling.add(event)
    return telling.evidence()


def _result(test: Mapping[str, object]) -> TestResult:
    return TestResult(
        id=str(test["id"]),
        outcome=str(test.get("outcome", "")),
        message=str(test.get("message") or ""),
        seconds=_number(test.get("seconds")),
        file=str(test.get("file") or ""),
        line=_whole(test.get("line")),
        rerun=str(test["rerun"]) if isinstance(test.get("rerun"), str) else "",
        flaky=test.get("flaky") is True,
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _whole(value: object) -> int:
    return int(_number(value))
