"""Runs a command on our own terminal, and leaves nothing of it behind, however we end."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from fixtures.testbed.signals import end_in_order_when_terminated
from fixtures.testbed.spawner import bound_to_us

GRACE_S = 60.0
"""Within this pytest takes its systems down and says what it knows."""


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> int:
    """Run a command and return how it ended: minus the signal's number where a signal ended it.

    Ctrl-C and SIGTERM are handed on to it once, and waited for. It is in a process group of its own, as a
    terminal would tell it of Ctrl-C a second time, which ends pytest in the middle of its clearing away.

    Raises:
        KeyboardInterrupt: we were told to end; it has ended too.
    """
    end_in_order_when_terminated()
    with subprocess.Popen(bound_to_us(command), cwd=cwd, env=dict(env), process_group=0) as child:
        try:
            return child.wait()
        except KeyboardInterrupt:
            child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(GRACE_S)
            raise
        finally:
            child.kill()
