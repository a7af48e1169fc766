"""What a locustfile with open users adds to Locust: options, and the load that follows the run."""

from typing import Any

import gevent
from locust import events

from load.open_load import load_of


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator] # locust has no types
def _add_options(parser: Any) -> None:
    parser.add_argument(
        "--arrival-rate",
        type=float,
        metavar="N",
        default=None,
        help="open users: the highest rate of arrivals per second, instead of what their class says",
    )
    parser.add_argument(
        "--hdr-folder",
        metavar="DIR",
        default="",
        help="open users: where histograms, a CSV file and a plot of the percentiles are left",
        include_in_web_ui=False,
    )


@events.init.add_listener  # type: ignore[untyped-decorator] # as above
def _prepare(environment: Any, **_: object) -> None:
    if any(hasattr(kind, "arrivals") for kind in environment.user_classes):
        load_of(environment).listen()
        # gevent's timers count from when its loop last looked at the clock, which was before all the imports
        gevent.get_hub().loop.update_now()
