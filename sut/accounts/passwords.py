"""Passwords: Argon2 hashes, made and checked beside the event loop, a bounded number at once."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from sut.settings import PASSWORD_MEMORY_KIB

AT_ONCE = 2

log = logging.getLogger(__name__)


class Passwords:
    """Hashes and checks passwords; an unknown account takes as long as a wrong password.

    A hash takes two passes over `memory_kib` KiB; those made with another figure stay valid.
    """

    def __init__(self, memory_kib: int = PASSWORD_MEMORY_KIB) -> None:
        if memory_kib < PASSWORD_MEMORY_KIB:
            log.warning(
                "passwords are hashed with %s KiB, below what is advised for real accounts", memory_kib
            )
        self._hasher = PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Say whether the password fits the hash; None (no such account) costs the same and never fits."""
        if self._decoy is None:
            self._decoy = await self.hash("nobody has this password")
        known = stored or self._decoy
        fits = await asyncio.get_running_loop().run_in_executor(self._threads, self._fits, known, password)
        return fits and stored is not None

    def stop(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
