"""Fills a table quickly: without its indexes, which are made anew behind the rows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

_WITHIN_S = 600
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = $1::text::regclass
"""
# The definition of a partitioned table's index says ONLY, and would leave the partitions without.
_INDEXES = """
    SELECT format('DROP INDEX %s', indexrelid::regclass),
           replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    FROM pg_index WHERE indrelid = $1::text::regclass
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


@asynccontextmanager
async def without_indexes(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Drop a table's indexes and make them again, in the caller's transaction, which locks the table."""
    kept = [tuple(row) for query in (_CONSTRAINTS, _INDEXES) for row in await connection.fetch(query, table)]
    for drop, _ in reversed(kept):
        await connection.execute(drop)
    yield
    await connection.execute("SET LOCAL maintenance_work_mem = '128MB'")
    for _, make in kept:
        await connection.execute(make, timeout=_WITHIN_S)
