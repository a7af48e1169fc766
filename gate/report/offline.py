"""Makes generated pages free of the outside: they open from a file and name no host."""

import base64
import re

# Names of XML languages, such as SVG's; no browser ever asks that host for anything.
NAMESPACES = "www.w3.org"
_ANALYTICS = re.compile(
    r"<script[^>]*src=\"https://www\.googletagmanager\.com[^>]*></script>\s*<script>.*?</script>", re.DOTALL
)
_EMBEDDED_SCRIPT = re.compile(r"(data:text/javascript;base64,)([A-Za-z0-9+/=]+)")
_EMBEDDED = re.compile(r"data:text/[a-z]+;base64,([A-Za-z0-9+/=]+)")
_HOST = re.compile(r"(?:https?|wss?):\\?/\\?/([a-z0-9-]+(?:\.[a-z0-9-]+)+)", re.IGNORECASE)
_OUTSIDE = re.compile(r"https?://(?!www\.w3\.org\b)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_NOWHERE = "about:blank#"
# Everything the page needs is inside of it; this makes the browser hold it to that.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src data: blob: '
    "'unsafe-inline' 'unsafe-eval'; connect-src data: blob:; form-action 'none'\">"
)


def cleaned(page: str) -> str:
    """Return a page of Allure without its analytics, its links to the outside, and any way to get there."""
    page = _ANALYTICS.sub("", page)
    page = _EMBEDDED_SCRIPT.sub(lambda found: found[1] + _encoded(_without_hosts(_decoded(found[2]))), page)
    shell, data, rest = _around_data(page)
    page = _without_hosts(shell) + data + _without_hosts(rest)
    return page.replace("<head>", f"<head>\n    {_POLICY}", 1)


def outside_hosts(page: str) -> set[str]:
    """Return the hosts that a page or a script inside of it names, the names of XML languages left out."""
    shell, _, rest = _around_data(page)
    texts = [shell, rest, *(_decoded(found[1]) for found in _EMBEDDED.finditer(page))]
    return {host.lower() for text in texts for host in _HOST.findall(text)} - {NAMESPACES}


def _around_data(page: str) -> tuple[str, str, str]:
    """Split a page at the results it carries, which are evidence and stay as they are."""
    begin = page.find("Promise.allSettled([d(")
    if begin < 0:
        return page, "", ""
    end = page.find("</script>", begin)
    return page[:begin], page[begin:end], page[end:]


def _without_hosts(text: str) -> str:
    return _OUTSIDE.sub(_NOWHERE, text)


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode("utf-8", "surrogateescape")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
