"""Requests as bytes: paths, queries, fields, and bodies of forms, files and JSON."""

import json as json_module
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from load.client.wire import Body, Sent

DEFAULTS = {"User-Agent": "Assay", "Accept": "*/*", "Accept-Encoding": "gzip, deflate, br"}
_CLEAN_PATH = re.compile(r"/[!$&-;=?-Z_a-z~%\[\]]*")
_BROKEN_FIELD = re.compile(r"[\r\n\0]")
_FORM = "application/x-www-form-urlencoded"

Fields = Mapping[str, str]
Pairs = Mapping[str, Any] | Sequence[tuple[str, Any]]


def query_of(query: str, params: Pairs) -> str:
    """Return a query with parameters added."""
    return "&".join(filter(None, (query, urlencode(params, doseq=True))))


def path_of(path: str, query: str) -> str:
    """Return what stands in a request's first line."""
    whole = f"{path or '/'}?{query}" if query else path or "/"
    return whole if _CLEAN_PATH.fullmatch(whole) else quote(whole, safe="/?#[]@!$&'()*+,;=:%~")


def body_of(data: Any, json: Any, files: Mapping[str, Any] | None) -> tuple[Body, str]:
    """Return a request's body and its content type, empty where there is none to tell."""
    if files:
        return _multipart(data or {}, files)
    if json is not None:
        return json_module.dumps(json, separators=(",", ":")).encode(), "application/json"
    if data is None or isinstance(data, bytes):
        return data or b"", ""
    if isinstance(data, str):
        return data.encode(), ""
    if isinstance(data, Mapping) or (
        isinstance(data, Sequence) and not isinstance(data, bytearray | memoryview)
    ):
        return urlencode(data, doseq=True).encode(), _FORM
    if isinstance(data, bytearray | memoryview):
        return bytes(data), ""
    return (data.read(), "") if hasattr(data, "read") else (data, "")


def sent(method: str, path: str, host: str, fields: Fields, body: Body, content_type: str) -> Sent:
    """Put a request together; what the caller says in `fields` goes before what we would say."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    named = {name.lower() for name in fields}
    if "host" in named:
        lines.pop()
    lines += [f"{name}: {value}" for name, value in DEFAULTS.items() if name.lower() not in named]
    for name, value in fields.items():
        if _BROKEN_FIELD.search(f"{name}{value}"):
            raise ValueError(f"the field {name!r} holds a line break")
        lines.append(f"{name}: {value}")
    if content_type and "content-type" not in named:
        lines.append(f"Content-Type: {content_type}")
    if not isinstance(body, bytes):
        lines.append("Transfer-Encoding: chunked")
    elif "content-length" not in named and (body or method in ("POST", "PUT", "PATCH")):
        lines.append(f"Content-Length: {len(body)}")
    awaits = "expect" in named and bool(body)
    head = "\r\n".join((*lines, "", "")).encode("latin-1", "strict")
    return Sent(head, body, method == "HEAD", awaits)


def basic(user: str, password: str) -> str:
    """Return what `Authorization` says for a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def _multipart(data: Pairs, files: Mapping[str, Any]) -> tuple[bytes, str]:
    boundary = uuid4().hex
    pairs: Iterable[tuple[str, Any]] = data.items() if isinstance(data, Mapping) else data
    parts = [_part(f'name="{_quoted(name)}"', "", str(value).encode()) for name, value in pairs]
    for name, given in files.items():
        filename, content, content_type = _file(name, given)
        told = f'name="{_quoted(name)}"; filename="{_quoted(filename)}"'
        parts.append(_part(told, content_type, content))
    edge = b"--" + boundary.encode()
    whole = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
    return whole + edge + b"--\r\n", f"multipart/form-data; boundary={boundary}"


def _file(name: str, given: Any) -> tuple[str, bytes, str]:
    """Read what Requests takes: content, or (filename, content[, content type])."""
    filename, content, content_type = name, given, "application/octet-stream"
    if isinstance(given, tuple):
        filename, content, content_type = (*given, content_type)[:3]
    elif hasattr(given, "name"):
        filename = str(given.name).rpartition("/")[2]
    if hasattr(content, "read"):
        content = content.read()
    return str(filename), content.encode() if isinstance(content, str) else bytes(content), str(content_type)


def _part(disposition: str, content_type: str, content: bytes) -> bytes:
    told = f"\r\nContent-Type: {content_type}" if content_type else ""
    return f"Content-Disposition: form-data; {disposition}{told}\r\n\r\n".encode() + content


def _quoted(text: str) -> str:
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
