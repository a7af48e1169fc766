"""Judge a load under faults: pure, from chaos.json."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gate.criteria import Criterion
from gate.judge_load import how_many, judge_conservation
from gate.outcome import Outcome
from load.chaos.seconds import FAILED

STAGE = "chaos"
EVIDENCE, LOAD = "evidence/chaos.json", "evidence/load.json"


def judge_chaos(document: Mapping[str, Any]) -> list[Criterion]:
    """Return what is owed under faults: that they were real and felt, that all came back, and every order."""
    faults: Sequence[Mapping[str, Any]] = document["faults"]
    return [
        _criterion("load", "The planned load was applied", *_applied(document), evidence=LOAD),
        _criterion("faults", "Every fault was done", *_done(faults, document["planned"])),
        _felt(document),
        _criterion("return", "Every process came back, and none died of itself", *_returned(document)),
        _recovered(document),
        _orders(document["conservation"]),
    ]


def _criterion(
    name: str, title: str, outcome: Outcome, why: str, *, evidence: str = EVIDENCE, **more: Any
) -> Criterion:
    return Criterion(f"{STAGE}.{name}", STAGE, title, outcome, why=why, key=True, evidence=evidence, **more)


def _applied(document: Mapping[str, Any]) -> tuple[Outcome, str]:
    doubt = str(document["doubt"])
    return (Outcome.UNKNOWN, doubt) if doubt else (Outcome.PASS, "")


def _done(faults: Sequence[Mapping[str, Any]], planned: int) -> tuple[Outcome, str]:
    undone = [str(each["undone"]) for each in faults if each["undone"]]
    if undone:
        return Outcome.UNKNOWN, "; ".join(undone)
    if len(faults) < planned:
        return Outcome.UNKNOWN, f"{len(faults)} of {planned} faults were done"
    return Outcome.PASS, ""


def _felt(document: Mapping[str, Any]) -> Criterion:
    """A fault that nobody felt proves nothing; where it was not the only one, the others do.

    Where others have the machine's processors, all is slower by itself: then failures alone count.
    """
    faults, by_failures_alone = document["faults"], bool(document["crowded"])
    unfelt = [
        f"{each['kind']} {each['process']}"
        for each in faults
        if not each["felt"] or (by_failures_alone and each["felt"] != FAILED)
    ]
    count = len(faults) - len(unfelt)
    outcome = Outcome.PASS if not unfelt else Outcome.WARN if count else Outcome.UNKNOWN
    why = f"nobody felt {', '.join(unfelt)}" if unfelt else ""
    if unfelt and by_failures_alone:
        why += f" for sure: {document['crowded']}"
    if any(each["felt"] is None for each in faults):
        outcome, why = Outcome.UNKNOWN, "too little came before the first fault to say what is usual"
    title = "The load felt the faults"
    return _criterion("felt", title, outcome, why, value=float(count), unit=f"of {len(faults)}")


def _orders(found: Mapping[str, Any] | None) -> Criterion:
    judged = judge_conservation(STAGE, found, LOAD)
    if not found or judged.outcome is not Outcome.PASS:
        return judged
    recovered = how_many(found.get("recovered"))
    why = f"and {recovered} more, whose answer was lost" if recovered else ""
    return replace(judged, why=why, unit=f"of {judged.samples} orders wrong")


def _returned(document: Mapping[str, Any]) -> tuple[Outcome, str]:
    missing = [str(each["unmended"]) for each in document["faults"] if each["unmended"]]
    missing += [f"{process} ended by itself" for process in document["died"]]
    return (Outcome.FAIL, "; ".join(missing)) if missing else (Outcome.PASS, "")


def _recovered(document: Mapping[str, Any]) -> Criterion:
    after_s, within_s = document["recovered_after_s"], document["recovers_within_s"]
    known = any(each["felt"] is not None for each in document["faults"])
    if after_s is not None:
        outcome = Outcome.PASS if after_s <= within_s else Outcome.FAIL
        why = "" if outcome is Outcome.PASS else f"{after_s:g} s after the last fault; allowed {within_s:g} s"
    elif known:
        outcome, why = Outcome.FAIL, "it was not as before the faults until the load ended"
    else:
        outcome, why = Outcome.UNKNOWN, "what is usual is not known"
    if outcome is Outcome.FAIL and document["crowded"]:
        outcome, why = Outcome.UNKNOWN, f"{why}; {document['crowded']}"
    title, bound = "It is itself again after the last fault", f"s <= {within_s:g}"
    return _criterion("recovery", title, outcome, why, value=after_s, unit="s", pass_bound=bound)
