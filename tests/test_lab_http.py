"""The HTTP lab in a real browser, against the services themselves."""

import pytest
from wire.lab import press
from wire.wait import wait_for


class TestHTTP:
    def send(self, page, slug, site):
        page.goto(site.url(f"/lab/http/?show={slug}"))
        for box in page.locator("[name=to]").all():
            box.check()
        press(page, "Send these bytes")
        return {
            outcome.get_by_role("heading").inner_text(): outcome.locator(".status-code").all_inner_texts()
            for outcome in page.locator(".outcome").all()
        }

    @pytest.mark.parametrize("slug", ["two-lengths", "bare-lf", "obs-fold", "bad-chunk"])
    def test_who_refuses_what(self, tab, site, screenshots, slug):
        found = self.send(tab.page, slug, site)
        assert len(found) == 4
        assert found["httpd, directly"] == ["400"]
        assert tab.page.locator(".faults li").count() >= 1
        faulty = tab.page.locator(".part.faulty").first
        assert "RFC 9112" in faulty.get_attribute("title")
        tab.page.evaluate("() => scrollTo(0, 0)")
        tab.page.screenshot(path=screenshots / f"lab-http-{slug}.png", full_page=True)

    @pytest.mark.parametrize(
        ("slug", "statuses"),
        [
            ("get", ["200"]),
            ("form", ["200"]),
            ("cookies", ["200", "200"]),
            ("chunked", ["200"]),
            ("pipelined", ["200", "200", "404"]),
            ("head", ["200"]),
            ("expect", ["100", "200"]),
        ],
    )
    def test_the_well_formed_ones(self, tab, site, slug, statuses):
        assert self.send(tab.page, slug, site)["httpd, directly"] == statuses
        assert "RFC 9112, 3" in tab.page.locator(".p-request-line").first.get_attribute("title")

    def test_a_request_of_ones_own(self, open_lab):
        page = open_lab("/lab/http/")
        page.get_by_label("Request-target").fill("/inspect?own=1")
        page.get_by_label("Field lines").fill("Host: {host}\nX-Mine: \\xff")
        press(page, "Send these bytes")
        assert "own=1" in page.locator(".outcome").first.inner_text()

    def test_a_service_that_is_down(self, open_lab, processes, is_up):
        processes.stop("httpd")
        try:
            page = open_lab("/lab/http/", "Send these bytes")
            down = page.locator(".outcome").filter(has_text="httpd, directly").first
            assert "Is it up? The ladder says." in down.inner_text()
            assert page.locator(".outcome").filter(has_text="Gunicorn").locator(".taken").count() == 1
        finally:
            processes.start("httpd")
            wait_for("httpd to be up", lambda: is_up("httpd"))
