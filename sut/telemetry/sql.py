"""A span for each SQL statement of a trace that is recorded; what runs outside of one makes none."""

from __future__ import annotations

import re
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any

import asyncpg

from sut.telemetry import spans
from sut.telemetry.spans import Named, Span
from sut.telemetry.wire import Kind, Value

_TEXT_LONGEST = 400
_UNSEEN = ("BEGIN", "ROLLBACK")  # a transaction is seen by its statements and its COMMIT
_OPERATION = re.compile(r"\b(INSERT INTO|DELETE FROM|UPDATE|SELECT|COMMIT|TRUNCATE)\b")
_TARGET = re.compile(r"\b(?:INTO|(?<!epoch )FROM|UPDATE|TRUNCATE)\s+(?!SELECT\b)([a-z_]+)")


class TracedStatements(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection whose statements are seen; asyncpg's pool calls these by their names."""

    def execute(self, query: str, *arguments: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """Run a statement."""
        return _seen(query, super().execute(query, *arguments, **options))

    def executemany(self, query: str, *arguments: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """Run a statement for several sets of arguments."""
        return _seen(query, super().executemany(query, *arguments, **options))

    def fetch(self, query: str, *arguments: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """Run a statement and return its rows."""
        return _seen(query, super().fetch(query, *arguments, **options))

    def fetchrow(self, query: str, *arguments: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """Run a statement and return its first row."""
        return _seen(query, super().fetchrow(query, *arguments, **options))

    def fetchval(self, query: str, *arguments: Any, **options: Any) -> Coroutine[Any, Any, Any]:
        """Run a statement and return one value."""
        return _seen(query, super().fetchval(query, *arguments, **options))


def _seen(query: str, running: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any]:
    """Return what runs a statement, as it is where nothing is recorded."""
    parent = spans.recording()
    if parent is None or (named := _statement(query)) is None:
        return running
    return _recorded(Span(named, parent.trace_id, parent.span_id, True), running)


async def _recorded(span: Span, running: Coroutine[Any, Any, Any]) -> Any:
    try:
        return await running
    except BaseException as error:
        span.fail(type(error).__name__)
        raise
    finally:
        span.end()


@lru_cache(1024)
def _statement(query: str) -> Named | None:
    """Name a statement; the text has no values, because they are arguments."""
    text = " ".join(query.split())
    if text.startswith(_UNSEEN):
        return None
    operation = _OPERATION.search(text)
    words = operation[1].partition(" ")[0] if operation else text.partition(" ")[0]
    target = _TARGET.search(text, operation.start() if operation else 0)
    attributes: dict[str, Value] = {
        "db.system.name": "postgresql",
        "db.operation.name": words,
        "db.query.text": text[:_TEXT_LONGEST],
    }
    if target:
        attributes["db.collection.name"] = target[1]
    return Named(f"{words} {target[1]}" if target else words, Kind.CLIENT, attributes)
