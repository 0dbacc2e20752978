"""Locust's page in a browser, through nginx: somebody picks classes, starts a test and sees requests.

And ours beside it, with what Locust's rounds away.
"""

import pytest
from wire.stack import ROOT
from wire.tab import DESKTOP, Tab

TOO_FAINT = (ROOT / "tests" / "wire" / "contrast.js").read_text()


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


@pytest.fixture
def running(locust):
    """A test of two rungs and a room; one of the rungs is at a fixed rate, as all are."""
    locust.start(["TcpEcho", "WebEcho", "RoomStream"], users=6, rate="20", listeners_per_poster="2")
    return locust


@pytest.fixture(params=[(scheme, width) for scheme in ("light", "dark") for width in (360, 1280)], ids=str)
def anywhere(browser, site, request):
    """A tab on a screen of some width, in some colours. Its console stays clean and nobody else is asked."""
    scheme, width = request.param
    with Tab.opened(browser, viewport={"width": width, "height": 800}, color_scheme=scheme) as tab:
        yield tab, f"{scheme}-{width}"
        assert tab.errors == []
        assert tab.hosts_asked() == {f"{site.host}:{site.port}"}


def test_the_same_test_in_microseconds(anywhere, site, running, screenshots):
    """From Locust's page by its link; on any screen; and it follows the test by itself."""
    tab, look = anywhere
    page = tab.page
    page.goto(site.url("/locust/"))
    page.get_by_role("link", name="This test in microseconds").click()
    rows = page.locator("#rows tr")
    for name in ("1 tcp echo (nginx)", "4 web echo (nginx)", "room 3 stream delivery (nginx)"):
        page.get_by_role("rowheader", name=name).wait_for()
        page.get_by_role("img", name=name).wait_for()
    counted = rows.first.get_by_role("cell").nth(2)
    before = counted.inner_text()
    page.wait_for_function(
        "before => document.querySelector('#rows tr').cells[3].innerText !== before", arg=before
    )
    assert page.locator("#verdict").inner_text() not in {"", "…", "No test runs."}
    assert page.get_by_role("progressbar").count() >= 1
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(TOO_FAINT, 4.5) == []
    page.screenshot(path=screenshots / f"load-{look}.png", full_page=True)
    assert running.stats()["errors"] == []


def test_our_page_says_when_nothing_runs_and_when_nobody_answers(browser, site, locust):
    with Tab.opened(browser, viewport=DESKTOP) as tab:
        tab.page.goto(site.url("/locust/layercake/"))
        tab.page.get_by_text("No test runs.").wait_for()
        tab.page.context.set_offline(True)
        tab.page.get_by_text("Connection lost").wait_for()
        tab.page.context.set_offline(False)
        tab.page.get_by_text("Live", exact=True).wait_for()
