"""Where to go after signing in: only ever a page of this site."""

from __future__ import annotations

from sut.pages.forms import is_plain

_LONGEST = 512


def local_path(wanted: str, otherwise: str) -> str:
    """Return the wanted path if it cannot lead to another site, else the other one.

    Browsers read `//host`, `/\\host` and paths with tabs or line ends in them as other sites.
    """
    harmless = (
        wanted.startswith("/")
        and not wanted.startswith("//")
        and "\\" not in wanted
        and wanted.isascii()
        and is_plain(wanted)
        and " " not in wanted
        and len(wanted) <= _LONGEST
    )
    return wanted if harmless else otherwise
