"""Run the MES: `python -m sut.mes`."""

from sut import server
from sut.mes.settings import MesSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(MesSettings)
    from sut.mes.app import NAME, application  # after the settings, so that a wrong one is told at once

    app = application(settings)
    server.run(app, settings, service=NAME, ending=app.state.notices_live.end_streams)
