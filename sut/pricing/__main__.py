"""Runs pricing: `python -m sut.pricing`."""

from sut import server
from sut.pricing.settings import PricingSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(PricingSettings)
    from sut.pricing.app import NAME, create  # after the settings, so that a wrong one is told at once

    server.run(create(settings), settings, service=NAME)
