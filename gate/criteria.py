"""A criterion: one thing a release owes, judged, with the figures and the evidence behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Self

from gate.outcome import Outcome, fold


@dataclass(frozen=True)
class Criterion:
    """One judged thing.

    Units: `value` in `unit`; `headroom_share` 0 to 1 of what the bound allows, negative where it is broken.
    """

    id: str
    stage: str
    title: str
    outcome: Outcome
    why: str = ""
    value: float | None = None
    unit: str = ""
    pass_bound: str = ""
    warn_bound: str = ""
    headroom_share: float | None = None
    samples: int | None = None
    needs_samples: int | None = None
    key: bool = False
    evidence: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the criterion as it stands in verdict.json, where bounds are called pass and warn."""
        fields = asdict(self) | {"outcome": self.outcome.value}
        return {_SHORT.get(name, name): value for name, value in fields.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Read a criterion back from verdict.json."""
        fields: dict[str, object] = {_LONG.get(name, name): value for name, value in stored.items()}
        fields["outcome"] = Outcome(str(fields["outcome"]))
        return cls(**fields)  # type: ignore[arg-type]  # verdict.json is written by to_json alone


_SHORT = {"pass_bound": "pass", "warn_bound": "warn"}
_LONG = {short: long for long, short in _SHORT.items()}


def outcome_of(criteria: Iterable[Criterion], stage: str | None = None) -> Outcome:
    """Fold criteria into one outcome, those of one stage or all of them."""
    return fold(criterion.outcome for criterion in criteria if stage in (None, criterion.stage))
