"""Versions: a reference, a defect or a directory is laid out; anything else is refused in one line."""

import subprocess
from pathlib import Path

import pytest

from fixtures.testbed.runs import REPOSITORY
from load.comparing.plants import ENDPOINTS, plant_dearer
from load.comparing.versions import NoSuchVersion, versions
from load.processor_time import Meter, of_process_ns

DEFECT = "n-plus-one-on-the-order-list"


def test_a_defect_is_compared_with_the_release_without_it(tmp_path: Path) -> None:
    """By its name or by its path; the later version is the one with it."""
    found = versions(DEFECT, REPOSITORY, tmp_path / "a")
    again = versions(str(REPOSITORY / "sut" / "defects" / f"{DEFECT}.diff"), REPOSITORY, tmp_path / "b")

    before, after = (
        (root / "sut/api/orders.py").read_text() for root in (found.before_root, found.after_root)
    )
    assert before != after
    assert before == (REPOSITORY / "sut/api/orders.py").read_text()
    assert again.after == found.after == f"with {DEFECT}"


def test_any_diff_of_the_system_is_compared(tmp_path: Path) -> None:
    """Made by git diff, without a word on what it breaks; not one that touches something else."""
    planted = (REPOSITORY / "sut" / "defects" / f"{DEFECT}.diff").read_text().partition("--- ")
    (tmp_path / "mine.diff").write_text("".join(planted[1:]))
    (tmp_path / "wide.diff").write_text("--- a/gate/cli.py\n+++ b/gate/cli.py\n@@ -1 +1 @@\n-x\n+y\n")
    (tmp_path / "binary.diff").write_bytes(b"\xff\xfe")

    assert versions(str(tmp_path / "mine.diff"), REPOSITORY, tmp_path / "a").after == "with mine"
    with pytest.raises(NoSuchVersion, match="may touch sut/ alone"):
        versions(str(tmp_path / "wide.diff"), REPOSITORY, tmp_path / "b")
    with pytest.raises(NoSuchVersion, match="is no text in UTF-8"):
        versions(str(tmp_path / "binary.diff"), REPOSITORY, tmp_path / "c")


def test_a_git_reference_is_taken_out_of_the_repository(tmp_path: Path) -> None:
    """Without a touch to the work tree; this release is the later version."""
    before = _status()

    found = versions("HEAD", REPOSITORY, tmp_path)

    assert (found.before, found.after) == ("HEAD", "this release")
    assert (found.before_root / "sut" / "api" / "__main__.py").is_file()
    assert _status() == before


def test_a_directory_is_copied(tmp_path: Path) -> None:
    """What is changed there while both run changes nothing."""
    found = versions(str(REPOSITORY), REPOSITORY, tmp_path)

    assert (found.before_root / "sut" / "api").is_dir()
    assert found.before_root != REPOSITORY


@pytest.mark.parametrize("reference", ["no-such-ref", "--output=x", "no-such.diff", "/nowhere", ""])
def test_what_is_no_version_is_refused_with_what_is_allowed(tmp_path: Path, reference: str) -> None:
    """One line, and nothing else happens."""
    with pytest.raises(NoSuchVersion, match="allowed: a git reference, a"):
        versions(reference, REPOSITORY, tmp_path)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.operation)
def test_a_known_regression_is_planted_in_one_service(tmp_path: Path, endpoint: object) -> None:
    """The planted module is right Python, and served."""
    found = versions(str(REPOSITORY), REPOSITORY, tmp_path)

    plant_dearer(found.before_root, endpoint, "latency", 0.001)  # type: ignore[arg-type]  # of ENDPOINTS

    compile((found.before_root / "sut" / "planted.py").read_text(), "planted.py", "exec")
    assert "planted.Dearer(app), settings" in (found.before_root / "sut" / "server.py").read_text()


def test_processor_time_of_a_process_is_read_to_less_than_a_millisecond() -> None:
    """A child that burns a tenth of a second has used it; one that sleeps has not."""
    code = "import time\nwhile time.process_time() < 0.2: pass\nprint('done', flush=True)\ninput()"
    with subprocess.Popen(["python3", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        meter = Meter([child.pid])
        assert child.stdout is not None
        assert child.stdin is not None
        child.stdout.readline()

        used_ns, idle_ns = meter.used_ns(), meter.used_ns()

        child.stdin.close()
    assert used_ns > 90e6
    assert idle_ns < 5e6
    with pytest.raises(ProcessLookupError):
        of_process_ns(child.pid)


def _status() -> str:
    command = ["git", "-C", str(REPOSITORY), "status", "--short"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
