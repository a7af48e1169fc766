"""The board never takes silence for good news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sut.database import Row
from sut.flow.sources import NAMES, source_of, sources_of

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
AN_HOUR_AGO = NOW - timedelta(hours=1)


def noted(*, answers: bool = True, detail: str = "", checked_s_ago: float = 1) -> Row:
    """What is noted of a source."""
    checked_at = NOW - timedelta(seconds=checked_s_ago)
    return {
        "name": "mes",
        "answers": answers,
        "since": AN_HOUR_AGO,
        "checked_at": checked_at,
        "detail": detail,
    }


def test_source_that_answers_is_no_trouble() -> None:
    """It says since when, and its remark is kept."""
    source = source_of("mes", noted(detail="its list is still being read"), NOW)

    assert (source.trouble, source.remark, source.since) == ("", "its list is still being read", AN_HOUR_AGO)


def test_source_that_does_not_answer_is_trouble_since_it_stopped() -> None:
    """The board says what is wrong and since when."""
    source = source_of("mes", noted(answers=False, detail="no answer within 2 s"), NOW)

    assert (source.trouble, source.since) == ("no answer within 2 s", AN_HOUR_AGO)


def test_source_that_was_not_asked_lately_is_trouble_even_if_it_answered() -> None:
    """A reconciliation that died is seen."""
    assert source_of("mes", noted(checked_s_ago=60), NOW).trouble == "was not asked since"


def test_source_that_was_never_asked_is_trouble() -> None:
    """A reconciliation that never began is seen, for each source that there must be."""
    sources = sources_of([], NOW)

    assert [source.name for source in sources] == list(NAMES)
    assert {source.trouble for source in sources} == {"has not been asked yet"}
