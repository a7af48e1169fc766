"""The released partner API: what was promised is still served, and still behind its lock."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from contract import under_test
from contract.compatibility import breaches, operation_breaches
from contract.documents import Operation, operations, released
from contract.exemptions import expired, load_exemptions, not_tolerated
from fixtures.connection import Connection
from fixtures.personas import Partner
from fixtures.testbed.own import release_of_run
from fixtures.testbed.target import Target

RELEASED = released()
LOCKED = [operation for operation in operations(RELEASED) if operation.security]
WRITTEN_WITHIN_S = 30
SOME_ID = "00000000-0000-4000-8000-000000000000"
WHAT_TO_DO = """
If this is not meant: mend the service.
If it is meant: write what GET /openapi.json serves over contract/openapi/api.json, in the same commit.
If it is to be tolerated for a while: add to contract/exemptions.toml
  [[exemption]]
  breach = "{}"
  owner = "…"
  reason = "…"
  expires = 2026-12-31"""


def told(broken: tuple[str, ...]) -> str:
    """What is broken, and what to do about it."""
    return "\n".join([*broken, WHAT_TO_DO.format(broken[0])]) if broken else ""


@pytest.fixture(scope="module")
def served(target: Target) -> dict[str, object]:
    """The document that the system serves now."""
    return under_test.served(target.urls.api)


def test_the_document_is_served_as_json(target: Target) -> None:
    """Who writes a client needs the document, and no key to read it."""
    answer = httpx.get(f"{target.urls.api}/openapi.json", timeout=10.0, trust_env=False)

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


@pytest.mark.slow
def test_the_document_that_is_written_for_a_release_is_the_one_that_is_served(
    tmp_path: Path, target: Target, served: dict[str, object]
) -> None:
    """Whoever makes a client from the released file makes it for the service that is there."""
    if target.control is None:
        pytest.skip("somebody else's release is not ours to write documents of")
    written = tmp_path / "api.json"

    command = [sys.executable, "-m", "sut.api.release", str(written)]
    subprocess.run(command, cwd=release_of_run(), check=True, timeout=WRITTEN_WITHIN_S)

    there, here = parts(served), parts(json.loads(written.read_text(encoding="utf-8")))
    assert [part for part in there.keys() | here.keys() if there.get(part) != here.get(part)] == []


def parts(document: Mapping[str, object]) -> dict[str, object]:
    """Every part of a document, and each of its operations, by name: few words where two of them differ."""
    return {**document, **{operation.label: operation.definition for operation in operations(document)}}


@pytest.mark.parametrize("old", [*operations(RELEASED)], ids=lambda operation: operation.label)
def test_an_operation_is_served_as_released(old: Operation, served: dict[str, object]) -> None:
    """Who wrote a client against the released document can go on using it."""
    now = {operation.label: operation for operation in operations(served)}

    broken = not_tolerated(
        operation_breaches(old, now.get(old.label)), load_exemptions(), today=datetime.now(UTC).date()
    )

    assert not broken, told(broken)


def test_nothing_else_of_the_document_is_broken(served: dict[str, object]) -> None:
    """What belongs to no single operation, such as where the key goes, is kept as well."""
    per_operation = tuple(f"{operation.label}: " for operation in operations(RELEASED))
    rest = tuple(line for line in breaches(RELEASED, served) if not line.startswith(per_operation))

    broken = not_tolerated(rest, load_exemptions(), today=datetime.now(UTC).date())

    assert not broken, told(broken)


def test_no_exemption_has_expired() -> None:
    """Somebody promised to be done by then."""
    gone = expired(load_exemptions(), today=datetime.now(UTC).date())

    assert not gone, "\n".join(f"{e.breach}: expired on {e.expires}, ask {e.owner}" for e in gone)


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "no-such-key"}], ids=["no-key", "wrong-key"])
@pytest.mark.parametrize("operation", LOCKED, ids=lambda operation: operation.label)
def test_a_released_operation_refuses_callers_without_a_key(
    operation: Operation, headers: dict[str, str], target: Target
) -> None:
    """What was released behind a key is behind it, whatever the served document says today."""
    answer = call(operation, target.urls.api, headers)

    assert answer.status_code == 401, f"{operation.label} answers {answer.status_code} without a valid key"
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers.get("www-authenticate")


@pytest.mark.parametrize("operation", LOCKED, ids=lambda operation: operation.label)
def test_a_key_opens_a_released_operation(operation: Operation, partner: Partner) -> None:
    """With a key the same request gets past the lock; without this, a dead service would look well locked."""
    answer = call(operation, partner.door.base_url, {"X-API-Key": partner.door.http.headers["X-API-Key"]})

    assert answer.status_code not in (401, 403, 405)
    assert answer.status_code < 500


def call(operation: Operation, api_url: str, headers: dict[str, str]) -> httpx.Response:
    """Send the plainest request that the operation's address takes."""
    with Connection(api_url, headers=headers) as caller:  # httpx.request() reads all certificates each time
        return caller.http.request(operation.method, re.sub(r"{\w+}", SOME_ID, operation.path))


def test_every_served_operation_is_documented(served: dict[str, object]) -> None:
    """A partner's developer learns from the document what an operation does and how it refuses."""
    lacking = [f"{operation.label}: {lack}" for operation in operations(served) for lack in lacks(operation)]

    assert lacking == []


def lacks(operation: Operation) -> list[str]:
    """What a document should say of an operation and does not."""
    found = [
        f"no {field}"
        for field in ("operationId", "summary", "description")
        if not str(operation.definition.get(field, "")).strip()
    ]
    if not any(status.startswith("2") for status in operation.responses):
        found.append("no answer of success")
    if operation.security and "401" not in operation.responses:
        found.append("no 401, though it needs a key")
    if operation.body is not None and not {"400", "413", "415", "422"} <= operation.responses.keys():
        found.append("takes a body and does not say how it refuses one (400, 413, 415, 422)")
    for status, response in operation.responses.items():
        if status.startswith("4") and "application/problem+json" not in response.get("content", {}):
            found.append(f"{status} without application/problem+json")
    return found
