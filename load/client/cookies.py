"""Cookies of one visitor: by host, path and name, with their ends; enough for a load, not for a browser."""

import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import SplitResult


class _Cookie(NamedTuple):
    value: str
    ends: float | None
    is_secure: bool
    with_subdomains: bool


class Jar:
    """Keeps what hosts set, and says what goes back to them."""

    __slots__ = ("_kept",)

    def __init__(self, other: "Jar | None" = None) -> None:
        self._kept: dict[tuple[str, str, str], _Cookie] = dict(other._kept) if other else {}

    def __bool__(self) -> bool:
        return bool(self._kept)

    def set(self, name: str, value: str, host: str, path: str = "/") -> None:
        """Keep a cookie that no answer has set."""
        self._kept[host, path, name] = _Cookie(value, None, False, False)

    def get(self, name: str) -> str | None:
        """Return a cookie's value, whichever host set it."""
        return next((kept.value for (_, _, named), kept in self._kept.items() if named == name), None)

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()

    def take(self, fields: list[str], url: SplitResult) -> None:
        """Keep what the `Set-Cookie` fields of an answer from this URL say; nonsense is passed over."""
        for field in fields:
            pair, *rest = field.split(";")
            name, equals, value = pair.strip().partition("=")
            if not equals or not name.strip():
                continue
            attributes = {
                key.strip().lower(): text.strip() for key, _, text in (each.partition("=") for each in rest)
            }
            self._take(name.strip(), value.strip(), attributes, url)

    def header(self, url: SplitResult) -> str:
        """Return what the `Cookie` field to this URL holds, longest paths first; empty where nothing does."""
        host, path, now = url.hostname or "", url.path or "/", time.time()
        fitting = [
            (len(kept_path), f"{name}={kept.value}")
            for (kept_host, kept_path, name), kept in self._kept.items()
            if (host == kept_host or (kept.with_subdomains and host.endswith(f".{kept_host}")))
            and _is_within(path, kept_path)
            and (kept.ends is None or kept.ends > now)
            and (not kept.is_secure or url.scheme == "https" or _is_here(host))
        ]
        return "; ".join(pair for _, pair in sorted(fitting, key=lambda each: -each[0]))

    def _take(self, name: str, value: str, attributes: dict[str, str], url: SplitResult) -> None:
        host = url.hostname or ""
        domain = attributes.get("domain", "").lstrip(".").lower()
        if domain and domain != host and not host.endswith(f".{domain}"):
            return  # a host may not set cookies of another
        path = attributes.get("path", "")
        if not path.startswith("/"):
            path = url.path.rpartition("/")[0] or "/"
        ends = _ends(attributes)
        key = (domain or host, path, name)
        if ends is not None and ends <= time.time():
            self._kept.pop(key, None)
        else:
            self._kept[key] = _Cookie(value, ends, "secure" in attributes, bool(domain))


def _ends(attributes: dict[str, str]) -> float | None:
    try:
        if "max-age" in attributes:
            return time.time() + int(attributes["max-age"])
        if "expires" in attributes:
            return parsedate_to_datetime(attributes["expires"].replace("-", " ")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
    return None


def _is_within(path: str, kept: str) -> bool:
    return path == kept or (path.startswith(kept) and (kept.endswith("/") or path[len(kept)] == "/"))


def _is_here(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")  # as browsers do, which trust the way to themselves
