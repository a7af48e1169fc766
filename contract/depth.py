"""How deep generated requests went: a fuzz run that was refused throughout has shown nothing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

VALID_SHARE = 0.2


@dataclass
class Depth:
    """Counts, by operation, what became of requests that were meant to be valid."""

    meant: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    @contextmanager
    def unless_failed(self, operation: str) -> Iterator[None]:
        """Remember that an operation has failed: how deep its run went is then of no interest."""
        try:
            yield
        except BaseException:
            self.failed.add(operation)
            raise

    def note(self, operation: str, status: int, *, positive: bool) -> None:
        """Count one answered request."""
        self.statuses.setdefault(operation, Counter())[status] += 1
        if positive:
            self.meant[operation] += 1
            self.accepted[operation] += 200 <= status < 300

    def doubt(self, operation: str, *, needs_share: float) -> str | None:
        """Say why the run proves nothing about an operation; None where it does."""
        meant, accepted = self.meant[operation], self.accepted[operation]
        seen = dict(sorted(self.statuses.get(operation, Counter()).items()))
        if operation in self.failed:
            return None
        if not meant:
            return f"{operation}: no request was meant to be valid; seen by status {seen}"
        if accepted == 0 or accepted < needs_share * meant:
            return (
                f"{operation}: only {accepted} of {meant} valid requests were accepted; seen by status {seen}"
            )
        return None
