"""Query strings of the dashboard and the audit, as anybody may type them."""

from uuid import UUID

import pytest

from sut.mes import wanted
from sut.mes.wanted import AuditFilter, Filter
from sut.problems import Problem
from sut.states import OPEN, State


def test_nothing_asked_means_all_open_orders() -> None:
    """The dashboard opens on what is to be done."""
    query = wanted.read("", "", "", "")

    assert query == Filter(None, "", wanted.DEFAULT_SIZE, None)
    assert query.states == OPEN


def test_one_state_is_looked_for_alone() -> None:
    """A filter by state reads that state's partition only."""
    assert wanted.read("CLOSED", "", "", "").states == (State.CLOSED,)


@pytest.mark.parametrize(
    ("state", "customer", "size", "after"),
    [
        ("DRAFT", "", "", ""),
        ("closed", "", "", ""),
        ("", "x" * 65, "", ""),
        ("", "a\x00b", "", ""),
        ("", "", "0", ""),
        ("", "", "201", ""),
        ("", "", "abc", ""),
        ("", "", "٣", ""),
        ("", "", "", "-1"),
        ("", "", "", "0"),
        ("", "", "", "9" * 30),
        ("", "", "", str(2**63)),
    ],
)
def test_nonsense_is_refused_with_its_name(state: str, customer: str, size: str, after: str) -> None:
    """A wrong word is told, never guessed at."""
    with pytest.raises(Problem) as refusal:
        wanted.read(state, customer, size, after)

    assert refusal.value.status_code == 422
    assert len(refusal.value.members["errors"]) == 1


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody mends one word after the other."""
    with pytest.raises(Problem) as refusal:
        wanted.read("x", "\x00", "x", "x")

    assert [fault["field"] for fault in refusal.value.members["errors"]] == [
        "state",
        "customer",
        "size",
        "after",
    ]


def test_links_to_pages_keep_the_filter() -> None:
    """The next page shows the same orders' continuation."""
    query = Filter(State.MADE, "Zoë & Co", 10, None)

    assert query.query(after=7) == "state=MADE&customer=Zo%C3%AB+%26+Co&size=10&after=7"
    assert Filter(None, "", wanted.DEFAULT_SIZE, 7).query() == ""


def test_audit_reads_its_words() -> None:
    """The audit can be narrowed to one customer and one order."""
    order_id = "6b1f7d0e-1111-4222-8333-444455556666"

    assert wanted.read_audit("", "", "", "") == AuditFilter(None, None, 0, wanted.DEFAULT_LIMIT)
    assert wanted.read_audit("c", order_id, "3", "10") == AuditFilter("c", UUID(order_id), 3, 10)


@pytest.mark.parametrize(
    "words", [("", "x", "", ""), ("", "", "-1", ""), ("", "", "", "1001"), ("\x00", "", "", "")]
)
def test_audit_refuses_nonsense(words: tuple[str, str, str, str]) -> None:
    """A prover that asks wrongly must not get a list that looks complete."""
    with pytest.raises(Problem):
        wanted.read_audit(*words)
