"""Every credential opens its own door and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fixtures.cast import Personas
from fixtures.database_hand import change_role
from fixtures.flow_cast import a_manager
from fixtures.personas import Manager, Operator, Partner
from fixtures.testbed.target import Target
from fixtures.web_doors import WebDoor

MALLORY = {"email": "mallory@example.com", "name": "Mallory", "password": "long enough"}


@dataclass(frozen=True)
class Door:
    """A door for programs."""

    service: str
    method: str
    path: str
    opened_by: str
    body: Any = None


DOORS = {
    "partner's orders": Door("api", "GET", "/v1/orders", "partner"),
    "new partner": Door("api", "POST", "/admin/partners", "api administrator", {"name": "Mallory"}),
    "accepted orders": Door("api", "GET", "/audit/orders", "api auditor"),
    "work orders": Door("mes", "GET", "/v1/work-orders?customer=x", "mes auditor"),
    "new operator": Door("mes", "POST", "/v1/operators", "mes administrator", MALLORY),
    "order flow": Door("flow", "GET", "/v1/flow", "flow auditor"),
    "new manager": Door("flow", "POST", "/v1/managers", "flow administrator", MALLORY),
}


def credentials(target: Target, partner: Partner) -> dict[str, str]:
    """Everything that opens some door, by its owner."""
    found = {"partner": partner.door.http.headers["X-API-Key"], "mes auditor": target.audit.mes_token}
    found["flow auditor"] = target.audit.flow_token or ""
    if target.admin:
        found["api administrator"] = target.admin.api_token
        found["mes administrator"] = target.admin.mes_token
        found["flow administrator"] = target.admin.flow_token or ""
    return {owner: text for owner, text in found.items() if text}


def in_every_way(credential: str) -> dict[str, str]:
    """A credential in each header in which some service takes one."""
    return {"X-API-Key": credential, "X-Admin-Token": credential, "Authorization": f"Bearer {credential}"}


@pytest.mark.parametrize("name", DOORS)
def test_a_door_for_programs_opens_to_its_own_credential_alone(
    target: Target, partner: Partner, personas: Personas, name: str
) -> None:
    """A partner's key administers nothing, an auditor's token neither, and no service takes another's."""
    door = DOORS[name]
    url = getattr(target.urls, door.service) or pytest.skip(f"the target names no {door.service}")
    known = credentials(target, partner)
    own = known.pop(door.opened_by, "not known to us")
    others = known | {"who has a part of it": own[:-1], "who has more than it": f"{own}x"}
    http = personas.stranger(url).http

    statuses = {
        who: http.request(door.method, door.path, json=door.body, headers=in_every_way(text)).status_code
        for who, text in others.items()
    }

    assert statuses == dict.fromkeys(others, 401)
    assert len(known) >= 2


def test_a_signed_in_person_is_no_program(target: Target, operator: Operator, personas: Personas) -> None:
    """The session of somebody in a browser opens no door for programs, so no page can be made to use one."""
    urls = {name: getattr(target.urls, door.service) for name, door in DOORS.items()}
    there = {name: DOORS[name] for name, url in urls.items() if url}

    statuses = {}
    for name, door in there.items():
        stranger = personas.stranger(urls[name])
        for cookie in operator.door.http.cookies.jar:
            stranger.http.cookies.set(cookie.name, cookie.value or "")
        statuses[name] = stranger.http.request(door.method, door.path, json=door.body).status_code

    assert statuses == dict.fromkeys(there, 401)


def an_operator(personas: Personas, target: Target) -> Operator | Manager:
    """Somebody of the MES."""
    return personas.operator()


def a_flow_manager(personas: Personas, target: Target) -> Operator | Manager:
    """Somebody of the order flow."""
    return a_manager(target, target.urls.flow or pytest.skip("the target names no order flow"))


MES_STREAMS = ("/orders/live", "/orders/AAAA-0000/live", "/notifications/stream")
SITES = {
    "mes": (an_operator, ["/orders", "/orders/AAAA-0000", "/notifications", *MES_STREAMS]),
    "flow": (a_flow_manager, ["/", "/live", "/orders/AAAA-0000"]),
}


def status_of(door: WebDoor, path: str) -> int:
    """The status of a page, or of a stream that has no end."""
    with door.http.stream("GET", path) as answer:
        return answer.status_code


@pytest.mark.parametrize(
    ("site", "role"), [("mes", "shopper"), ("mes", "manager"), ("flow", "shopper"), ("flow", "operator")]
)
def test_a_site_serves_its_own_role_alone(target: Target, personas: Personas, site: str, role: str) -> None:
    """Whose account is not, or no longer, of the site's role is signed in and still sees nothing."""
    who, pages = SITES[site]
    person = who(personas, target)
    assert person.door.status(pages[0]) == 200

    change_role(target, site, person.email, role)

    assert {page: status_of(person.door, page) for page in pages} == dict.fromkeys(pages, 403)
