"""Exemptions: read strictly, and gone on their day."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contract.exemptions import Exemption, expired, load_exemptions, not_tolerated
from fixtures.tables import BadFile

GOOD = """
[[exemption]]
breach = "GET /v1/orders: operation removed"
owner = "Ada"
reason = "the last caller moves in December"
expires = 2026-12-31
"""
KNOWN = Exemption("GET /v1/orders: operation removed", "Ada", "…", date(2026, 12, 31))


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], tuple[Exemption, ...]]:
    """Read exemptions from a text."""

    def from_text(text: str) -> tuple[Exemption, ...]:
        path = tmp_path / "exemptions.toml"
        path.write_text(text)
        return load_exemptions(path)

    return from_text


def test_a_known_breach_is_tolerated_until_its_day() -> None:
    """On the day itself it still is; on the next it fails and names its owner."""
    found = (KNOWN.breach,)

    assert not_tolerated(found, (KNOWN,), today=date(2026, 12, 31)) == ()
    assert expired((KNOWN,), today=date(2026, 12, 31)) == ()
    (told,) = not_tolerated(found, (KNOWN,), today=date(2027, 1, 1))
    assert "expired on 2026-12-31; ask Ada" in told
    assert expired((KNOWN,), today=date(2027, 1, 1)) == (KNOWN,)


def test_an_unknown_breach_is_not_tolerated() -> None:
    """An exemption covers what it names and nothing else."""
    assert not_tolerated(("GET /v1/tariff: operation removed",), (KNOWN,), today=date(2026, 1, 1))


def test_the_projects_exemptions_are_read() -> None:
    """The shipped file is valid."""
    assert isinstance(load_exemptions(), tuple)


def test_a_good_file_is_read(read: Callable[[str], tuple[Exemption, ...]]) -> None:
    """Every field arrives; an empty file is fine, as most are."""
    assert read(GOOD)[0].expires == date(2026, 12, 31)
    assert read("") == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('owner = "Ada"', "", ":2: [exemption] owner is missing"),
        ('owner = "Ada"', 'owner = " "', ":4: [exemption] owner = ' '; allowed: a text in quotes"),
        ("2026-12-31", '"2026-12-31"', ":6: [exemption] expires = '2026-12-31'; allowed: a date"),
        ("2026-12-31", "2026-13-31", ":6: is not TOML"),
        ("reason", "because", "reason is missing"),
        ("[[exemption]]", "[[exemptions]]", "'exemptions' is not known here"),
    ],
)
def test_a_slip_is_told_by_line_and_key(
    read: Callable[[str], tuple[Exemption, ...]], old: str, new: str, told: str
) -> None:
    """Whoever edits the file learns where the slip is and what would be right."""
    with pytest.raises(BadFile) as caught:
        read(GOOD.replace(old, new))

    assert told in str(caught.value)


def test_a_breach_is_exempted_once(read: Callable[[str], tuple[Exemption, ...]]) -> None:
    """Of two days for one breach, nobody knows which counts."""
    with pytest.raises(BadFile, match="no other exemption states"):
        read(GOOD + GOOD)
