"""Runs pricing: `python -m sut.pricing`."""

from sut.pricing.settings import PricingSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(PricingSettings)
    from sut import server  # after the settings, so that a wrong one is told at once
    from sut.pricing.app import NAME, create

    server.run(create(settings), settings, service=NAME)
