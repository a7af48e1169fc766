"""Failed sign-ins, counted in a sliding window by all processes of a service together.

After too many the door stays shut for a while. They are kept in the database as hashes of who and where, so
that nobody reads there who has mistyped what.
"""

from __future__ import annotations

import hashlib
import math

from sut.database import Database

#: One person at one place: more than anybody mistypes.
ALLOWED_PAIR = 10
#: One account from everywhere: guesses spread over many addresses. More than for a pair, or any stranger
#: could keep somebody out from anywhere at no cost.
ALLOWED_ACCOUNT = 30
#: One address at all accounts: one password tried on everybody. Many people may share it, behind one router.
ALLOWED_ADDRESS = 30
WINDOW_S = 60.0

# A door is shut until the failure that is one too many has left the window.
_OPEN_IN = """
    SELECT max(extract(epoch FROM failed_at - now())::float8) + $3
    FROM unnest($1::bytea[], $2::int[]) AS door (key, allowed) CROSS JOIN LATERAL (
        SELECT failed_at FROM failed_sign_ins
        WHERE failed_sign_ins.key = door.key AND failed_at > now() - make_interval(secs => $3)
        ORDER BY failed_at DESC OFFSET door.allowed - 1 LIMIT 1
    ) AS too_many
"""
_FAILED = "INSERT INTO failed_sign_ins (key) SELECT unnest($1::bytea[])"
_FORGET = "DELETE FROM failed_sign_ins WHERE key = $1"
# Each failure takes what is over with it, so there are never more than a minute's.
_PRUNE = "DELETE FROM failed_sign_ins WHERE failed_at < now() - make_interval(secs => $1)"


class SignInAttempts:
    """The counts of pairs, accounts and addresses; whether an account exists makes no difference to them.

    Attempts that are under way at the same time may pass a limit by one or two: it is a limit still.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def wait_s(self, email: str, address: str) -> int:
        """Return the seconds until another attempt is heard; 0 means now."""
        allowed = [ALLOWED_PAIR, ALLOWED_ACCOUNT, ALLOWED_ADDRESS]
        async with self._database.connection() as connection:
            open_in_s = await connection.fetchval(_OPEN_IN, _keys(email, address), allowed, WINDOW_S)
        return 0 if open_in_s is None else max(1, math.ceil(open_in_s))

    async def failed(self, email: str, address: str) -> None:
        """Count a failure."""
        async with self._database.connection() as connection:
            await connection.execute(_FAILED, _keys(email, address))
            await connection.execute(_PRUNE, WINDOW_S)

    async def succeeded(self, email: str, address: str) -> None:
        """Forget what this person mistyped here; an attacker's guesses elsewhere still count."""
        async with self._database.connection() as connection:
            await connection.execute(_FORGET, _keys(email, address)[0])


def _keys(email: str, address: str) -> list[bytes]:
    """Return what stands for the pair, the account and the address."""
    words = (f"pair {address} {email}", f"account {email}", f"address {address}")
    return [hashlib.sha256(word.encode()).digest() for word in words]
