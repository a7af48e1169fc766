"""Run the shop: `python -m sut.shop`."""

from sut.settings import load_or_exit
from sut.shop.settings import ShopSettings

if __name__ == "__main__":
    settings = load_or_exit(ShopSettings)
    from sut import server  # after the settings, so that a wrong one is told at once
    from sut.shop.app import NAME, application

    server.run(application(settings), settings, service=NAME)
