"""Locust's page in a browser, through nginx: somebody picks classes, starts a test and sees requests."""

import pytest
from wire.browser import chromium
from wire.locust import Locust


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def locust(site):
    master = Locust(site)
    master.stop()
    yield master
    master.stop()


@pytest.fixture
def page(browser, site, locust):
    with browser.new_page(viewport={"width": 1280, "height": 900}) as tab:
        tab.wrong = []
        tab.on("console", lambda message: tab.wrong.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: tab.wrong.append(str(error)))
        tab.on("requestfailed", lambda request: tab.wrong.append(request.url))
        tab.goto(site.url("/locust/"))
        yield tab


def test_a_test_started_by_hand_shows_requests_and_no_failures(page, locust, screenshots):
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
    assert page.wrong == []
