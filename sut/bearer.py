"""Doors for machines: a bearer token, compared in a time that tells nothing of it."""

from __future__ import annotations

import hmac

from sut.problems import Problem


def check(header: str, token: str) -> None:
    """Refuse an Authorization header without the token.

    Raises:
        Problem: 401.
    """
    scheme, _, sent = header.partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(sent.strip().encode(), token.encode()):
        raise Problem(401, "A valid bearer token is needed.", headers={"WWW-Authenticate": "Bearer"})
