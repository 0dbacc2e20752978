"""Locust's page in a browser, through nginx: somebody picks classes, starts a test and sees requests."""

import pytest
from wire.tab import DESKTOP, Tab


@pytest.fixture
def tab(browser, site, locust):
    """Locust's page, while no test runs."""
    with Tab.opened(browser, viewport=DESKTOP) as opened:
        opened.page.goto(site.url("/locust/"))
        yield opened
        assert opened.errors == []
        assert opened.hosts_asked() == {f"{site.host}:{site.port}"}


def test_a_test_started_by_hand_shows_requests_and_no_failures(tab, locust, screenshots):
    page = tab.page
    offered, picked = locust.user_classes(), "WebEcho"
    if locust.now()["state"] == "stopped":  # the page shows the figures of the last test
        page.get_by_role("button", name="New", exact=True).click()
    picker = page.get_by_role("table").first
    for name in offered:
        row = picker.get_by_role("row").filter(has=page.get_by_role("cell", name=name, exact=True))
        row.get_by_role("checkbox").set_checked(name == picked)
    page.screenshot(path=screenshots / "locust-picker.png", full_page=True)
    page.get_by_role("textbox", name="Number of users").fill("2")
    page.get_by_role("button", name="Start", exact=True).click()

    total = page.get_by_role("row").filter(has=page.get_by_role("cell", name="Aggregated"))
    total.wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('tr')].some(row =>"
        " row.cells[1].innerText === 'Aggregated' && Number(row.cells[2].innerText.replace(/\\D/g, '')) > 0)"
    )
    assert total.get_by_role("cell").nth(3).inner_text() == "0"
    page.screenshot(path=screenshots / "locust-running.png", full_page=True)

    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_role("button", name="New", exact=True).wait_for()
