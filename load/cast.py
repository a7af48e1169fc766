"""Who plays a load run: new partners and operators where the target lets us make them, else lent ones."""

from dataclasses import replace
from uuid import uuid4

from faker import Faker

from fixtures.doors import ApiAdminDoor, MesAdminDoor
from fixtures.testbed.target import BadTarget, Operator, Partner, Target
from load.profiles import Profile

QUOTA = 100_000


class TooFewPeople(BadTarget):
    """The target lends too few partners or operators and does not let us make any."""


def recruited(target: Target, profile: Profile) -> Target:
    """Return the target with one partner and one operator for each user of the profile.

    Raises:
        TooFewPeople: the target has no [admin] table and lends none.
    """
    partners, operators = profile.partners, _count(profile, "operator")
    if target.admin is None:
        for kind, lent, wanted in (
            ("partner", target.partners, partners),
            ("operator", target.operators, operators),
        ):
            if wanted and not lent:
                raise TooFewPeople(
                    f"profile {profile.name}: the target file has no [[{kind}]] and no [admin]"
                )
        return target
    faker = Faker("en_GB")
    faker.seed_instance(profile.seed)
    with ApiAdminDoor(target.urls.api, target.admin.api_token) as api:
        new_partners = tuple(_partner(api, faker.company()) for _ in range(partners))
    with MesAdminDoor(target.urls.mes, target.admin.mes_token) as mes:
        new_operators = tuple(_operator(mes, faker.name()) for _ in range(operators))
    return replace(target, partners=new_partners, operators=new_operators)


def with_room(target: Target, name: str) -> Partner:
    """Make a partner whose contract no load uses up.

    Raises:
        TooFewPeople: the target has no [admin] table.
    """
    if target.admin is None:
        raise TooFewPeople("the target file has no [admin]")
    with ApiAdminDoor(target.urls.api, target.admin.api_token) as api:
        return _partner(api, name)


def _count(profile: Profile, user: str) -> int:
    crowd = profile.crowd(user)
    return crowd.count if crowd else 0


def _partner(api: ApiAdminDoor, name: str) -> Partner:
    # beyond what a load calls: a contract that is used up is refused, and that is another test
    partner_id, key = api.create_partner(name, quota=QUOTA)
    return Partner(name, partner_id, key)


def _operator(mes: MesAdminDoor, name: str) -> Operator:
    email, password = f"{uuid4().hex[:12]}@example.com", f"pass {uuid4().hex}"
    mes.create_operator(email, name, password)
    return Operator(email, name, password)
