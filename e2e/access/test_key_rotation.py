"""A partner changes its key without a gap, and ends one that leaked."""

from __future__ import annotations

from fixtures.another_api import AnotherApi
from fixtures.cast import Personas
from fixtures.doors import PartnerDoor
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.waiting import until

ENDED_WITHIN_S = 4.0
MORE_THAN_ANYBODY_HAS = 24


def answered(door: PartnerDoor) -> int:
    """The status of a plain call."""
    return door.http.get("/v1/orders").status_code


def test_both_keys_work_while_the_grace_lasts(partner: Partner) -> None:
    """The new key sees the same orders, and the old one goes on until its end, which the list tells."""
    order = partner.place(an_order())

    made = partner.door.rotate_key(grace_s=3600)

    new = partner.door.with_key(made["api_key"])
    assert [answered(partner.door), answered(new)] == [200, 200]
    assert [each.id for each in new.orders()] == [order.id]
    keys = new.json("GET", "/v1/keys")["items"]
    assert [(key["in_use"], key["ends_at"] is None) for key in keys] == [(True, True), (False, False)]
    assert made["api_key"] not in str(keys)


def test_the_old_key_ends_when_the_grace_is_over(partner: Partner, another_api: AnotherApi) -> None:
    """After its grace the old key opens nothing, whichever process is asked; the new one does."""
    with another_api.door(partner) as there:
        before = answered(there)
        made = partner.door.rotate_key(grace_s=1)

        until(lambda: answered(partner.door) == 401, ENDED_WITHIN_S, what="the old key ends")
        until(lambda: answered(there) == 401, ENDED_WITHIN_S, what="the old key ends everywhere")

    assert before == 200
    assert answered(partner.door.with_key(made["api_key"])) == 200


def test_a_revoked_key_ends_at_once(partner: Partner, another_api: AnotherApi) -> None:
    """A key that leaked is ended by the next one, in every process, without waiting for a grace."""
    made = partner.door.rotate_key(grace_s=3600)
    new = partner.door.with_key(made["api_key"])
    leaked = next(key["id"] for key in new.json("GET", "/v1/keys")["items"] if not key["in_use"])
    with another_api.door(partner) as there:
        before = answered(there)

        new.send("DELETE", f"/v1/keys/{leaked}")

        after = answered(partner.door)
        until(lambda: answered(there) == 401, 4.0, what="the revoked key ends everywhere")
    assert (before, after, answered(new)) == (200, 401, 200)


def test_nobody_revokes_the_key_that_they_call_with(partner: Partner) -> None:
    """A slip does not lock a partner out."""
    key = partner.door.json("GET", "/v1/keys")["items"][0]["id"]

    answer = partner.door.http.delete(f"/v1/keys/{key}")

    assert answer.status_code == 409
    assert answered(partner.door) == 200


def test_another_partners_key_cannot_be_revoked(personas: Personas) -> None:
    """A key's id is no secret, so it must not be enough."""
    owner, other = personas.partner(), personas.partner()
    key = owner.door.json("GET", "/v1/keys")["items"][0]["id"]

    answer = other.door.http.delete(f"/v1/keys/{key}")

    assert answer.status_code == 404
    assert answered(owner.door) == 200


def test_all_keys_of_a_partner_share_its_rate(personas: Personas) -> None:
    """A second key is no second contract."""
    partner = personas.partner(quota=4, window_s=4000)
    new = partner.door.with_key(partner.door.rotate_key(grace_s=3600)["api_key"])

    answers = [answered(door) for door in (partner.door, new, partner.door, new)]

    assert answers == [200, 200, 200, 429]


def test_a_key_that_has_ended_stays_ended_whatever_is_changed_later(partner: Partner) -> None:
    """A later change of keys neither revives one that leaked nor prolongs a grace that runs."""
    new = partner.door.with_key(partner.door.rotate_key(grace_s=3600)["api_key"])
    leaked = next(key["id"] for key in new.json("GET", "/v1/keys")["items"] if not key["in_use"])
    new.send("DELETE", f"/v1/keys/{leaked}")

    newer = new.with_key(new.rotate_key(grace_s=60)["api_key"])
    graces = {key["id"]: key["ends_at"] for key in newer.json("GET", "/v1/keys")["items"]}
    newest = newer.with_key(newer.rotate_key(grace_s=3600)["api_key"])

    kept = {key["id"]: key["ends_at"] for key in newest.json("GET", "/v1/keys")["items"]}
    ending = {key: ends_at for key, ends_at in graces.items() if ends_at}
    assert ending.items() <= kept.items()
    assert [answered(partner.door), answered(new), answered(newest)] == [401, 200, 200]


def test_changing_the_key_again_shortens_a_grace_that_runs(partner: Partner) -> None:
    """Whoever learns of a leak after a change of keys ends all of the old ones with the next one."""
    new = partner.door.with_key(partner.door.rotate_key(grace_s=3600)["api_key"])
    before = answered(partner.door)

    newest = new.with_key(new.rotate_key(grace_s=0)["api_key"])

    until(lambda: answered(partner.door) == 401, ENDED_WITHIN_S, what="the oldest key ends")
    until(lambda: answered(new) == 401, ENDED_WITHIN_S, what="the old key ends")
    assert (before, answered(newest)) == (200, 200)


def test_a_partner_that_changes_its_key_without_end_keeps_the_newest(partner: Partner) -> None:
    """The oldest keys make room; the one that is called with and the one that was just given do not."""
    *_, newest = [partner.door.rotate_key(grace_s=3600)["api_key"] for _ in range(MORE_THAN_ANYBODY_HAS)]

    assert [answered(door) for door in (partner.door, partner.door.with_key(newest))] == [200, 200]
    assert len(partner.door.json("GET", "/v1/keys")["items"]) < MORE_THAN_ANYBODY_HAS
