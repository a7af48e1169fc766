"""What is compared: a git reference, a planted defect or a directory, each with a sut/ of its own."""

import subprocess
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from fixtures.tables import BadFile
from fixtures.testbed.runs import REPOSITORY
from gate.sensitivity.defect import DoesNotApply, any_diff, copy_release, plant

DEFECTS = REPOSITORY / "sut" / "defects"
ALLOWED = "a git reference, a .diff, the name of a planted defect, or a directory that holds sut/"


class NoSuchVersion(ValueError):  # noqa: N818 - named for what happened, as our errors are
    """What is to be compared cannot be found or made; the message says what is allowed."""


@dataclass(frozen=True)
class Versions:
    """Two releases: what they are called, and where each lies."""

    before: str
    after: str
    before_root: Path
    after_root: Path


def versions(reference: str, release: Path, folder: Path) -> Versions:
    """Lay out both versions below the folder; of a defect, the version with it is the later one.

    Raises:
        NoSuchVersion: the reference is none, or the defect does not fit the release.
    """
    diff = _diff_of(reference)
    here, there = folder / "this", folder / "other"
    if diff is not None:
        _planted(diff, release, there)
        copy_release(release, here)
        return Versions("this release", f"with {diff.stem}", here, there)
    if reference and (Path(reference) / "sut").is_dir():
        copy_release(Path(reference).resolve(), there)
    else:
        _checked_out(reference, there)
    copy_release(release, here)
    return Versions(reference, "this release", there, here)


def _diff_of(reference: str) -> Path | None:
    for path in (Path(reference), DEFECTS / f"{reference}.diff"):
        if path.suffix == ".diff" and path.is_file():
            return path
    return None


def _planted(diff: Path, release: Path, folder: Path) -> None:
    try:
        plant(any_diff(diff), release, folder)
    except DoesNotApply as error:
        raise NoSuchVersion(f"{diff} does not apply to this release: {error}") from None
    except BadFile as error:
        raise NoSuchVersion(str(error)) from None


def _checked_out(reference: str, folder: Path) -> None:
    """Take sut/ of a commit out of the repository; the work tree and the index stay as they are."""
    if not reference or reference.startswith("-"):
        raise NoSuchVersion(f"{reference!r} is no version; allowed: {ALLOWED}")
    command = ("git", "-C", str(REPOSITORY), "archive", "--format=tar", reference, "--", "sut")
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise NoSuchVersion(f"{reference!r} is no version ({said}); allowed: {ALLOWED}")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
