"""Runs the partner API: `python -m sut.api`."""

from sut.api.settings import ApiSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(ApiSettings)
    from sut import server  # after the settings, so that a wrong one is told at once
    from sut.api.app import NAME, create

    server.run(create(settings), settings, service=NAME)
