"""Names what was tested and where, for the verdict and for history."""

import os
import platform
import subprocess
from pathlib import Path


def release(sut_root: Path, target_name: str = "") -> dict[str, str]:
    """Return what is known of the release under test: its git reference, and where it runs or lies."""
    if target_name:
        return {"ref": target_name, "target": target_name, "sut_root": ""}
    return {"ref": git_reference(sut_root), "target": "", "sut_root": _shown(sut_root)}


def environment() -> dict[str, str]:
    """Return what the figures depend on."""
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
    }


def git_reference(folder: Path) -> str:
    """Return `git describe` of the folder, marked when files differ from it; without git its name."""
    command = ("git", "-C", str(folder), "describe", "--always", "--tags", "--dirty=+changes")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return folder.resolve().name
    return done.stdout.strip() or folder.resolve().name


def _shown(folder: Path) -> str:
    folder = folder.resolve()
    return str(folder.relative_to(Path.cwd())) if folder.is_relative_to(Path.cwd()) else str(folder)
