"""A PostgreSQL of the tests' own, with an empty database for each service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fixtures.testbed.ports import Ports
from fixtures.testbed.postgres import NativePostgres
from fixtures.testbed.readiness import await_all
from fixtures.testbed.runs import State
from fixtures.testbed.secrets import Secrets


@pytest.fixture(scope="session")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NativePostgres]:
    """A server that ends with the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    (folder / "logs").mkdir()
    state = State(folder)
    state.claim()
    server = NativePostgres(state.path, state.run_id, folder / "logs" / "postgres.log", Ports(), Secrets())
    try:
        server.prepare()
        server.start()
        await_all([server], within_s=30)
        server.secure()
        yield server
    finally:
        server.stop()
        state.release()
