"""The push lab in a real browser, against the services themselves."""

import json
import re
import secrets

from wire.http import fetch
from wire.lab import LONG
from wire.lines import Talker
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for


class TestPush:
    PANES = ("polling", "long-polling", "streaming", "websocket", "tcp")

    def alive(self, page):
        page.wait_for_function("() => document.querySelectorAll('.pane[data-state=open]').length === 5")

    def hear(self, page, words):
        for kind in self.PANES:
            page.locator(f"[data-transport={kind}]").get_by_role("log").get_by_text(words).wait_for()

    def counts(self, page, kind):
        pane = page.locator(f"[data-transport={kind}]")
        return {
            item.get_attribute("data-count"): int(item.inner_text().replace(",", ""))
            for item in pane.locator("[data-count]:not([data-count=delay])").all()
        }

    def test_one_message_in_five_panes(self, open_lab, screenshots):
        page = open_lab("/lab/push/")
        self.alive(page)
        words = f"hello {secrets.token_hex(4)}"
        page.get_by_label("Say something").fill(words)
        page.keyboard.press("Enter")
        self.hear(page, words)
        page.get_by_text("Posted; it is number").wait_for()
        page.screenshot(path=screenshots / "lab-push-one.png", full_page=True)
        for kind in self.PANES[:4]:
            pane = page.locator(f"[data-transport={kind}]")
            assert re.fullmatch(r"\d+ ms", pane.locator("[data-count=delay]").inner_text())
            found = self.counts(page, kind)
            assert found["messages"] >= 1
            assert found["requests"] >= 1
            assert found["bytes"] > len(words)
        assert self.counts(page, "streaming")["requests"] == self.counts(page, "websocket")["requests"] == 1

    def test_silence_costs_polling_the_most(self, open_lab):
        page = open_lab("/lab/push/")
        self.alive(page)
        page.wait_for_function(
            "() => Number(document.querySelector('[data-transport=polling] [data-count=vain]')"
            ".textContent) >= 3"
        )
        assert self.counts(page, "long-polling")["vain"] == 0
        assert self.counts(page, "websocket")["vain"] == 0

    def test_twenty_a_second_for_ten_seconds(self, open_lab, screenshots):
        page = open_lab("/lab/push/")
        self.alive(page)
        page.get_by_role("button", name="Twenty a second").click()
        page.get_by_role("button", name="Stop").wait_for()
        page.get_by_text("200 posted").wait_for(timeout=LONG)
        for kind in self.PANES:
            page.wait_for_function(
                "kind => Number(document.querySelector(`[data-transport=${kind}] [data-count=messages]`)"
                ".textContent) >= 200",
                arg=kind,
                timeout=LONG,
            )
        page.screenshot(path=screenshots / "lab-push-burst.png", full_page=True)
        # One poll brings many of them, and nothing else is asked so seldom.
        assert self.counts(page, "polling")["requests"] < 200

    def test_someone_with_nc_is_in_the_same_room(self, open_lab, stack):
        page = open_lab("/lab/push/")
        self.alive(page)
        command = page.locator("[data-transport=tcp] .command").inner_text()
        assert command == f"(echo JOIN lab you; cat) | nc {stack.host} {stack.port('TCP_ROOM_PORT')}"
        with Talker.joined(stack.tcp("room", "nginx"), "lab", "nc") as talker:
            words = f"from a terminal {secrets.token_hex(4)}"
            talker.say(words)
            self.hear(page, words)
            shown = page.locator("[data-transport=tcp]").get_by_role("log").get_by_text(words)
            number, author, text = talker.message()
            assert shown.inner_text() == f"{number} {author}: {text}"

    def test_a_room_that_lost_its_memory_is_heard_anew(self, browser, site):
        """As after a Redis that came back without its disk: the numbers begin again."""
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            page, words = tab.page, f"anew {secrets.token_hex(4)}"
            before = json.dumps({"author": "a", "text": "before"}).encode()
            headers = {"Content-Type": "application/json"}
            assert fetch(site, "/rooms/lab/messages", "POST", before, headers).status == 201
            problem = json.dumps({"type": "error", "code": "after_in_future", "last": 0})
            message = json.dumps({"type": "message", "number": 1, "author": "a", "text": words, "time": ""})

            def open_socket(socket):
                socket.send(problem)
                socket.send(message)

            page.route_web_socket(re.compile("/ws/rooms/lab"), open_socket)
            stream = f"event: problem\ndata: {problem}\n\nid: 1\ndata: {message}\n\n"
            page.route(
                re.compile("/rooms/lab/events"),
                lambda route: route.fulfill(body=stream, content_type="text/event-stream"),
            )
            page.goto(site.url("/lab/push/"))
            for kind in ("streaming", "websocket"):
                page.locator(f"[data-transport={kind}]").get_by_role("log").get_by_text(
                    words
                ).first.wait_for()

    def test_a_lost_connection_says_so_and_comes_back(self, browser, site, processes, is_up):
        """Polling goes on beside it, and what was said meanwhile is heard afterwards."""
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            page = tab.page
            page.goto(site.url("/lab/push/"))
            self.alive(page)
            processes.stop("realtime")
            try:
                page.wait_for_function(
                    "() => document.querySelectorAll('.pane[data-state=lost]').length === 4"
                )
                words = f"meanwhile {secrets.token_hex(4)}"
                page.get_by_label("Say something").fill(words)
                page.keyboard.press("Enter")
                polling = page.locator("[data-transport=polling]")
                polling.get_by_role("log").get_by_text(words).wait_for()
            finally:
                processes.start("realtime")
                wait_for("realtime to be up", lambda: is_up("realtime"), seconds=60)
            page.wait_for_function(
                "() => document.querySelectorAll('.pane[data-state=open]').length === 5", timeout=LONG
            )
            self.hear(page, words)
