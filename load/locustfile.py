"""The load, for Locust: `locust -f load/locustfile.py` opens its web page, `python -m load.run` needs none.

Which system is loaded is said by --target FILE or $ASSAY_TARGET (`./assay up` prints one), which profile by
--load-profile NAME or $ASSAY_LOAD_PROFILE.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import gevent
from locust import events

from fixtures.tables import BadFile
from fixtures.testbed.runs import current_run_dir
from fixtures.testbed.target import BadTarget, Target
from load.evidence import Run
from load.profiles import Profile, load_profile
from load.session import Session
from load.users import PartnerUser
from load.web_users import OperatorUser, ShopperUser

USERS = (PartnerUser, ShopperUser, OperatorUser)
EX_USAGE = 64
PRIORITY = 5


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator] # locust has no types
def add_options(parser: Any) -> None:
    """Add the options that say what is loaded and how."""
    parser.add_argument(
        "--target",
        env_var="ASSAY_TARGET",
        metavar="FILE",
        help="target file of the system to load",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--load-profile",
        env_var="ASSAY_LOAD_PROFILE",
        metavar="NAME",
        default="smoke",
        help="profile in load/profiles.toml",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--load-times",
        type=float,
        metavar="X",
        help="how many times the profile's rates arrive (default: as the profile says)",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--load-seconds",
        type=float,
        metavar="S",
        help="how long it lasts (default: as the profile says)",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--evidence-folder",
        metavar="DIR",
        help="where ledgers and figures are left (default: evidence/ of the run's directory)",
        include_in_web_ui=False,
    )


@events.init.add_listener  # type: ignore[untyped-decorator] # as above
def prepare(environment: Any, **_: object) -> None:
    """Read target and profile, and give the users what they share."""
    options = environment.parsed_options
    try:
        target, profile = _target(options.target), load_profile(options.load_profile)
    except (BadTarget, BadFile) as error:
        print(error)
        raise SystemExit(EX_USAGE) from None
    profile = profile.changed(times=options.load_times, seconds=options.load_seconds)
    target = _peopled(target, profile)
    folder = Path(options.evidence_folder) if options.evidence_folder else current_run_dir() / "evidence"
    environment.assay = Session(target, profile, folder / f"orders-load-{os.getpid()}.jsonl")
    _go_first()
    _fit(environment, profile)
    Run(environment, environment.assay).follow()
    # gevent's timers count from when its loop last looked at the clock, which was before all the imports:
    # without this, Locust's run time ends by as much too early
    gevent.get_hub().loop.update_now()


def _go_first() -> None:
    """Be scheduled before the system under test: our own waiting would be told as its slowness."""
    with suppress(OSError):  # only root may
        os.setpriority(os.PRIO_PROCESS, 0, os.getpriority(os.PRIO_PROCESS, 0) - PRIORITY)


def _target(path: str | None) -> Target:
    if not path:
        raise BadTarget("no system to load: give --target FILE or set ASSAY_TARGET (./assay up prints one)")
    return Target.load(Path(path))


def _peopled(target: Target, profile: Profile) -> Target:
    """Have a partner for each user where they can be made: `load.run` has made them, nobody else has."""
    if target.admin is None or len(target.partners) >= profile.partners:
        return target
    from load.cast import (
        recruited,
    )  # it asks by httpx, which a load that is begun by load.run need not import

    return recruited(target, profile)


def _fit(environment: Any, profile: Profile) -> None:
    """Let users come in the profile's proportions, whatever total is asked for."""
    crowds = {user: crowd for user in USERS if (crowd := profile.crowd(user.kind))}
    for user, crowd in crowds.items():
        user.weight = crowd.count
    environment.user_classes = list(crowds)
    environment.parsed_options.num_users = environment.parsed_options.num_users or profile.users
