"""Users who wait without a stack live as Locust's do: begin, act, wait, stumble, end."""

import os
import subprocess
import sys

import pytest

from fixtures.testbed.runs import REPOSITORY

SCENES = ("acting", "rescheduled", "stumbling", "ending", "finishing", "cut_short", "racing")


@pytest.mark.parametrize("scene", SCENES)
def test_a_waiting_user_lives_as_those_of_locust_do(scene: str) -> None:
    """Each scene says of itself how it goes; see load/waiting_scenes.py."""
    played = subprocess.run(
        [sys.executable, "-m", "load.waiting_scenes", scene],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert played.returncode == 0, played.stderr
