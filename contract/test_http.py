"""The partner API against its own document: Schemathesis with every phase, links, a key and our checks."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import allure
import pytest
import schemathesis
from hypothesis import settings
from schemathesis import AuthContext, Case, GenerationMode, Response
from schemathesis.config import SchemathesisConfig

from contract import checks, generation, under_test
from contract.depth import VALID_SHARE, Depth
from fixtures.evidence import Inconclusive
from fixtures.testbed.target import Target

SCENARIOS = 20
DECISIONS = ("approve", "cancel", "confirm-receipt")
"""Each order can be decided on once, so most valid requests are rightly refused: one accepted is enough."""

generation.register_stl()
CONFIG = SchemathesisConfig.from_path(Path(__file__).parent / "schemathesis.toml")
if examples := os.environ.get("ASSAY_EXAMPLES"):  # the gate asks for more by night and fewer by day
    CONFIG.projects.default.generation.update(max_examples=int(examples))
SCHEMA = schemathesis.openapi.from_dict(under_test.document(), config=CONFIG)
DEPTH = Depth()
assert checks, "importing them registers them"

generation.point_at_real_things()


@SCHEMA.auth()
class Key:
    """Signs requests as the contract's own partner."""

    def get(self, case: Case[Any], context: AuthContext) -> str:
        """Return what stands for the key until a request is sent."""
        return generation.KEY_TO_COME

    def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
        """Add it to a request."""
        case.headers[generation.KEY_HEADER] = data


def note(case: Case[Any], response: Response) -> None:
    """Count what became of a request."""
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    DEPTH.note(case.operation.label, response.status_code, positive=positive)


@pytest.fixture(autouse=True)
def in_report(request: pytest.FixtureRequest, target: Target) -> None:
    """Give each operation a history of its own, or Allure shows them as retries of one and loses failures."""
    allure.dynamic.parameter("operation", getattr(request.node, "operation_label", request.node.name))


@pytest.fixture
def went_deep(request: pytest.FixtureRequest) -> Iterator[None]:
    """Refuse to call a run good that was turned away at the door."""
    yield
    operation = getattr(request.node, "operation_label", "")
    needs_share = 0.0 if operation.endswith(DECISIONS) else VALID_SHARE
    if doubt := DEPTH.doubt(operation, needs_share=needs_share):
        raise Inconclusive(doubt)


@SCHEMA.parametrize()
@pytest.mark.usefixtures("went_deep")
def test_operation_keeps_its_contract(case: Case[Any]) -> None:
    """Whatever is sent to an operation, right or wrong, is answered as the document says."""
    base_url = under_test.needed_target().urls.api

    with DEPTH.unless_failed(case.operation.label):
        note(case, case.call_and_validate(base_url=base_url))


class Links(SCHEMA.as_state_machine()):  # type: ignore[misc] # made at run time
    """Follows the document's links from operation to operation."""

    def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
        """Send every step to the target."""
        return {"base_url": under_test.needed_target().urls.api}


TestLinks = Links.TestCase
TestLinks.settings = settings(
    TestLinks.settings, max_examples=SCENARIOS, stateful_step_count=8, database=None, derandomize=True
)
