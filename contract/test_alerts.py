"""Every alert fires, stays silent and ends as it is meant to, and somebody gets a mail of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from contract import alerting
from contract.alerting import OPERATIONS, Labels, Watch
from fixtures.testbed.observers import ObserverMissing, observer

pytestmark = pytest.mark.skipif(not alerting.home().is_dir(), reason="this release has no alerts")

SUITES = alerting.suites()
ALERTS = (
    "OrderLate",
    "OrderLost",
    "OutboxStuck",
    "DeadLetters",
    "PricingBacklog",
    "PartnerSlaBurn",
    "DashboardSlow",
    "ServiceDown",
)
DOES = ("fires", "stays silent", "is over")
PACE = 0.01
TOLD = ("summary", "description", "action", "look")


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Watch:
    """The configuration that the release under test writes."""
    return alerting.made(tmp_path_factory.mktemp("watch"))


@pytest.fixture(scope="module")
def checkers() -> None:
    """Prometheus's own checkers, promtool and amtool."""
    try:
        observer("promtool")
        observer("amtool")
    except ObserverMissing as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
@pytest.mark.usefixtures("checkers")
def test_rules_fire_stay_silent_and_end_as_they_are_meant_to(watch: Watch, suite: Path) -> None:
    """Fed with a fault, with none and with one that ends, each rule says what it should and nothing else."""
    said = watch.asks("promtool", "test", "rules", f"tests/{suite.name}")

    assert said.status == 0, said.text


@pytest.mark.usefixtures("checkers")
def test_prometheus_and_alertmanager_can_read_their_configuration(watch: Watch) -> None:
    """Neither of them would refuse to start."""
    prometheus = watch.asks("promtool", "check", "config", "prometheus.yml")
    alertmanager = watch.asks("amtool", "check-config", "alertmanager.yml")

    assert prometheus.status == 0, prometheus.text
    assert alertmanager.status == 0, alertmanager.text


def test_each_alert_is_there_and_each_of_its_sides_is_tested(watch: Watch) -> None:
    """No alert is trusted that was never seen firing, silent and over."""
    tested = {tuple(name.split(": ", 1)) for suite in SUITES for name in alerting.names_in(suite)}
    sides = {(alert, side) for alert, said in tested for side in DOES if said.startswith(side)}

    assert {rule["alert"] for rule in watch.alerts()} == set(ALERTS)
    assert sides == {(alert, side) for alert in ALERTS for side in DOES}


def test_each_alert_tells_what_where_and_what_to_do(watch: Watch) -> None:
    """Whoever is woken by an alert reads in it what has happened, what to do and where to look."""
    silent = [
        (rule["alert"], part) for rule in watch.alerts() for part in TOLD if not rule["annotations"].get(part)
    ]
    severities = {rule["labels"]["severity"] for rule in watch.alerts()}

    assert silent == []
    assert severities == {"critical", "warning"}


@pytest.mark.usefixtures("checkers")
def test_each_alert_reaches_somebody_by_mail(watch: Watch) -> None:
    """Whatever its severity, an alert is routed to those who are on duty, and its end as well."""
    mailed = {name: _mails(receiver) for name, receiver in _receivers(watch).items()}

    unheard = [
        (rule["alert"], rule["labels"]["severity"])
        for rule in watch.alerts()
        if (OPERATIONS, True) not in mailed.get(_routed(watch, rule), [])
    ]

    assert unheard == []


def test_at_another_pace_every_pause_and_window_of_a_rule_is_another(watch: Watch, tmp_path: Path) -> None:
    """A drill in a hundredth of the time waits and looks back a hundredth as long, in every rule."""
    slower, faster = watch.rules(), alerting.made(tmp_path / "faster", time_scale=PACE).rules()

    expected = [
        [pytest.approx(length_ms * PACE, abs=1) for length_ms in alerting.lengths_ms(rule)] for rule in slower
    ]
    assert [alerting.lengths_ms(rule) for rule in faster] == expected
    assert sum(map(len, expected)) > len(ALERTS)


def test_an_urgent_alert_silences_the_warning_of_the_same_and_no_other(watch: Watch) -> None:
    """Whoever hears that a promise to one partner is broken also hears of another partner, or promise."""
    urgent = {rule["alert"] for rule in watch.alerts() if rule["labels"]["severity"] == "critical"}
    fired = [alert for suite in SUITES for alert in alerting.alerts_in(suite) if alert["alertname"] in urgent]
    warnings = [alert for alert in fired if alert["severity"] == "warning"]

    silenced = [(alert, label) for alert in warnings for label in alert if _is_hidden(watch, alert, label)]

    assert warnings
    assert silenced == [(alert, "severity") for alert in warnings]


def _is_hidden(watch: Watch, alert: Labels, label: str) -> bool:
    """Whether an urgent alert hides one that differs from it in this label as well."""
    return watch.silences({**alert, label: "another", "severity": "critical"}, alert)


def _receivers(watch: Watch) -> dict[str, dict[str, Any]]:
    return {receiver["name"]: receiver for receiver in watch.routes()["receivers"]}


def _mails(receiver: dict[str, Any]) -> list[tuple[str, bool]]:
    """Who is written to, and whether also when it is over."""
    return [(mail["to"], mail.get("send_resolved", False)) for mail in receiver.get("email_configs", [])]


def _routed(watch: Watch, rule: dict[str, Any]) -> str:
    labels = [f"alertname={rule['alert']}", *(f"{name}={value}" for name, value in rule["labels"].items())]
    said = watch.asks("amtool", "config", "routes", "test", "--config.file=alertmanager.yml", *labels)
    assert said.status == 0, said.text
    return re.sub(r"^Warning:.*\n", "", said.text, flags=re.M).strip()
