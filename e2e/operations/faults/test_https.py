"""Where people come by https, nothing of theirs travels without it."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urljoin

import pytest

from fixtures.cast import Personas
from fixtures.faults import Faults
from fixtures.testbed.interface import Process

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("hang-ups")]

A_DAY_S = 86_400


@pytest.mark.parametrize("site", ["shop", "mes", "flow"])
def test_a_site_that_people_reach_by_https_keeps_them_on_it(
    faults: Faults, personas: Personas, site: Process
) -> None:
    """The session is never sent in the clear, also if somebody leads the browser to http."""
    with faults.beside(site, {"PUBLIC_URL": f"https://{site}.example"}) as url:
        visitor = personas.stranger(url)
        answers = [visitor.http.get(urljoin(url, path)) for path in ("/sign-in", "/no-such-page")]

    [cookie] = SimpleCookie(answers[0].headers["set-cookie"]).values()
    assert (cookie["secure"], cookie["httponly"]) == (True, True)
    for answer in answers:
        age = answer.headers["strict-transport-security"].partition("max-age=")[2].partition(";")[0]
        assert int(age) >= A_DAY_S
