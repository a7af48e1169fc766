"""Every alert has been seen: a real fault makes it fire, the mail arrives, the fault is mended, it ends."""

from __future__ import annotations

import allure
import pytest

from e2e.operations.drills.alerts import ALERTS
from e2e.operations.drills.together import Drills
from fixtures.drill import table
from fixtures.observed import PACE

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("drills")]
pytestmark += [pytest.mark.slow, pytest.mark.drill]


@pytest.mark.parametrize("alert", ALERTS)
def test_alert_fires_is_mailed_and_ends_with_its_fault(drills: Drills, alert: str) -> None:
    """Whoever is on duty gets a mail of what is wrong, and another one when it is over."""
    drill = drills.of(alert)

    allure.attach(table([drill], PACE), f"{alert} in seconds", allure.attachment_type.TEXT)
    for mail in drill.mails:
        allure.attach(mail.text, mail.subject, allure.attachment_type.TEXT)
    if drill.failure:
        raise drill.failure
    assert [mail.subject for mail in drill.mails if len(mail.subject) > 100] == []
