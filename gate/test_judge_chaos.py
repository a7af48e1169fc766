"""What is made of a load under faults."""

from typing import Any

import pytest

from gate.criteria import outcome_of
from gate.judge_chaos import judge_chaos
from gate.outcome import Outcome

CONSERVED = {
    "attempted": 40, "acknowledged": 38, "seen": 38, "lost": [], "unexpected": [], "doubled": [],
    "mispriced": [], "leaked": [], "stuck": [], "complete": True,
}  # fmt: skip
KILL = {"kind": "kill", "process": "api", "undone": "", "unmended": "", "felt": "failures"}


def told(*faults: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The evidence of a run that went well, but for what is changed."""
    whole = {
        "planned": len(faults) or 1, "recovers_within_s": 20, "faults": list(faults) or [KILL],
        "recovered_after_s": 2.5, "crowded": "", "died": [], "doubt": "", "conservation": CONSERVED,
    }  # fmt: skip
    return whole | changed


SEEN = {
    "all well": (told(), Outcome.PASS, ""),
    "an order lost": (
        told(conservation=CONSERVED | {"lost": ["K7F3-0192"]}), Outcome.FAIL, "1 lost (K7F3-0192)"
    ),
    "nothing balanced": (told(conservation=None), Outcome.UNKNOWN, "no evidence was left"),
    "one fault not felt": (told(KILL, KILL | {"felt": ""}), Outcome.WARN, "nobody felt kill api"),
    "no fault felt": (told(KILL | {"felt": ""}), Outcome.UNKNOWN, "nobody felt kill api"),
    "felt by slowness alone": (told(KILL | {"felt": "slower than usual"}), Outcome.PASS, ""),
    "felt by slowness alone, beside others": (
        told(KILL | {"felt": "slower than usual"}, crowded="others have them"),
        Outcome.UNKNOWN,
        "nobody felt kill api for sure: others have them",
    ),
    "an answer lost": (
        told(conservation=CONSERVED | {"recovered": ["K7F3-0192"]}), Outcome.PASS, "and 1 more, whose"
    ),
    "usual not known": (
        told(KILL | {"felt": None}, recovered_after_s=None), Outcome.UNKNOWN, "too little came before"
    ),
    "a fault not done": (told(KILL | {"undone": "kill api: gone"}), Outcome.UNKNOWN, "kill api: gone"),
    "a fault left out": (told(KILL, planned=2), Outcome.UNKNOWN, "1 of 2 faults were done"),
    "a process stays away": (
        told(KILL | {"unmended": "api is not ready"}), Outcome.FAIL, "api is not ready"
    ),
    "a process died": (told(died=["pricing"]), Outcome.FAIL, "pricing ended by itself"),
    "recovers late": (told(recovered_after_s=31.0), Outcome.FAIL, "31 s after the last fault; allowed 20 s"),
    "never recovers": (told(recovered_after_s=None), Outcome.FAIL, "not as before the faults"),
    "recovers late beside others": (
        told(recovered_after_s=31.0, crowded="others have them"), Outcome.UNKNOWN, "others have them"
    ),
    "load not applied": (told(doubt="only 3 of 75 s"), Outcome.UNKNOWN, "only 3 of 75 s"),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_each_breach_and_each_doubt_has_its_outcome_and_its_reason(name: str) -> None:
    """What cannot be told never turns green."""
    document, outcome, why = SEEN[name]

    criteria = judge_chaos(document)

    assert outcome_of(criteria) is outcome
    reasons = [each.why for each in criteria if each.outcome is outcome]
    assert any(why in reason for reason in reasons), reasons
    assert outcome is Outcome.PASS or [each.outcome for each in criteria].count(Outcome.PASS) >= 3
