"""One thing that Assay needs of a machine, and how a program is asked about itself."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Finding:
    """One thing that is needed: whether it is there, what was seen of it, and how to get it."""

    name: str
    ok: bool
    seen: str
    get: str
    required: bool = True


def answer(*command: str | Path, timeout_s: float = 30) -> tuple[bool, str]:
    """Run a command; return whether it succeeded, and the telling line of what it said."""
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, timeout=timeout_s)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    said = done.stdout if done.returncode == 0 else done.stderr
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [""]
    return (True, lines[0]) if done.returncode == 0 else (False, lines[-1])
