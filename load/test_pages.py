"""Pages are read by what people see: labels, buttons, roles."""

import pytest

from load.pages import read_page

PAGE = """
<!doctype html><html><body><h1>Orders</h1>
<p role="alert">The file is <b>truncated</b>.</p>
<form method="get" action="/orders">
  <label for="s">State</label><select id="s" name="state">
    <option value="">All open</option><option value="PRICED" selected>PRICED</option></select>
  <label>Customer <input name="customer" value="a&amp;b"></label>
  <input type="hidden" name="csrf" value="t0ken"><button>Apply</button>
</form>
<table aria-label="Orders"><thead><tr><th>Number</th><th>State</th></tr></thead>
<tbody><tr><td><a href="/orders/K7F3-0192">K7F3-0192</a></td><td>PRICED</td></tr>
<tr><td><a href="/orders/K7F3-0193">K7F3-0193</a></td><td>MADE</td></tr></tbody></table>
<span role="status" aria-label="Price"> 123.45
 EUR</span><a href="/orders?after=9">Next page</a><br>
<form method="post" action="/sign-out" enctype="multipart/form-data">
<input name="file" type="file"><button type="submit" aria-label="Sign out">x</button></form>
</body></html>
"""


def test_a_page_is_read_by_role_and_label() -> None:
    """Heading, alerts, statuses and links."""
    page = read_page(PAGE)

    assert page.heading == "Orders"
    assert page.alerts == ["The file is truncated."]
    assert page.statuses == {"Price": "123.45 EUR"}
    assert page.links["Next page"] == "/orders?after=9"


def test_a_table_is_read_by_rows() -> None:
    """The first row is the header's; links are kept."""
    rows = read_page(PAGE).tables["Orders"]

    assert [row.cells for row in rows] == [
        ["Number", "State"],
        ["K7F3-0192", "PRICED"],
        ["K7F3-0193", "MADE"],
    ]
    assert rows[1].links == ["/orders/K7F3-0192"]


def test_a_form_is_found_by_its_button_and_filled_by_labels() -> None:
    """Hidden fields and defaults are sent, as a browser does."""
    form = read_page(PAGE).form_with("Apply")

    assert form is not None
    assert form.action == "/orders"
    assert form.fields == {"state": "PRICED", "customer": "a&b", "csrf": "t0ken"}
    assert form.filled(State="MADE")["state"] == "MADE"
    with pytest.raises(KeyError):
        form.filled(Colour="red")


def test_a_button_may_be_named_by_its_label() -> None:
    """An icon's name is its aria-label; files are not fields."""
    form = read_page(PAGE).form_with("Sign out")

    assert form is not None
    assert form.multipart
    assert form.fields == {}


def test_a_broken_page_is_read_as_far_as_it_goes() -> None:
    """Unclosed elements happen; a crash of the reader would hide the page's fault."""
    page = read_page("<h1>Orders</h1><table aria-label=Orders><tr><td>one<p>two</table></span>")

    assert page.tables["Orders"][0].cells == ["onetwo"]
    assert read_page("").tables == {}
