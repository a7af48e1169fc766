"""Sensitivity: diffs are read strictly, planted in a copy alone, and only a FAIL counts as caught."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from fixtures.tables import BadFile
from fixtures.testbed.runs import REPOSITORY
from gate.criteria import Criterion
from gate.outcome import Outcome
from gate.record import RunRecord
from gate.sensitivity import pages
from gate.sensitivity.defect import Defect, DoesNotApply, plant, read
from gate.sensitivity.matrix import (
    Result,
    Row,
    clean_row,
    compared_row,
    outcome_of,
    row_of,
    told,
    unknown_row,
)
from gate.verdict import Verdict
from load.chaos.schedule import SCHEDULES

HEADER = "Symptom: orders cost too little\nExpected: e2e\n\n"
DIFF = """diff --git a/sut/price.py b/sut/price.py
--- a/sut/price.py
+++ b/sut/price.py
@@ -1,2 +1,2 @@
 # the price
-PRICE = 5
+PRICE = 4
"""
DEFECTS = REPOSITORY / "sut" / "defects"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A release of one file."""
    (tmp_path / "release" / "sut" / "defects").mkdir(parents=True)
    (tmp_path / "release" / "sut" / "price.py").write_text("# the price\nPRICE = 5\n")
    return tmp_path / "release"


@pytest.fixture
def defects(tmp_path: Path) -> Path:
    """A folder with one good defect."""
    (tmp_path / "defects").mkdir()
    (tmp_path / "defects" / "cheap.diff").write_text(HEADER + DIFF)
    return tmp_path / "defects"


def a_verdict(*criteria: Criterion, outcome: Outcome) -> Verdict:
    """A verdict that rests on these criteria."""
    record = RunRecord("r", "pr", 1, {}, {}, ("smoke",), False, "2026-11-22T12:00:00+00:00")
    return Verdict(record, outcome, criteria, ())


def test_defect_is_read_with_its_header(defects: Path) -> None:
    """Name, symptom and expected stage are what the table shows."""
    path = defects / "cheap.diff"

    assert read(defects) == [Defect("cheap", path, "orders cost too little", "e2e")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (DIFF, "Symptom"),
        ("Symptom: x\n" + DIFF, "Expected"),
        (DIFF + HEADER, "Symptom"),
        ("Symptom: x\nExpected: lunch\n" + DIFF, "lunch"),
        (HEADER + DIFF.replace("sut/price.py", "e2e/conftest.py"), "touches e2e/conftest.py"),
        (HEADER + DIFF.replace("b/sut/price.py", "b/gate/price.py"), "touches gate/price.py"),
        (HEADER + DIFF.replace("sut/price.py", "sut/../gate/x.py"), "touches sut/../gate/x.py"),
    ],
)
def test_diff_without_header_or_beyond_sut_is_refused(defects: Path, text: str, said: str) -> None:
    """A planted defect may break the system under test and nothing else."""
    (defects / "cheap.diff").write_text(text)

    with pytest.raises(BadFile, match=said):
        read(defects)


def test_unknown_name_is_refused_with_those_that_there_are(defects: Path) -> None:
    """A slip of the pen does not pass as «all caught»."""
    with pytest.raises(BadFile, match=r"no dear\.diff; there are: cheap"):
        read(defects, ["dear"])


def test_unknown_name_among_many_is_refused_with_those_that_are_like_it() -> None:
    """Nobody searches a hundred names for the one that was meant."""
    with pytest.raises(
        BadFile, match=r"no order-lost-on-crsh\.diff; nearest: order-lost-on-crash"
    ) as refused:
        read(DEFECTS, ["order-lost-on-crsh"])

    assert len(str(refused.value)) < 400


def test_defect_is_planted_in_a_copy_alone(release: Path, defects: Path, tmp_path: Path) -> None:
    """The release itself stays as it is."""
    plant(read(defects)[0], release, tmp_path / "copy")

    assert (tmp_path / "copy" / "sut" / "price.py").read_text() == "# the price\nPRICE = 4\n"
    assert (release / "sut" / "price.py").read_text() == "# the price\nPRICE = 5\n"


def test_defect_is_planted_also_inside_of_a_repository(release: Path, defects: Path) -> None:
    """Below a repository git would silently skip the diff; it must not see one."""
    scratch = REPOSITORY / ".assay" / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)

    with TemporaryDirectory(dir=scratch) as copy:
        plant(read(defects)[0], release, Path(copy) / "planted")

        assert "PRICE = 4" in (Path(copy) / "planted" / "sut" / "price.py").read_text()


@pytest.mark.parametrize("change", ["PRICE = 6", "", "# the price\nPRICE = 4"])
def test_diff_that_does_not_apply_is_told_in_gits_words(
    release: Path, defects: Path, tmp_path: Path, change: str
) -> None:
    """A release that has moved on makes its defects unknown, never caught."""
    (release / "sut" / "price.py").write_text(change)

    with pytest.raises(DoesNotApply, match=r"patch failed: sut/price\.py:1"):
        plant(read(defects)[0], release, tmp_path / "copy")


def test_diff_that_changes_nothing_is_no_defect(release: Path, defects: Path, tmp_path: Path) -> None:
    """An empty diff cannot be caught."""
    (defects / "cheap.diff").write_text(
        HEADER + DIFF.replace("4", "5").replace("-PRICE = 5\n+PRICE = 5\n", "")
    )

    with pytest.raises(DoesNotApply):
        plant(read(defects)[0], release, tmp_path / "copy")


@pytest.mark.parametrize(
    ("outcomes", "verdict", "expected"),
    [
        ([Outcome.PASS, Outcome.FAIL], Outcome.FAIL, Result.CAUGHT),
        ([Outcome.UNKNOWN, Outcome.FAIL], Outcome.FAIL, Result.CAUGHT),
        ([Outcome.UNKNOWN], Outcome.UNKNOWN, Result.UNKNOWN),
        ([Outcome.PASS], Outcome.PASS, Result.ESCAPED),
        ([Outcome.WARN], Outcome.WARN, Result.ESCAPED),
    ],
)
def test_only_a_fail_catches(outcomes: list[Outcome], verdict: Outcome, expected: Result) -> None:
    """A warning lets a defect out, and not knowing is not catching."""
    criteria = [Criterion(f"c{at}", "smoke", "t", outcome) for at, outcome in enumerate(outcomes)]

    row = row_of("d", "s", "smoke", a_verdict(*criteria, outcome=verdict), seconds=1, run="r")

    assert row.result is expected


def test_catch_is_named_by_the_test_rather_than_its_stage() -> None:
    """The table leads to the check that did it."""
    whole = Criterion("e2e.tests", "e2e", "t", Outcome.FAIL)
    single = Criterion("e2e/t.py::test_price", "e2e", "t", Outcome.FAIL, "assert 4 == 5\nmore")

    row = row_of("d", "s", "e2e", a_verdict(whole, single, outcome=Outcome.FAIL), seconds=1, run="r")

    assert (row.stage, row.by, row.why) == ("e2e", "e2e/t.py::test_price", "assert 4 == 5")


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Outcome.PASS, Result.GREEN),
        (Outcome.WARN, Result.GREEN),
        (Outcome.FAIL, Result.FALSE_ALARM),
        (Outcome.UNKNOWN, Result.UNKNOWN),
    ],
)
def test_clean_release_must_be_left_alone(verdict: Outcome, expected: Result) -> None:
    """A gate that cries wolf is as bad as one that sleeps."""
    assert clean_row(a_verdict(outcome=verdict), seconds=1, run="r").result is expected


def test_matrix_folds_to_the_exit_code() -> None:
    """0 all caught and green, 1 escaped or false alarm, 2 unknown; the worst wins."""
    caught = Row("d", "s", "e2e", Result.CAUGHT)
    escaped, unknown = replace(caught, result=Result.ESCAPED), unknown_row("d", "s", "e2e", "does not apply")
    green = clean_row(a_verdict(outcome=Outcome.PASS), seconds=1, run="r")
    alarm = replace(green, result=Result.FALSE_ALARM)

    codes = [
        outcome_of(rows).exit_code
        for rows in (
            [caught, green],
            [caught, escaped],
            [caught, alarm],
            [caught, unknown],
            [unknown, escaped],
            [],
        )
    ]

    assert codes == [0, 1, 1, 2, 1, 2]


def test_matrix_is_kept_as_json_page_and_markdown(tmp_path: Path) -> None:
    """The release manager, the next program and the README each get theirs."""
    row = Row(
        "cheap", "orders cost too little | <b>", "e2e", Result.CAUGHT, "e2e", "t.py::test_price", "", 12.0
    )

    page = pages.write(tmp_path, [row])

    assert told([row]) == "1 of 1 defects caught, no clean run"
    assert (
        "| cheap | orders cost too little \\| <b> | caught | e2e | `t.py::test_price` | 12 |"
        in pages.markdown([row])
    )
    assert "&lt;b&gt;" in page.read_text()
    assert (tmp_path / "sensitivity.json").is_file()


@pytest.mark.parametrize("defect", read(DEFECTS) if DEFECTS.is_dir() else [], ids=lambda defect: defect.name)
def test_whoever_is_near_a_planted_defect_is_there(defect: Defect) -> None:
    """A file or a test that was moved would be asked in vain, and every stage after it."""
    assert [near for near in defect.near if not _is_there(*near.partition("::")[::2])] == []
    assert defect.expected == "e2e" or not defect.near


def _is_there(path: str, test: str) -> bool:
    file = REPOSITORY / path
    return file.is_file() and (not test or f"def {test}(" in file.read_text(encoding="utf-8"))


def test_header_may_name_scenarios_that_are_asked_first(defects: Path) -> None:
    """They are read as they stand there; without them nobody is nearer than others."""
    path = defects / "cheap.diff"
    assert read(defects)[0].near == ()

    path.write_text("Near: e2e/a.py e2e/b.py\n" + path.read_text())

    assert read(defects)[0].near == ("e2e/a.py", "e2e/b.py")


@pytest.mark.parametrize("defect", read(DEFECTS) if DEFECTS.is_dir() else [], ids=lambda defect: defect.name)
def test_every_planted_defect_applies_to_this_release(defect: Defect, tmp_path: Path) -> None:
    """A defect that no longer applies proves nothing; whoever changes the code mends it."""
    plant(defect, REPOSITORY, tmp_path / "copy")


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Symptom: x\nExpected: e2e\nProfile: smoke\n\n", "Profile: smoke; allowed: beside «Expected: load»"),
        ("Symptom: x\nExpected: load\nProfile: lunch\n\n", "Profile: lunch; allowed"),
        ("Symptom: x\nExpected: chaos\n\n", "Schedule: ; allowed: beside «Expected: chaos», and only there"),
        (
            "Symptom: x\nExpected: chaos\nSchedule: lunch\n\n",
            "Schedule: lunch; .* flapping, pile-up,",
        ),
        ("Symptom: x\nExpected: e2e\nSchedule: rolling\n\n", "Schedule: rolling; allowed: beside"),
    ],
)
def test_profile_or_schedule_that_nobody_runs_is_refused(defects: Path, header: str, said: str) -> None:
    """A profile is of the load, a schedule of chaos, and each is known."""
    (defects / "cheap.diff").write_text(header + DIFF)

    with pytest.raises(BadFile, match=said):
        read(defects)


def test_defect_that_chaos_is_to_find_names_its_schedule(defects: Path) -> None:
    """What shows where several things fail at once is looked for in the same way each time."""
    (defects / "cheap.diff").write_text("Symptom: x\nExpected: chaos\nSchedule: rolling\n\n" + DIFF)

    assert read(defects)[0].schedule == SCHEDULES / "rolling.toml"


def test_defect_may_name_its_load_profile(defects: Path) -> None:
    """What shows only after a while is looked for that long."""
    (defects / "cheap.diff").write_text("Symptom: x\nExpected: load\nProfile: steady\n\n" + DIFF)

    assert read(defects)[0].profile == "steady"


@pytest.mark.parametrize(
    ("outcome", "result"),
    [
        (Outcome.FAIL, Result.CAUGHT),
        (Outcome.PASS, Result.ESCAPED),
        (Outcome.UNKNOWN, Result.UNKNOWN),
    ],
)
def test_defect_that_a_comparison_must_find(outcome: Outcome, result: Result) -> None:
    """A claim catches; noise does not."""
    row = compared_row("d", "s", "compare", outcome, "orders: +25 %", seconds=1, run="r")

    assert row.result is result
    assert (row.by or row.why) == "orders: +25 %"
