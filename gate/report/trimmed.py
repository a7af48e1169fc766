"""Lays out Allure's results so that they fit into one page: what is too large is named instead of carried."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CARRIED_BYTES = 60_000_000
LONGEST_VALUE = 2_000
_SUSPICIOUS_BYTES = 50_000
_ATTACHMENT = re.compile(r"-attachment(\.\w+)?$")


def lay_out(results: Path, folder: Path) -> Path:
    """Fill a folder with the results as the page will carry them; the results themselves stay as they are.

    Small attachments are carried before large ones, so that pictures come before recordings.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    files = [path for path in results.iterdir() if path.is_file()]
    attachments = sorted((path for path in files if _ATTACHMENT.search(path.name)), key=_size)
    carried = dict(_carried(attachments))
    for path in files:
        if path.name in carried and not carried[path.name]:
            told = f"left out: {_size(path)} bytes are too much for one page; it is kept as {path}\n"
            (folder / path.name).write_text(told, encoding="utf-8")
        elif path.name.endswith("-result.json") and _size(path) > _SUSPICIOUS_BYTES:
            _shorten(path, folder / path.name)
        else:
            _link(path, folder / path.name)
    return folder


def _carried(attachments: list[Path]) -> Iterator[tuple[str, bool]]:
    total = 0
    for path in attachments:
        total += _size(path)
        yield path.name, total <= CARRIED_BYTES


def _shorten(path: Path, copy: Path) -> None:
    """Copy a test's result with the values of its parameters cut where they are whole files."""
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for parameter in result.get("parameters", []):
        value = str(parameter.get("value", ""))
        if len(value) > LONGEST_VALUE:
            parameter["value"] = f"{value[:LONGEST_VALUE]}…"
    copy.write_text(json.dumps(result), encoding="utf-8")


def _link(path: Path, copy: Path) -> None:
    try:
        os.link(path, copy)
    except OSError:  # another file system
        shutil.copy2(path, copy)


def _size(path: Path) -> int:
    return path.stat().st_size
