"""What a reader wants to see of the work orders, read from a query string that anybody may have typed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from sut import problems
from sut.pages.forms import is_plain
from sut.states import OPEN, State
from sut.tariff import TARIFF

#: The states a work order can be in; a draft never leaves the shop.
STATES = tuple(state for state in State if state is not State.DRAFT)
MATERIALS = tuple(TARIFF)
CHANNELS = ("shop", "partner")
DEFAULT_SIZE, LARGEST_SIZE = 50, 200
DEFAULT_LIMIT, LARGEST_LIMIT = 200, 1000
_LARGEST_ID = 2**63 - 1
_CUSTOMER_LONGEST = 64
_MISHEARD = str.maketrans("OIL", "011")


class Age(NamedTuple):
    """How old an order may be, from its submission on."""

    text: str
    at_least: timedelta | None = None
    at_most: timedelta | None = None


AGES = {
    "hour": Age("At most 1 hour", at_most=timedelta(hours=1)),
    "day": Age("At most 1 day", at_most=timedelta(days=1)),
    "week": Age("At most 1 week", at_most=timedelta(days=7)),
    "over-hour": Age("Over 1 hour", at_least=timedelta(hours=1)),
    "over-day": Age("Over 1 day", at_least=timedelta(days=1)),
    "over-week": Age("Over 1 week", at_least=timedelta(days=7)),
}


class Filter(NamedTuple):
    """One page of the dashboard: `state` None is all open ones; `after` is the last id of the page before."""

    state: State | None
    customer: str
    size: int
    after: int | None
    material: str = ""
    channel: str = ""
    age: str = ""

    @property
    def states(self) -> tuple[State, ...]:
        """The states to look in."""
        return (self.state,) if self.state else OPEN

    @property
    def created(self) -> tuple[datetime | None, datetime | None]:
        """Since when and before when orders were submitted; to the minute, so that a query lasts as long."""
        if not self.age:
            return None, None
        now, age = datetime.now(UTC).replace(second=0, microsecond=0), AGES[self.age]
        since = now - age.at_most if age.at_most else None
        return since, now - age.at_least if age.at_least else None

    @property
    def narrows(self) -> bool:
        """Whether it leaves any open order out."""
        return any((self.state, self.customer, self.material, self.channel, self.age))

    def query(self, after: int | None = None) -> str:
        """Return the query string of this filter's page behind a cursor; without one, of its first page."""
        size = None if self.size == DEFAULT_SIZE else self.size
        words = {
            "state": self.state,
            "customer": self.customer,
            "material": self.material,
            "channel": self.channel,
            "age": self.age,
            "size": size,
            "after": after,
        }
        return urlencode({name: word for name, word in words.items() if word})


class AuditFilter(NamedTuple):
    """One page of the audit."""

    customer: str | None
    order_id: UUID | None
    after: int
    limit: int


def read(
    state: str, customer: str, size: str, after: str, material: str = "", channel: str = "", age: str = ""
) -> Filter:
    """Read the dashboard's query; an empty word counts as not given.

    Raises:
        Problem: 422 with everything that is wrong.
    """
    faults: list[tuple[str, str]] = []
    _one_of("state", state, STATES, faults)
    wanted = Filter(
        state=State(state) if state in STATES else None,
        customer=_customer(customer, faults),
        size=_number("size", size, faults, default=DEFAULT_SIZE, lowest=1, highest=LARGEST_SIZE),
        after=_number("after", after, faults, default=0, lowest=1, highest=_LARGEST_ID) or None,
        material=_one_of("material", material, MATERIALS, faults),
        channel=_one_of("channel", channel, CHANNELS, faults),
        age=_one_of("age", age, AGES, faults),
    )
    if faults:
        raise problems.invalid(faults)
    return wanted


def read_audit(customer: str, order_id: str, after: str, limit: str) -> AuditFilter:
    """Read the audit's query; an empty word counts as not given.

    Raises:
        Problem: 422 with everything that is wrong.
    """
    faults: list[tuple[str, str]] = []
    wanted = AuditFilter(
        customer=_customer(customer, faults) or None,
        order_id=_uuid("order_id", order_id, faults),
        after=_number("after", after, faults, default=0, lowest=0, highest=_LARGEST_ID),
        limit=_number("limit", limit, faults, default=DEFAULT_LIMIT, lowest=1, highest=LARGEST_LIMIT),
    )
    if faults:
        raise problems.invalid(faults)
    return wanted


def number_of(text: str) -> str:
    """Return the order number that somebody meant who typed it in small letters, without its dash or by ear.

    Source: Crockford's base 32, in which O is a zero, and I and L are ones.
    """
    plain = "".join(letter for letter in text.upper() if letter not in " -").translate(_MISHEARD)
    return f"{plain[:4]}-{plain[4:]}"


def _one_of(name: str, word: str, words: Collection[str], faults: list[tuple[str, str]]) -> str:
    if word and word not in words:
        faults.append((name, f"is none of {', '.join(words)}"))
        return ""
    return word


def _customer(text: str, faults: list[tuple[str, str]]) -> str:
    text = text.strip()
    if len(text) > _CUSTOMER_LONGEST or not is_plain(text):
        faults.append(("customer", f"must be at most {_CUSTOMER_LONGEST} printable characters"))
        return ""
    return text


def _number(
    name: str, text: str, faults: list[tuple[str, str]], *, default: int, lowest: int, highest: int
) -> int:
    if not text:
        return default
    readable = text.isascii() and text.isdigit() and len(text) <= len(str(highest))
    if not readable or not lowest <= int(text) <= highest:
        faults.append((name, f"must be a whole number from {lowest} to {highest}"))
        return default
    return int(text)


def _uuid(name: str, text: str, faults: list[tuple[str, str]]) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        faults.append((name, "must be a UUID"))
        return None
