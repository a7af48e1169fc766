"""Run the flow: `python -m sut.flow`."""

from sut.flow.settings import FlowSettings
from sut.settings import load_or_exit

if __name__ == "__main__":
    settings = load_or_exit(FlowSettings)
    from sut import server  # after the settings, so that a wrong one is told at once
    from sut.flow.app import NAME, application

    app = application(settings)
    server.run(app, settings, service=NAME, ending=app.state.parts.lives.end)
