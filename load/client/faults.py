"""Why a request has no answer that can be believed: fixed sentences, to be counted by."""

from enum import StrEnum


class Kind(StrEnum):
    """What went wrong."""

    NO_HOST = "the host's name is not known"
    REFUSED = "the connection was refused"
    UNREACHABLE = "no connection could be made"
    CONNECTING_TIMED_OUT = "no connection was made in time"
    NOT_TRUSTED = "the host's certificate is not trusted, or it speaks no TLS"
    CLOSED = "the connection was closed without an answer"
    TRUNCATED = "the answer ended before its end"
    SURPLUS = "more came than the answer announced"
    NOT_HTTP = "the answer is not HTTP"
    TIMED_OUT = "the answer was not complete in time"
    TOO_LARGE = "the answer is larger than this client takes"
    NOT_DECODED = "the body is not encoded as it says"
    TOO_MANY_REDIRECTS = "redirected too often"
    REDIRECTED_AWAY = "redirected to another host, which is not to be loaded"
    NOWHERE = "redirected to what is no URL"
    GIVEN_UP = "not answered until the task gave up"
    CUT_OFF = "not answered when the load ended"


_TOLD_WITH_DETAIL = (Kind.NO_HOST, Kind.UNREACHABLE, Kind.NOT_TRUSTED, Kind.REDIRECTED_AWAY, Kind.NOWHERE)
"""What these were is the same for many requests, and shows whether it is the target's fault or ours."""


class NoAnswer(Exception):  # noqa: N818 - named for what happened, as our errors are
    """A request has no answer that can be believed; `kind` says why, `detail` what exactly was seen."""

    def __init__(self, kind: Kind, detail: str = "", *, is_stale: bool = False) -> None:
        super().__init__(f"{kind}: {detail}" if detail and kind in _TOLD_WITH_DETAIL else str(kind))
        self.kind, self.detail = kind, detail
        self.is_stale = is_stale
        """Nothing was answered on a connection that had been idle: the server had closed it meanwhile."""
