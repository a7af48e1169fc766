"""Known breaches of the released contract that are tolerated for a while: by whom, why and until when."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fixtures.tables import read_tables

EXEMPTIONS = Path(__file__).parent / "exemptions.toml"


@dataclass(frozen=True)
class Exemption:
    """One tolerated breach, exactly as the check words it."""

    breach: str
    owner: str
    reason: str
    expires: date


def load_exemptions(path: Path = EXEMPTIONS) -> tuple[Exemption, ...]:
    """Read the exemptions, strictly.

    Raises:
        BadFile: file, line, key and what is allowed.
    """
    exemptions: dict[str, Exemption] = {}
    for table in read_tables(path, "exemption", may_be_empty=True)["exemption"]:
        breach, owner, reason = (table.word(key) for key in ("breach", "owner", "reason"))
        exemption = Exemption(breach, owner, reason, table.day("expires"))
        table.done()
        if breach in exemptions:
            raise table.error("breach", "a breach that no other exemption states")
        exemptions[breach] = exemption
    return tuple(exemptions.values())


def not_tolerated(
    found: tuple[str, ...], exemptions: tuple[Exemption, ...], *, today: date
) -> tuple[str, ...]:
    """Return the breaches that no exemption covers any more, each with what became of its exemption."""
    by_breach = {exemption.breach: exemption for exemption in exemptions}
    told = []
    for breach in found:
        exemption = by_breach.get(breach)
        if exemption is None:
            told.append(breach)
        elif exemption.expires < today:
            told.append(f"{breach} (its exemption expired on {exemption.expires}; ask {exemption.owner})")
    return tuple(told)


def expired(exemptions: tuple[Exemption, ...], *, today: date) -> tuple[Exemption, ...]:
    """Return the exemptions whose day has passed: somebody promised to be done by then."""
    return tuple(exemption for exemption in exemptions if exemption.expires < today)
