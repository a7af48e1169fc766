"""Which systems may be loaded: this machine, and what its target file says is ours to load."""

import ipaddress
from urllib.parse import urlsplit

from fixtures.testbed.target import BadTarget, Target


def refuse_strangers(target: Target) -> None:
    """Load only this machine, unless the target file says that the system is ours to load.

    Raises:
        BadTarget: a host is not loopback.
    """
    hosts = {urlsplit(url).hostname or "" for url in (target.urls.shop, target.urls.api, target.urls.mes)}
    strangers = sorted(host for host in hosts if not _is_loopback(host))
    if strangers and not target.allow_remote:
        raise BadTarget(
            f"{', '.join(strangers)} is not this machine, so it is not loaded; "
            "add `allow_remote = true` at the top of the target file if that system is yours to load"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
