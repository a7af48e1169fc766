"""Where the system that is broken here is told that things are."""

#: Nobody listens there: the scenarios read the link and do not follow it.
TRACE_URL = "http://127.0.0.1:16686/trace/{trace_id}"
