"""A planted defect: a small diff against sut/, whose header names its symptom and who should catch it."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from fixtures.tables import BadFile
from gate.stages import ALL, LOAD
from load.chaos.schedule import SCHEDULES
from load.profiles import load_profiles

_HEADER = re.compile(r"^(Symptom|Expected|Profile|Schedule|Near):\s*(.*\S)\s*$")
COMPARE = "compare"
"""What is expected of a defect that no bound tells, only the release without it."""
CHAOS = "chaos"
"""What is expected of a defect that shows where several things fail at once, under load."""
_EXPECTED = (*ALL, COMPARE, CHAOS)
_FIRST_FILE = re.compile(r"^(diff --git |--- )")
_NOT_COPIED = ("__pycache__", "defects")
_FEW = 10
"""So many names can be read in a refusal of one line."""


class DoesNotApply(RuntimeError):  # noqa: N818 - named for what happened, as our errors are
    """The diff does not fit this release; the text is git's."""


@dataclass(frozen=True)
class Defect:
    """One planted defect."""

    name: str
    path: Path
    symptom: str
    expected: str
    profile: str = ""
    """The load profile that shows it, where it is not the one of the line."""
    schedule: Path | None = None
    """The schedule of faults that shows it, where chaos is to."""
    near: tuple[str, ...] = ()
    """Files of scenarios that look at what it undoes; they are asked first."""


def read(folder: Path, names: Sequence[str] = ()) -> list[Defect]:
    """Read the named defects of a folder, or all of them.

    Raises:
        BadFile: a name is not there, a header is missing, or a diff touches more than sut/.
    """
    known = {path.stem: path for path in sorted(folder.glob("*.diff"))}
    if not known:
        raise BadFile(f"{folder} holds no *.diff")
    for name in names:
        if name not in known:
            raise BadFile(f"{folder} holds no {name}.diff; {_instead(name, list(known))}")
    return [_read(known[name]) for name in names or known]


def _instead(name: str, known: list[str]) -> str:
    if len(known) <= _FEW:
        return f"there are: {', '.join(known)}"
    alike = get_close_matches(name, known, n=3, cutoff=0.4)
    return f"nearest: {', '.join(alike)}" if alike else f"it holds {len(known)} others"


def plant(defect: Defect, release: Path, copy: Path) -> None:
    """Copy a release's sut/ and apply the diff to the copy, all of it or not at all.

    Raises:
        DoesNotApply: git refuses the diff, or it changes nothing.
    """
    copy_release(release, copy)
    before = _contents(copy)
    done = _git(copy, "apply", "--whitespace=nowarn", str(defect.path.resolve()))
    if done.returncode != 0:
        said = "; ".join(line for line in done.stderr.splitlines() if line.strip())
        raise DoesNotApply(f"{said} (made on another commit? `git diff -- sut` makes it anew)")
    if _contents(copy) == before:
        raise DoesNotApply("git applied it, and nothing has changed")


def copy_release(release: Path, copy: Path) -> None:
    """Copy a release's sut/ into a directory that must not exist yet."""
    shutil.copytree(release / "sut", copy / "sut", ignore=shutil.ignore_patterns(*_NOT_COPIED))


def any_diff(path: Path) -> Defect:
    """Return a diff that need not say what it breaks, such as a change that is to be compared.

    Raises:
        BadFile: it touches more than sut/, or is no text.
    """
    _must_touch_sut_alone(path)
    return Defect(path.stem, path, "", "")


def _must_touch_sut_alone(path: Path) -> None:
    outside = [name for name in _touched(path) if not name.startswith("sut/") or ".." in Path(name).parts]
    if outside:
        raise BadFile(f"{path} touches {outside[0]}; it may touch sut/ alone")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path} is no text in UTF-8: {error}") from None


def _read(path: Path) -> Defect:
    header: dict[str, str] = {}
    for line in _text_of(path).splitlines():
        if _FIRST_FILE.match(line):
            break
        if found := _HEADER.match(line):
            header[found[1]] = found[2]
    for key in ("Symptom", "Expected"):
        if key not in header:
            raise BadFile(f"{path}:1: expected a line «{key}: …» before the diff, seen none")
    if header["Expected"] not in _EXPECTED:
        raise BadFile(f"{path}: Expected: {header['Expected']}; allowed: {', '.join(_EXPECTED)}")
    profile = header.get("Profile", "")
    if profile and (header["Expected"] != LOAD or profile not in load_profiles()):
        allowed = f"beside «Expected: {LOAD}» one of {', '.join(load_profiles())}"
        raise BadFile(f"{path}: Profile: {profile}; allowed: {allowed}")
    schedule = _schedule(path, header)
    _must_touch_sut_alone(path)
    near = tuple(header.get("Near", "").split())
    return Defect(path.stem, path, header["Symptom"], header["Expected"], profile, schedule, near)


def _schedule(path: Path, header: Mapping[str, str]) -> Path | None:
    named, known = header.get("Schedule", ""), {each.stem: each for each in SCHEDULES.glob("*.toml")}
    if (header["Expected"] == CHAOS) != bool(named) or (named and named not in known):
        allowed = f"beside «Expected: {CHAOS}», and only there, one of {', '.join(sorted(known))}"
        raise BadFile(f"{path}: Schedule: {named}; allowed: {allowed}")
    return known.get(named)


def _touched(path: Path) -> list[str]:
    """Return the files a diff names, both sides of it; git itself reads it when it is applied."""
    text = _text_of(path)
    found = re.findall(r"^(?:---|\+\+\+|rename from|rename to|copy to) (?:[ab]/)?([^\t\n]+)", text, re.M)
    found += [name for pair in re.findall(r"^diff --git a/(\S+) b/(\S+)", text, re.M) for name in pair]
    return [name for name in found if name != "/dev/null"]


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Inside a repository git silently skips files outside of the current folder. Here it must find none.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment["GIT_CEILING_DIRECTORIES"] = str(folder.resolve().parent)
    return subprocess.run(
        ("git", *arguments),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def _contents(copy: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(copy)): path.read_bytes() for path in sorted(copy.rglob("*")) if path.is_file()
    }
