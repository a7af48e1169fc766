"""What operators may do in which state."""

from sut.mes import card
from sut.mes.handlers import HANDLERS
from sut.mes.production import STEPS, open_steps
from sut.states import Command, State


def test_each_state_of_production_has_its_one_step() -> None:
    """An operator always sees the next step and no other."""
    steps = {state: open_steps(state) for state in State if open_steps(state)}

    assert steps == {
        State.APPROVED: (Command.TAKE,),
        State.IN_PRODUCTION: (Command.MAKE,),
        State.MADE: (Command.PACK,),
        State.PACKED: (Command.SHIP,),
    }


def test_every_event_of_a_history_has_words() -> None:
    """No operator reads the name of an event."""
    noted = {*HANDLERS, *(step.event for step in STEPS.values())}
    noted |= {"mes.pricing-requested", "mes.withdrawn", "mes.cancellation-refused", "mes.imported"}

    assert noted == card._EVENTS_IN_WORDS.keys()
