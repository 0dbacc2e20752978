"""The WebSocket lab in a real browser, against the services themselves."""

import pytest
from wire.lab import LONG, press
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for

FRAMES = {
    "hello": "1000 The server closed: normal closure, “good-bye”.",
    "ping": "1000 The server closed: normal closure",
    "fragments": "1000 The server closed: normal closure",
    "long": "1000 The server closed: normal closure",
    "once": "1000 The server closed: normal closure.",
    "room": "1000 The server closed: normal closure",
    "no-code": "no code The server closed",
    "no-close": "The server sent no close frame.",
    "unmasked": "1002 The server closed: protocol error",
    "reserved": "1002 The server closed: protocol error",
    "opcode": "1002 The server closed: protocol error",
    "fragmented-ping": "1002 The server closed: protocol error",
    "big-ping": "1002 The server closed: protocol error",
    "utf-8": "1007 The server closed",
    "nothing-to-continue": "1002 The server closed: protocol error",
    "interrupted": "1002 The server closed: protocol error",
    "1005": "1002 The server closed: protocol error",
    "half-code": "1002 The server closed: protocol error",
    "too-big": "1009 The server closed: message too big",
}
WELL_FORMED = {"hello", "ping", "fragments", "long", "once", "room", "no-code", "no-close", "too-big"}

HANDSHAKES = {
    "version": "426",
    "no-key": "400",
    "short-key": "400",
    "no-upgrade": "404",
    "post": "405",
    "foreign": "403",
    "nowhere": "404",
}
WAYS = pytest.mark.parametrize("way", ["through nginx", "straight to the service"])


class TestWebSocket:
    def send(self, page, site, slug, way):
        page.goto(site.url(f"/lab/websocket/?show={slug}"))
        page.get_by_label(way).check()
        press(page, "Connect and send", "#result .moments")
        return " ".join(page.locator("#result .verdict").inner_text().split())

    @WAYS
    def test_frames_right_and_wrong(self, tab, site, way):
        for slug, words in FRAMES.items():
            verdict = self.send(tab.page, site, slug, way)
            assert verdict.startswith(f"101 The connection is a WebSocket. {words}"), slug
            assert tab.page.locator(".sum .good").inner_text() == "the same", slug
            marked = tab.page.locator(".moments .faults").count() > 0
            assert marked == (slug not in WELL_FORMED), slug

    @WAYS
    def test_handshakes_that_are_refused(self, tab, site, way):
        for slug, status in HANDSHAKES.items():
            assert self.send(tab.page, site, slug, way).startswith(f"{status} It has not become"), slug
            assert tab.page.locator(".bits").count() == 0, slug

    def test_the_bits_of_a_frame(self, open_lab):
        page = open_lab("/lab/websocket/", "Connect and send", "#result .bits")
        first = page.locator(".bits").first
        boxes = dict(
            zip(first.locator("dt").all_inner_texts(), first.locator("code").all_inner_texts(), strict=True)
        )
        assert (boxes["FIN"], boxes["opcode"], boxes["MASK"], boxes["length"]) == (
            "1",
            "0001",
            "1",
            "0000101",
        )
        key, payload = (bytes.fromhex(boxes[name]) for name in ("masking key", "payload, masked"))
        assert bytes(byte ^ key[place % 4] for place, byte in enumerate(payload)) == b"Hello"
        assert bytes.fromhex(boxes["payload"]) == b"Hello"
        assert "RFC 6455" in first.locator("div").first.get_attribute("title")

    def test_frames_of_ones_own(self, open_lab):
        page = open_lab("/lab/websocket/")
        page.get_by_label("Frames, one a line").fill("text: 雪 ❄\nclose: 4000 enough")
        press(page, "Connect and send", "#result .bits")
        assert page.locator(".moment.in").filter(has_text="“雪 ❄”").count() == 1
        assert "4000 The server closed: an application's own, “enough”." in " ".join(
            page.locator(".verdict").inner_text().split()
        )

    def test_from_ones_own_browser(self, open_lab):
        page = open_lab("/lab/websocket/")
        panel = page.locator(".live-socket")
        panel.get_by_role("button", name="Connect").click()
        panel.get_by_text("Connected to /ws/echo.").wait_for()
        assert page.evaluate("() => document.activeElement.innerText") == "Close with 1000"
        panel.get_by_label("Message").fill("❄")
        page.keyboard.press("Enter")
        lines = panel.get_by_role("log").locator("li")
        lines.filter(has_text="← ❄").wait_for()
        assert lines.all_inner_texts() == ["→ ❄\n81 83 ·· ·· ·· ·· + 3", "← ❄\n81 03 + 3"]
        panel.get_by_role("button", name="Close with 1000").click()
        panel.get_by_text("Closed with 1000.", exact=True).wait_for()
        panel.get_by_label("echo-once").check()
        panel.get_by_role("button", name="Connect").click()
        panel.get_by_text("Connected to /ws/echo-once.").wait_for()
        panel.get_by_role("button", name="Send").click()
        panel.get_by_text("Closed with 1000.", exact=True).wait_for()
        assert panel.get_by_role("button", name="Connect").is_enabled()

    def test_its_own_connection_comes_back(self, browser, site, processes, is_up):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/lab/websocket/"))
            panel = tab.page.locator(".live-socket")
            panel.get_by_label("room").check()
            panel.get_by_role("button", name="Connect").click()
            panel.get_by_text("Connected to /ws/rooms/lab.").wait_for()
            processes.kill("realtime")
            panel.get_by_text("trying again in").wait_for()
            wait_for("realtime to be up", lambda: is_up("realtime"), seconds=60)
            panel.get_by_text("Connected to /ws/rooms/lab.").wait_for(timeout=LONG)
