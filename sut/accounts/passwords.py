"""Passwords: Argon2 hashes, made and checked beside the event loop, a bounded number at once."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2

#: OWASP's first choice of Argon2id parameters that one core bears under load.
#: Source: OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and checks passwords; an unknown account takes as long as a wrong password."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, _HASHER.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Say whether the password fits the hash; None (no such account) costs the same and never fits."""
        if self._decoy is None:
            self._decoy = await self.hash("nobody has this password")
        known = stored or self._decoy
        fits = await asyncio.get_running_loop().run_in_executor(self._threads, _fits, known, password)
        return fits and stored is not None

    def stop(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _fits(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
