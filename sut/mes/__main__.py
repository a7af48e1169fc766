"""Run the MES: `python -m sut.mes`."""

from functools import partial

from sut.mes.settings import MesSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(MesSettings)
    from sut import server  # after the settings, so that a wrong one is told at once
    from sut.mes.app import NAME, application, end_streams

    app = application(settings)
    server.run(app, settings, service=NAME, ending=partial(end_streams, app))
