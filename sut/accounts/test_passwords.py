"""Passwords are kept as hashes and checked in the same time, known or not."""

import asyncio

from sut.accounts.passwords import Passwords
from sut.accounts.routes import is_email


def test_hash_fits_its_password_only() -> None:
    """The right password opens the account, another does not."""

    async def fits() -> tuple[str, bool, bool]:
        passwords = Passwords()
        stored = await passwords.hash("correct horse")
        return (
            stored,
            await passwords.matches(stored, "correct horse"),
            await passwords.matches(stored, "wrong"),
        )

    stored, right, wrong = asyncio.run(fits())
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (right, wrong) == (True, False)


def test_hash_outlives_a_change_of_its_price() -> None:
    """Who signed up before the setting was changed gets in after it."""

    async def fits() -> bool:
        return await Passwords().matches(await Passwords(4096).hash("correct horse"), "correct horse")

    assert asyncio.run(fits())


def test_unknown_account_never_fits() -> None:
    """Not even the password behind the hash that stands in for a missing one."""

    async def fits() -> bool:
        return await Passwords().matches(None, "nobody has this password")

    assert not asyncio.run(fits())


def test_unreadable_hash_does_not_fit() -> None:
    """A damaged row refuses instead of failing."""

    async def fits() -> bool:
        return await Passwords().matches("not a hash", "anything")

    assert not asyncio.run(fits())


def test_email_needs_two_sides() -> None:
    """What cannot be an address is refused; what can be is left to the mail that proves it."""
    assert is_email("ada@example.com")
    assert is_email("данила@пример.рф")
    assert not any(
        map(is_email, ["", "ada", "@example.com", "ada@", "a b@c", "a@b\x00", "a@b@c", "\ud800@x.y"])
    )
