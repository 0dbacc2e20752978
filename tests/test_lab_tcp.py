"""The TCP lab in a real browser, against the services themselves."""

import re
import secrets
import subprocess
import sys

import pytest
from wire.lab import press
from wire.lines import Talker
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for


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
