"""A form that is not ours does nothing."""

from __future__ import annotations

import re

import pytest

from e2e.visitors import EVERYBODY, Visit, Visitors, Who
from fixtures.cast import Personas
from fixtures.markup import Form
from fixtures.web_doors import WebDoor

TOKEN = re.compile("csrf|token", re.IGNORECASE)


def posting_forms(visit: Visit) -> list[Form]:
    """Every form of a site that changes something, each once; some orders can be changed and others not."""
    pages = [seen.page for seen in visit.crawl(of_a_kind=1) if seen.page]
    pages += [visit.site.open(path) for path in visit.own]
    found = {form.action: form for page in pages for form in page.forms() if form.method == "POST"}
    return list(found.values())


def token_of(site: WebDoor, path: str) -> str:
    """The token of a visitor's own forms."""
    fields = {name: value for form in site.open(path).forms() for name, value in form.fields.items()}
    return next(value for name, value in fields.items() if TOKEN.search(name))


def forged(form: Form, token: str | None) -> dict[str, str]:
    """What the form would send with another token, or with none."""
    tokens = {} if token is None else {name: token for name in form.fields if TOKEN.search(name)}
    return {name: value for name, value in form.fields.items() if not TOKEN.search(name)} | tokens


@pytest.mark.parametrize("who", EVERYBODY)
def test_a_forged_form_is_refused_and_changes_nothing(
    visitors: Visitors, personas: Personas, who: Who
) -> None:
    """Every form that changes something is refused without its own session's token."""
    visit = visitors.visit(who)
    theirs = token_of(personas.stranger(visit.site.base_url), "/sign-in")
    tokens = {"missing": None, "wrong": "x" * len(theirs), "somebody else's": theirs}
    forms, before = posting_forms(visit), visit.own_texts()

    answers = {
        (form.action, forgery): visit.site.http.post(form.action, data=forged(form, token)).status_code
        for form in forms
        for forgery, token in tokens.items()
    }

    assert {post: status for post, status in answers.items() if status != 403} == {}
    assert answers
    assert visit.own_texts() == before
