"""The labs in a real browser: everything that a person can do there, against the services themselves."""

import json
import re
import secrets
import subprocess
import sys

import pytest
from wire.axe import barriers
from wire.http import fetch
from wire.lines import Talker
from wire.stack import ROOT
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for

PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1600, "height": 1000}

TOO_FAINT = (ROOT / "tests" / "wire" / "contrast.js").read_text()
FOCUSED = (ROOT / "tests" / "wire" / "focused.js").read_text()

#: Four interpreters are started for one answer of the WSGI lab, perhaps while another lab has its turn.
LONG = 60_000

#: A lab with something to show: where, the button, and what comes.
RESULTS = {
    "tcp": ("/lab/tcp/?protocol=room", "Connect and send", ".by-hand"),
    "http": ("/lab/http/?show=two-lengths", "Send these bytes", ".outcome .wire"),
    "wsgi": ("/lab/wsgi/?show=twice", "Ask all four", ".environs"),
    "websocket": ("/lab/websocket/?show=1005", "Connect and send", ".bits"),
}


@pytest.fixture
def tab(browser):
    """A tab in which nothing goes wrong: the console stays clean."""
    with Tab.opened(browser, viewport=DESKTOP) as opened:
        yield opened
        assert opened.errors == []


@pytest.fixture
def open_lab(tab, site):
    """Open a page, press its button, and wait for what comes; return the page."""

    def open_it(path, button=None, result="#result h2"):
        tab.page.goto(site.url(path))
        if button:
            press(tab.page, button, result)
        return tab.page

    return open_it


def press(page, button, result="#result h2"):
    """Press the lab's button and wait for a new result."""
    with page.expect_response(lambda answer: answer.request.method == "POST", timeout=LONG) as response:
        page.get_by_role("button", name=button, exact=True).click()
    response.value.finished()
    page.locator("#result:not([aria-busy])").locator(result.removeprefix("#result ")).first.wait_for()


class TestTCP:
    @pytest.mark.parametrize("way", ["through nginx", "straight to the service"])
    def test_bytes_there_and_back(self, tab, site, way):
        page = tab.page
        page.goto(site.url("/lab/tcp/"))
        page.get_by_role("textbox", name="Message").fill("grüezi")
        page.get_by_label(way).check()
        press(page, "Connect and send")
        came = page.locator(".moment.in").filter(has_text="came, 8 bytes")
        assert "67 72 c3 bc 65 7a 69 0a" in came.locator(".hex").inner_text()
        assert "gr··ezi·" in came.locator(".text").inner_text()
        times = [int(text.removesuffix(" µs")) for text in page.locator(".when").all_inner_texts()]
        assert times == sorted(times)
        assert page.locator("#result .under code").count() == 2
        page.get_by_role("status").get_by_text("Answered after").wait_for()
        assert all(":" in place for place in page.locator("#result .under code").all_inner_texts())

    def test_a_stream_has_no_messages(self, open_lab):
        page = open_lab("/lab/tcp/")
        page.get_by_role("radio", name="ack answers").check()
        page.get_by_label("is cut into single bytes").check()
        press(page, "Connect and send")
        assert page.locator(".moment.out").count() == len("Hello, stream!\n")
        answers = page.locator(".moment.in .way-label").all_inner_texts()
        assert len(answers) >= 1
        sent = sum(int(re.search(r"(\d+) byte", text)[1]) for text in answers)
        assert sent % len("Message received!") == 0
        assert sent > len("Message received!")

    def test_the_same_by_hand(self, open_lab, stack):
        """What the page says to type does what it did: in a shell, and in Python."""
        page = open_lab("/lab/tcp/", "Connect and send")
        command = page.locator(".by-hand .command").inner_text()
        assert str(stack.port("TCP_ECHO_PORT")) in command
        printed = subprocess.run(
            ["sh", "-c", f"timeout 5 {command.rpartition(' | ')[2]} -q 1 <<'E'\nHello\nE"],
            capture_output=True,
            timeout=20,
            check=True,
        )
        assert printed.stdout == b"Hello\n", printed.stderr
        program = page.locator(".by-hand .code").inner_text()
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=20, text=True, check=True
        )
        assert done.stdout == "b'Hello, stream!\\n'\n"
        assert len(program.strip().splitlines()) <= 10

    def test_the_room(self, open_lab, stack):
        words = f"by hand {secrets.token_hex(4)}"
        page = open_lab("/lab/tcp/?protocol=room")
        page.get_by_role("textbox", name="Message").fill(f"JOIN lab wire\n{words}")
        page.get_by_label("is cut into single bytes").check()
        with Talker.joined(stack.tcp("room", "direct"), "lab", "listener") as listener:
            press(page, "Connect and send")
            came = "".join(page.locator(".moment.in .text").all_inner_texts())
            assert "wire, you are in lab" in came
            assert f"wire: {words}" in came
            wait_for("the message", lambda: listener.message()[1:] == ("wire", words))

    def test_what_is_no_hex_is_said_on_the_same_page(self, browser, site):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/lab/tcp/"))
            tab.page.get_by_label("hex").check()
            tab.page.get_by_role("button", name="Connect and send").click()
            tab.page.get_by_role("alert").get_by_text("Hex is pairs of the digits").wait_for()
            assert tab.page.get_by_role("textbox", name="Message").input_value() == "Hello, stream!"


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


class TestWSGI:
    def test_ones_own_request_under_four_servers(self, open_lab):
        page = open_lab("/lab/wsgi/", "Ask all four", "#result table")
        table = page.get_by_role("table")
        names = table.get_by_role("columnheader").all_inner_texts()
        assert [name.split()[0] for name in names] == ["variable", "wsgiref", "Werkzeug", "httpd", "Gunicorn"]
        agent = page.evaluate("navigator.userAgent")
        assert agent in table.get_by_role("row").filter(has_text="HTTP_USER_AGENT").inner_text()
        assert table.locator(".differs").count() >= 10
        assert page.locator(".outcome .taken").all_inner_texts() == ["200"] * 4
        same = table.get_by_role("row").filter(has_text="REQUEST_METHOD")
        page.get_by_label("show only what differs").check()
        assert not same.is_visible()

    def test_one_after_another(self, open_lab):
        """Each of them is a new four, and nothing of the old is in the way."""
        page = open_lab("/lab/wsgi/?show=proxy")
        for _ in range(3):
            press(page, "Ask all four", "#result table")
            row = page.get_by_role("row").filter(has_text="wsgi.url_scheme")
            assert row.get_by_role("cell").all_inner_texts()[-1].endswith("'https'")

    def test_who_refuses(self, open_lab):
        page = open_lab("/lab/wsgi/?show=refused", "Ask all four", "#result table")
        assert page.locator(".outcome .refused").all_inner_texts() == ["400", "400"]
        assert page.get_by_role("columnheader").count() == 3


#: What each conversation on the shelf comes to: the beginning of the verdict after the handshake.
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
