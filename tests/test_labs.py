"""What every lab keeps to, in a real browser: it fits, is legible, works by keyboard and without a script."""

import pytest
from wire.axe import barriers
from wire.lab import LONG, RESULTS, press
from wire.stack import ROOT
from wire.tab import DESKTOP, Tab

PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1600, "height": 1000}

TOO_FAINT = (ROOT / "tests" / "wire" / "contrast.js").read_text()
FOCUSED = (ROOT / "tests" / "wire" / "focused.js").read_text()


class TestEveryLab:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("lab", RESULTS)
    def test_its_result_fits_and_can_be_read(self, browser, site, screenshots, lab, scheme):
        path, button, result = RESULTS[lab]
        with Tab.opened(browser, color_scheme=scheme, reduced_motion="reduce") as tab:
            for viewport in (PHONE, WIDE):
                tab.page.set_viewport_size(viewport)
                tab.page.goto(site.url(path))
                press(tab.page, button, f"#result {result}")
                width = viewport["width"]
                tab.page.evaluate("() => scrollTo(0, 0)")
                tab.page.screenshot(
                    path=screenshots / f"lab-{lab}-result-{scheme}-{width}.png", full_page=True
                )
                assert tab.page.evaluate("() => document.scrollingElement.scrollWidth") <= width
            assert tab.page.evaluate(TOO_FAINT, 4.5) == []
            assert barriers(tab.page) == []
            assert tab.errors == []
            assert tab.hosts_asked() == {f"{site.host}:{site.port}"}

    @pytest.mark.parametrize("lab", RESULTS)
    def test_it_works_without_a_script(self, browser, site, lab):
        path, button, result = RESULTS[lab]
        with Tab.opened(browser, viewport=DESKTOP, java_script_enabled=False) as tab:
            tab.page.goto(site.url(path))
            tab.page.get_by_role("button", name=button, exact=True).click(timeout=LONG)
            tab.page.locator(f"#result {result}").first.wait_for(timeout=LONG)

    @pytest.mark.parametrize(
        "path", ["/lab/tcp/", "/lab/http/", "/lab/wsgi/", "/lab/websocket/", "/lab/push/"]
    )
    def test_by_keyboard(self, open_lab, path):
        """Every stop in reading order, and one sees where one is. A group of radio buttons is one stop."""
        page = open_lab(path)
        stops = []
        while not stops or stops[-1]["text"] != "Health":
            page.keyboard.press("Tab")
            stops.append(page.evaluate(FOCUSED))
            assert len(stops) < 100
        assert [stop["place"] for stop in stops] == sorted({stop["place"] for stop in stops})
        assert [stop for stop in stops if not stop["marked"] or not stop["visible"]] == []

    @pytest.mark.parametrize("lab", RESULTS)
    def test_who_sends_by_keyboard_stays_where_they_are(self, open_lab, lab):
        path, button, _ = RESULTS[lab]
        page = open_lab(path)
        page.get_by_role("button", name=button, exact=True).focus()
        with page.expect_response(lambda answer: answer.request.method == "POST", timeout=LONG):
            page.keyboard.press("Enter")
        page.locator("#result:not([aria-busy]) h2").first.wait_for()
        assert page.evaluate("() => document.activeElement.innerText") == button

    @pytest.mark.parametrize(
        ("lab", "label", "text", "sentence"),
        [
            ("tcp", "Message", "x" * 1025, "1,024 can be shown"),
            ("http", "Field lines", "\\q", "A backslash begins"),
            ("http", "Content", "x" * 12000 + "\\n" * 1000, "the lab sends 12,288 at most"),
            ("wsgi", "Field lines", "\\q", "A backslash begins"),
            ("websocket", "Frames, one a line", "hello", "“hello” is no frame"),
            ("websocket", "Frames, one a line", "hex: 8", "Hex is pairs"),
        ],
    )
    def test_what_can_not_be_sent_is_explained(self, browser, site, lab, label, text, sentence):  # noqa: PLR0917
        path, button, _ = RESULTS[lab]
        with Tab.opened(browser, viewport=DESKTOP, java_script_enabled=False) as tab:
            tab.page.goto(site.url(path))
            field = tab.page.get_by_role("textbox", name=label)
            field.evaluate("(field, text) => { field.maxLength = 100000; field.value = text }", text)
            tab.page.get_by_role("button", name=button, exact=True).click()
            tab.page.get_by_role("alert").get_by_text(sentence).wait_for()

    def test_what_nginx_does_not_take_is_explained(self, browser, site):
        """More than the site itself would ever see; what was typed is still there."""
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/lab/http/"))
            field = tab.page.get_by_role("textbox", name="Content")
            field.evaluate("field => { field.maxLength = 3e6; field.value = 'x'.repeat(2e6) }")
            tab.page.get_by_role("button", name="Send these bytes").click()
            tab.page.get_by_role("alert").get_by_text("Its content is larger than 1 MiB.").wait_for()
            assert field.evaluate("field => field.value.length") == 2_000_000

    def test_one_leads_to_the_next(self, open_lab):
        page = open_lab("/")
        for href in ("/lab/tcp/", "/lab/http/", "/lab/wsgi/", "/lab/websocket/", "/lab/push/"):
            page.locator(f"main a[href='{href}']").first.click()
            page.get_by_role("heading", level=1).wait_for()
            assert page.url.endswith(href)
            page.get_by_role("navigation", name="Main").get_by_role("link", name="Labs").click()
            page.wait_for_url("**/#labs")
