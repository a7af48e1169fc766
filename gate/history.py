"""The verdicts of earlier runs, and what changed since the last good release."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from gate.criteria import Criterion
from gate.outcome import Outcome
from gate.verdict import Verdict
from load.judging import NO_HISTORY, SOFTENED, figure_of

KEPT = 200
FIGURES_KEPT = 100
TELLING_CHANGE_SHARE = 0.10  # a figure that moved by less is told as unchanged


@dataclass(frozen=True)
class Entry:
    """One run as history remembers it."""

    run: str
    outcome: Outcome
    ref: str
    target: str
    profile: str
    full: bool
    finished_at: str
    seconds: Mapping[str, float]
    criteria: Mapping[str, Mapping[str, Any]]
    took_s: float = 0.0

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Return what is kept of a verdict."""
        record = verdict.record
        return cls(
            run=record.run,
            outcome=verdict.outcome,
            ref=record.release.get("ref", ""),
            target=record.release.get("target", ""),
            profile=record.profile,
            full=record.full,
            finished_at=record.finished_at,
            seconds={stage.name: stage.seconds for stage in verdict.stages},
            criteria={item.id: _kept(item) for item in verdict.criteria},
            took_s=_between(record.started_at, record.finished_at),
        )

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read an entry back.

        Raises:
            KeyError, TypeError, ValueError: the line is no entry.
        """
        return cls(**{**stored, "outcome": Outcome(stored["outcome"])})

    @property
    def good(self) -> bool:
        """Whether it judged a whole release and let it pass."""
        return self.full and self.outcome.exit_code == 0

    @property
    def usual(self) -> bool:
        """Whether its figures may say what is usual: nothing failed, nothing but history was lacking."""
        told = all(_is_sound(kept) for kept in self.criteria.values())
        return self.full and self.outcome is not Outcome.FAIL and told

    def comparable(self, other: "Entry") -> bool:
        """Whether the figures of both may be compared: the same profile against the same system."""
        return (self.profile, self.target) == (other.profile, other.target)


@dataclass(frozen=True)
class Change:
    """A criterion that is not as it was."""

    title: str
    before: str
    after: str
    better: bool | None


def remember(path: Path, entry: Entry) -> None:
    """Add an entry to the history, and let go of the oldest."""
    lines = [line for line in _lines(path) if line.strip()][-(KEPT - 1) :]
    lines.append(json.dumps(vars(entry), ensure_ascii=False))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    unfinished.replace(path)


def recall(path: Path) -> list[Entry]:
    """Return the remembered runs, oldest first; lines that cannot be read are passed over."""
    entries = []
    for line in _lines(path):
        try:
            entries.append(Entry.from_json(json.loads(line)))
        except (KeyError, TypeError, ValueError):
            continue
    return entries


def last_good(entries: Iterable[Entry], now: Entry) -> Entry | None:
    """Return the latest comparable release that passed before this run."""
    earlier = [entry for entry in entries if entry.run != now.run and entry.finished_at < now.finished_at]
    good = [entry for entry in earlier if entry.good and entry.comparable(now)]
    return max(good, key=lambda entry: entry.finished_at, default=None)


def earlier_figures(entries: Iterable[Entry], profile: str, target: str) -> dict[str, list[float]]:
    """Return what each criterion read in good runs of a profile against a system, the latest last.

    A bound that was broken, and only weighed in a score, says nothing of what is usual.
    """
    figures: dict[str, list[float]] = {}
    for entry in sorted(entries, key=lambda entry: entry.finished_at):
        if not entry.usual or (entry.profile, entry.target) != (profile, target):
            continue
        for identity, kept in entry.criteria.items():
            if isinstance(kept["value"], int | float) and kept.get("metric") and not kept["broken"]:
                figures.setdefault(figure_of(identity, kept["metric"]), []).append(float(kept["value"]))
    return {identity: found[-FIGURES_KEPT:] for identity, found in figures.items()}


def changes(before: Entry, after: Entry) -> list[Change]:
    """Return what changed, worst first: outcomes, figures that moved tellingly, what came or went."""
    found = []
    for identity in [*after.criteria, *(gone for gone in before.criteria if gone not in after.criteria)]:
        change = _change(before.criteria.get(identity), after.criteria.get(identity))
        found += [change] if change else []
    return sorted(found, key=lambda change: {False: 0, None: 1, True: 2}[change.better])


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change | None:
    if before is None or after is None:
        return _came_or_went(before, after)
    title = str(after["title"])
    if before["outcome"] != after["outcome"]:
        better = _RANK.index(after["outcome"]) > _RANK.index(before["outcome"])
        return Change(title, _shown(before), _shown(after), better)
    was, now = before["value"], after["value"]
    if not after["bound"] or was is None or now is None or was == now:
        return None
    if was and abs(now - was) / abs(was) < TELLING_CHANGE_SHARE:
        return None
    return Change(title, _shown(before), _shown(after), (now < was) == after["bound"].startswith("<"))


def _came_or_went(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Change | None:
    known = after or before or {}
    if "::" in str(known["id"]):  # a single test is a criterion only while it does not simply pass
        passed = "passed or was not there"
        if after is None:
            return Change(str(known["title"]), _shown(known), passed, better=True)
        return Change(str(known["title"]), passed, _shown(known), better=False)
    if after is None:
        return Change(str(known["title"]), _shown(known), "not judged", None)
    return Change(str(known["title"]), "not judged", _shown(known), None)


def _shown(kept: Mapping[str, Any]) -> str:
    if kept["value"] is None or not kept["bound"]:
        return str(kept["outcome"])
    return f"{kept['outcome']} {kept['value']:g} {kept['unit']}".strip()


def _is_sound(kept: Mapping[str, Any]) -> bool:
    return kept["outcome"] in ("PASS", "WARN") or bool(kept.get("lacks_history"))


def _kept(criterion: Criterion) -> dict[str, Any]:
    metric, _, way = criterion.pass_bound.partition(" ")
    return {
        "id": criterion.id,
        "title": criterion.title,
        "outcome": criterion.outcome.value,
        "value": criterion.value,
        "unit": criterion.unit,
        "metric": metric,
        "bound": way,
        "broken": criterion.outcome is Outcome.FAIL or SOFTENED in criterion.why,
        "lacks_history": criterion.outcome is Outcome.UNKNOWN and NO_HISTORY in criterion.why,
    }


def _between(began: str, ended: str) -> float:
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds() if ended else 0.0


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


_RANK = [Outcome.FAIL, Outcome.UNKNOWN, Outcome.WARN, Outcome.PASS]
