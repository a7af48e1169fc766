"""Judge the drills of a run: pure, from drill-times.json."""

from collections.abc import Mapping

from gate.criteria import Criterion
from gate.outcome import Outcome

FIRES_WITHIN_S = 90
"""As in `fixtures/drill.py`: at a drill's pace, with the released bounds."""
_FIGURES = ("fired_s", "mailed_s", "ended_s", "over_mailed_s")


def judge_drills(stage: str, found: Mapping[str, object] | None, evidence: str) -> list[Criterion]:
    """Return one criterion for each alert that was drilled; its value is the time until it fired.

    What failed is told by its test; here a drill that has not come to its end is UNKNOWN.
    """
    drills = (found or {}).get("drills")
    if not isinstance(drills, list) or not drills:
        title, why = "Every alert has been seen", "no evidence of the drills was left"
        return [Criterion(f"{stage}.times", stage, title, Outcome.UNKNOWN, why, key=True, evidence=evidence)]
    return [_of(stage, drill, evidence) for drill in drills if isinstance(drill, Mapping)]


def _of(stage: str, drill: Mapping[str, object], evidence: str) -> Criterion:
    alert = str(drill.get("alert"))
    figures = [_seconds(drill.get(name)) for name in _FIGURES]
    whole = None not in figures and not drill.get("failure")
    mailed, ended, over = ("–" if figure is None else f"{figure:.1f} s" for figure in figures[1:])
    told = f"mailed after {mailed}; over {ended} after the fault, mailed after {over}"
    return Criterion(
        id=f"{stage}.{alert}",
        stage=stage,
        title=f"{alert} fires, is mailed, and ends",
        outcome=Outcome.PASS if whole else Outcome.UNKNOWN,
        why=told if whole else str(drill.get("failure") or "the drill did not come to its end"),
        value=figures[0],
        unit="s until it fires",
        pass_bound=f"<= {FIRES_WITHIN_S}",
        headroom_share=None if figures[0] is None else round(1 - figures[0] / FIRES_WITHIN_S, 4),
        evidence=evidence,
    )


def _seconds(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
