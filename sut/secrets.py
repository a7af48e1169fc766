"""Makes the services' secrets at their first start: `SECRETS_FILE`, or `python -m sut.secrets FILE`."""

from __future__ import annotations

import argparse
import fcntl
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe

FILE_VARIABLE = "SECRETS_FILE"

OWN = (
    "API_ADMIN_TOKEN",
    "API_AUDIT_TOKEN",
    "API_SHOP_KEY",
    "SHOP_SESSION_SECRET",
    "MES_SESSION_SECRET",
    "MES_ADMIN_TOKEN",
    "MES_AUDIT_TOKEN",
    "FLOW_SESSION_SECRET",
    "FLOW_ADMIN_TOKEN",
    "FLOW_AUDIT_TOKEN",
    "METRICS_TOKEN",
)
#: What one service must be told to open another's door.
SAME_AS = {
    "SHOP_API_KEY": "API_SHOP_KEY",
    "FLOW_API_TOKEN": "API_AUDIT_TOKEN",
    "FLOW_MES_TOKEN": "MES_AUDIT_TOKEN",
}


class BadSecretsFile(Exception):  # noqa: N818 - named for what it is, as our errors are
    """The file cannot be used; the text says why."""


def completed(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return an environment with what its file of secrets adds; what is given itself comes first.

    Raises:
        BadSecretsFile: it cannot be used.
    """
    named = environ.get(FILE_VARIABLE)
    return {**keep(Path(named)), **{k: v for k, v in environ.items() if v}} if named else environ


def keep(path: Path) -> dict[str, str]:
    """Return the secrets of a file, first adding those that it lacks; services may start at the same time.

    Raises:
        BadSecretsFile: it cannot be read and written, or others than its owner can read it.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise BadSecretsFile(f"{path} can be read by others than its owner: chmod 600 it")
            known = _read(file.read())
            made = _missing(known)
            file.write("".join(f"{name}={secret}\n" for name, secret in made.items()))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSecretsFile(f"{path} cannot be used: {error}") from None
    return known | made


def _read(text: str) -> dict[str, str]:
    lines = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, equals, value in lines if equals}


def _missing(known: Mapping[str, str]) -> dict[str, str]:
    made: dict[str, str] = {}
    for name in OWN:
        if name not in known:
            other = next((each for each, same in SAME_AS.items() if same == name), "")
            made[name] = known.get(other) or token_urlsafe(32)
    for name, same in SAME_AS.items():
        if name not in known:
            made[name] = known.get(same) or made[same]
    return made


def main() -> int:
    """Make the file, or complete it, and show none of it."""
    parser = argparse.ArgumentParser(prog="python -m sut.secrets", description=__doc__)
    parser.add_argument("file", type=Path, help="where they are kept, readable by its owner alone")
    path = parser.parse_args().file
    try:
        print(f"{path} holds {len(keep(path))} secrets")
    except BadSecretsFile as bad:
        print(bad, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
