"""Run the MES: `python -m sut.mes`."""

from sut import server
from sut.mes.app import NAME, application
from sut.mes.settings import MesSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(MesSettings)
    server.run(application(settings), settings, service=NAME)
