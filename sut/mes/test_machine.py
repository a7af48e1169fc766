"""The machine doors open to their token only."""

import pytest

from sut.mes.machine import check_bearer
from sut.problems import Problem

_TOKEN = "t" * 32


@pytest.mark.parametrize("header", [f"Bearer {_TOKEN}", f"bearer {_TOKEN}", f"Bearer  {_TOKEN} "])
def test_token_opens_the_door(header: str) -> None:
    """The scheme's case and spaces do not matter."""
    check_bearer(header, _TOKEN)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", _TOKEN, f"Basic {_TOKEN}", f"Bearer {_TOKEN}x", "Bearer ÿ"]
)
def test_anything_else_is_refused(header: str) -> None:
    """A wrong, missing or foreign token is a 401 that names the scheme."""
    with pytest.raises(Problem) as refusal:
        check_bearer(header, _TOKEN)

    assert refusal.value.status_code == 401
    assert refusal.value.headers == {"WWW-Authenticate": "Bearer"}
