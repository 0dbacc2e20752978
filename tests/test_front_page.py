"""The front page in a real browser: on any screen, and for those who use no mouse or no script."""

import re
import secrets
from urllib.parse import urljoin, urlsplit

import pytest
from wire.http import NO_ANSWER, fetch
from wire.stack import ROOT
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for

RUNGS = ["tcp", "httpd", "httpd-wsgi", "web", "realtime"]
AROUND = ["nginx", "redis", "locust"]
PHONE = {"width": 360, "height": 740}

TOO_FAINT = (ROOT / "tests" / "wire" / "contrast.js").read_text()
FOCUSED = (ROOT / "tests" / "wire" / "focused.js").read_text()


@pytest.fixture
def tab(browser, site):
    """The front page. Whatever a test does there, the console stays clean and nobody else is asked."""
    with Tab.opened(browser, viewport=DESKTOP) as opened:
        opened.page.goto(site.url("/"))
        yield opened
        assert opened.errors == []
        assert opened.hosts_asked() == {f"{site.host}:{site.port}"}


def states(page):
    return {
        element.get_attribute("data-service"): element.locator("[data-field=state]")
        .inner_text()
        .strip()
        .lower()
        for element in page.locator("[data-service]:has([data-field=state])").all()
    }


class TestLadder:
    def test_its_rungs_from_the_ground_up(self, tab):
        assert tab.page.get_by_role("heading", level=1).count() == 1
        rungs = tab.page.locator("#ladder ol > li[data-service]")
        assert rungs.evaluate_all("all => all.map(rung => rung.dataset.service)") == RUNGS

    def test_every_service_is_up(self, tab, screenshots):
        tab.page.wait_for_function("() => !document.querySelector('[data-state=down], [data-state=failing]')")
        assert states(tab.page) == dict.fromkeys([*RUNGS, *AROUND], "up")
        tab.page.screenshot(path=screenshots / "front.png", full_page=True)

    def test_it_keeps_itself_fresh(self, tab):
        """The page asks again and again by itself, and says as of when its figures are."""
        before = tab.page.locator("#live").inner_text()
        with tab.page.expect_response(lambda response: urlsplit(response.url).path == "/status/"):
            pass
        tab.page.wait_for_function(
            "before => document.querySelector('#live').innerText !== before", arg=before
        )

    def test_it_says_by_itself_that_a_service_went_away_and_came_back(
        self, tab, processes, is_up, screenshots
    ):
        httpd = tab.page.locator("#ladder [data-service=httpd]")
        processes.stop("httpd")
        try:
            httpd.and_(tab.page.locator("[data-state=down]")).wait_for()
            assert httpd.locator("[data-field=reason]").inner_text()
            tab.page.screenshot(path=screenshots / "front-httpd-down.png", full_page=True)
            with Tab.opened(tab.page.context.browser, viewport=DESKTOP) as lost:
                assert lost.page.goto(urljoin(tab.page.url, "/httpd/")).status in NO_ANSWER
                assert lost.page.get_by_role("heading", level=1).is_visible()
                lost.page.screenshot(path=screenshots / "502.png")
        finally:
            processes.start("httpd")
            wait_for("httpd to be up", lambda: is_up("httpd"))
        httpd.and_(tab.page.locator("[data-state=up]")).wait_for()

    def test_its_commands_are_for_this_stack(self, tab, stack, site):
        """They can be copied as they stand, whichever ports are published, and by whichever name one came."""
        commands = "\n".join(tab.page.locator("code.command").all_inner_texts())
        assert f"{site.host} {stack.port('TCP_ECHO_PORT')}" in commands
        assert f"{site.origin}/echo" in commands

    def test_every_link_leads_somewhere(self, tab, site):
        hrefs = tab.page.locator("a[href]").evaluate_all("all => all.map(link => link.getAttribute('href'))")
        paths = {urlsplit(urljoin("/", href)) for href in hrefs}
        assert all(not place.netloc for place in paths)
        broken = {place.path: status for place in paths if (status := fetch(site, place.path).status) != 200}
        assert broken == {}
        fragments = {place.fragment for place in paths if place.path == "/" and place.fragment}
        assert all(tab.page.locator(f"[id='{fragment}']").count() == 1 for fragment in fragments)


class TestTalk:
    def test_an_echo_from_the_page(self, tab):
        card = tab.page.locator("[data-kind=echo]")
        card.get_by_label("Message").fill("雪の日 ❄")
        card.get_by_role("button").click()
        card.get_by_role("log").get_by_text("雪の日 ❄").first.wait_for()
        assert tab.page.url.startswith("http")

    def test_two_windows_hear_each_other(self, tab, browser, site, screenshots):
        with Tab.opened(browser, viewport=DESKTOP) as other:
            other.page.goto(site.url("/"))
            rooms = [window.page.locator("[data-kind=room]") for window in (tab, other)]
            for room in rooms:
                room.get_by_role("button", name="Join").click()
                room.get_by_role("button", name="Send").wait_for()
            for room in rooms:
                words = f"hello {secrets.token_hex(4)}"
                room.get_by_label("Message").fill(words)
                room.get_by_role("button", name="Send").click()
                for listener in rooms:
                    listener.get_by_role("log").get_by_text(words).wait_for()
            tab.page.evaluate("() => scrollTo(0, 0)")
            tab.page.screenshot(path=screenshots / "front-room.png", full_page=True)
            assert other.errors == []


class TestScreens:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
    def test_it_fits_and_can_be_read(self, browser, site, screenshots, scheme, viewport):
        with Tab.opened(browser, viewport=viewport, color_scheme=scheme) as tab:
            tab.page.goto(site.url("/"))
            tab.page.screenshot(path=screenshots / f"front-{scheme}-{viewport['width']}.png", full_page=True)
            wide = "() => document.scrollingElement.scrollWidth"
            assert tab.page.evaluate(wide) <= viewport["width"]
            assert tab.page.evaluate(TOO_FAINT, 4.5) == []
            assert tab.errors == []

    def test_dark_is_dark(self, browser, site):
        def background(scheme):
            with Tab.opened(browser, color_scheme=scheme) as tab:
                tab.page.goto(site.url("/"))
                color = tab.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
                return sum(int(number) for number in re.findall(r"\d+", color)[:3]) / 3

        assert background("dark") < 64
        assert background("light") > 192

    def test_twice_the_text_still_fits(self, browser, site):
        """WCAG 1.4.10: at 400 % a wide screen has 320 pixels left, and one way to scroll is enough."""
        with Tab.opened(browser, viewport={"width": 320, "height": 256}) as tab:
            tab.page.goto(site.url("/"))
            assert tab.page.evaluate("() => document.scrollingElement.scrollWidth") <= 320


class TestKeyboard:
    def test_every_control_in_reading_order_and_marked(self, tab):
        wanted = tab.page.locator("a[href], button, input, [tabindex='0']").filter(visible=True).count()
        stops = []
        for _ in range(wanted):
            tab.page.keyboard.press("Tab")
            stops.append(tab.page.evaluate(FOCUSED))
        assert stops[0]["text"].lower().startswith("skip")
        assert [stop["place"] for stop in stops] == sorted({stop["place"] for stop in stops})
        assert [stop for stop in stops if not stop["marked"] or not stop["visible"]] == []

    def test_the_skip_link_skips(self, tab):
        tab.page.keyboard.press("Tab")
        tab.page.keyboard.press("Enter")
        tab.page.wait_for_function("() => document.activeElement.closest('main')")


class TestWithoutScript:
    def test_the_page_is_whole(self, browser, site, screenshots):
        with Tab.opened(browser, viewport=DESKTOP, java_script_enabled=False) as tab:
            tab.page.goto(site.url("/"))
            assert states(tab.page) == dict.fromkeys([*RUNGS, *AROUND], "up")
            assert "JavaScript" in tab.page.locator("noscript").inner_text()
            assert not tab.page.locator("[data-needs-script]").is_visible()
            tab.page.screenshot(path=screenshots / "front-without-script.png", full_page=True)


class TestErrorPage:
    def test_it_is_one_of_ours(self, browser, site, screenshots):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            assert tab.page.goto(site.url("/no/such/page")).status == 404
            tab.page.screenshot(path=screenshots / "404.png")
            tab.page.get_by_role("main").get_by_role("link").first.click()
            assert tab.page.url == site.url("/")
