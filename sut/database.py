"""A service's own PostgreSQL database: pool, schema, transactions."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg

from sut import tasks
from sut.telemetry import spans
from sut.telemetry.sql import TracedStatements

#: A row that a query gave, by column name.
Row: TypeAlias = Mapping[str, Any]
Connection: TypeAlias = asyncpg.Connection

log = logging.getLogger(__name__)

SHARED_SCHEMA = Path(__file__).with_name("shared.sql")
_SCHEMA_LOCK = 0x415353  # one number for all services: each has its own database
#: Shorter than PostgreSQL's deadlock_timeout of 1 s: an upgrade gives up before a request is undone.
_SCHEMA_LOCK_WAIT = "500ms"
_START_WAIT_S = 5.0
_RETRY_S = 0.2

_APPLIED = """
    CREATE TABLE IF NOT EXISTS applied_schema (
        sha256 text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class DatabaseUnavailable(Exception):  # noqa: N818 - named for what happened, not for being an error
    """The database cannot be reached now; trying again later may help."""


#: What asyncpg raises when the server is gone, starting, overloaded or undid a transaction: all may pass.
_PASSING = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,  # the driver stumbles over a connection that dies under it
)


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection that skips asyncpg's reset query: no service changes session state, each trip costs."""

    def get_reset_query(self) -> str:
        return ""


class _TracedConnection(TracedStatements, _Connection):
    """Such a connection while this process traces."""


class Database:
    """The connections to one service's database: made in the background, and telling of each commit."""

    def __init__(
        self,
        url: str,
        *schemas: Path,
        name: str,
        max_connections: int = 10,
        session: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url
        self._schemas = (SHARED_SCHEMA, *schemas)
        self._max_connections = max_connections
        self._session = {"application_name": name, "jit": "off", "timezone": "UTC", **(session or {})}
        self._pool: asyncpg.Pool | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._listeners: list[Callable[[], None]] = []

    @property
    def url(self) -> str:
        """Where the database is, for a connection that must not come from the pool."""
        return self._url

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each transaction of this process."""
        self._listeners.append(listener)

    def committed(self) -> None:
        """Tell the listeners that something was committed; `transaction` does it by itself."""
        for listener in self._listeners:
            listener()

    async def start(self) -> None:
        """Connect and apply the schema; when that takes long, go on trying in the background."""
        self._connecting = asyncio.create_task(self._connect(), name="database")
        await asyncio.wait({self._connecting}, timeout=_START_WAIT_S)

    async def stop(self) -> None:
        """Close every connection."""
        await tasks.end([self._connecting])
        if self._pool:
            try:
                async with asyncio.timeout(0.5):
                    await self._pool.close()
            except (*_PASSING, asyncpg.InterfaceError):
                self._pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection whose statements commit one by one.

        Raises:
            DatabaseUnavailable: there is no database now.
        """
        if self._pool is None:
            raise DatabaseUnavailable("not connected yet")
        connection: Connection | None = None
        try:
            async with self._pool.acquire(timeout=5) as connection:
                yield connection
        except _PASSING as error:
            raise DatabaseUnavailable(f"{type(error).__name__}: {error}") from error
        except asyncpg.InterfaceError as error:
            # Also raised for wrong arguments, which is a bug and must stay one.
            if connection is not None and not _is_lost(connection):
                raise
            raise DatabaseUnavailable(str(error)) from error

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Lend a connection inside a transaction that commits when the block ends well."""
        async with self.connection() as connection, connection.transaction():
            yield connection
        self.committed()

    async def ping(self) -> bool:
        """Say whether the database answers now."""
        try:
            async with self.connection() as connection:
                await connection.fetchval("SELECT 1", timeout=1)
        except DatabaseUnavailable:
            return False
        return True

    async def _connect(self) -> None:
        told = False
        while True:
            try:
                pool = await self._new_pool()
                await self._apply_schema(pool)
            except _PASSING as error:
                if not told:
                    log.warning("the database cannot be reached, trying on: %s", error)
                told = True
                await asyncio.sleep(_RETRY_S)
            else:
                self._pool = pool
                return

    async def _new_pool(self) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._max_connections,
            command_timeout=10,
            timeout=5,
            connection_class=_TracedConnection if spans.is_on() else _Connection,
            init=_prepare,
            server_settings=self._session,
        )

    async def _apply_schema(self, pool: asyncpg.Pool) -> None:
        """Apply the schema unless this very text was applied before.

        Even `CREATE INDEX IF NOT EXISTS` of an index that exists waits for every writer of its table, so one
        more process of a service would bring the others' transactions into deadlocks at its start.
        """
        statements = "\n".join(path.read_text() for path in self._schemas)
        digest = hashlib.sha256(statements.encode()).hexdigest()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _SCHEMA_LOCK)
            await connection.execute(_APPLIED)
            if await connection.fetchval("SELECT true FROM applied_schema WHERE sha256 = $1", digest):
                return
            await connection.execute(f"SET LOCAL lock_timeout = '{_SCHEMA_LOCK_WAIT}'")
            await connection.execute(statements)
            await connection.execute("INSERT INTO applied_schema (sha256) VALUES ($1)", digest)


async def _prepare(connection: Connection) -> None:
    """Let jsonb columns take and give Python values."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


def _is_lost(connection: Connection) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True  # the pool has taken it back already, because it broke
