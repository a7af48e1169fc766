"""How deep a fuzz run went: refused throughout is no pass."""

import pytest

from contract.depth import VALID_SHARE, Depth

OPERATION = "POST /v1/orders"


def seen(*answers: tuple[int, bool]) -> Depth:
    """A run with these answers: status, and whether the request was meant to be valid."""
    depth = Depth()
    for status, positive in answers:
        depth.note(OPERATION, status, positive=positive)
    return depth


def test_valid_requests_that_were_accepted_prove_something() -> None:
    """One in two got through."""
    assert seen((201, True), (422, True), (422, False)).doubt(OPERATION, needs_share=VALID_SHARE) is None


def test_a_run_that_only_met_refusals_proves_nothing() -> None:
    """Every check would pass on a service that refuses everything."""
    doubt = seen((401, True), (401, True), (401, False)).doubt(OPERATION, needs_share=0.0)

    assert doubt == f"{OPERATION}: only 0 of 2 valid requests were accepted; seen by status {{401: 3}}"


def test_too_few_accepted_requests_prove_too_little() -> None:
    """One in ten is luck."""
    depth = seen((201, True), *[(422, True)] * 9)

    assert depth.doubt(OPERATION, needs_share=VALID_SHARE)
    assert depth.doubt(OPERATION, needs_share=0.1) is None


def test_nothing_valid_sent_proves_nothing() -> None:
    """Only wrong requests were generated."""
    assert "no request was meant to be valid" in str(seen((422, False)).doubt(OPERATION, needs_share=0.0))


def test_a_failure_outranks_the_doubt() -> None:
    """A run that stopped at its first finding did not go deep, and need not."""
    depth = seen((500, True))

    with pytest.raises(AssertionError), depth.unless_failed(OPERATION):
        raise AssertionError

    assert depth.doubt(OPERATION, needs_share=VALID_SHARE) is None
