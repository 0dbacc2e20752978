"""The pages in a real Chromium: what their scripts do, on any screen, with a clean console."""

import contextlib
import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

PAGES = ["/", "/lab/tcp/", "/lab/http/", "/lab/wsgi/", "/lab/websocket/", "/lab/push/", "/nothing"]


@pytest.fixture(scope="module")
def browser():
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    # A browser that phones home is not alone with the site; its sandbox refuses to work for root.
    flags = [
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=[*flags, "--no-sandbox"] if os.geteuid() == 0 else flags
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def site(gunicorn, bytes_service, tmp_path_factory):
    """The site, with a peer for its labs that sends back what it reads."""
    with bytes_service(lambda received: received) as peer:
        names = ["TCP_ECHO_ADDRESS", "NGINX_TCP_ECHO_ADDRESS", "HTTPD_ADDRESS", "NGINX_ADDRESS"]
        variables = dict.fromkeys(names, str(peer))
        with gunicorn(tmp_path_factory.mktemp("site"), **variables) as (port, _, _):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def tab(browser, **options):
    """Open a window of its own; yield its page, and what went wrong on it."""
    context = browser.new_context(**options)
    context.set_default_timeout(10_000)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page, wrong
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 800, 1600])
def test_no_page_is_wider_than_its_screen(browser, site, width, scheme):
    with tab(browser, viewport={"width": width, "height": 800}, color_scheme=scheme) as (page, _):
        for address in PAGES:
            page.goto(site + address)
            assert page.evaluate("document.scrollingElement.scrollWidth") <= width, address


def test_the_front_page_says_that_the_site_is_gone_and_that_it_is_back(browser, site):
    with tab(browser) as (page, _):
        sign = page.locator("#live")
        page.goto(site)
        sign.and_(page.locator("[data-state=live]")).wait_for()
        page.context.set_offline(True)
        page.get_by_text("Connection lost, trying again").wait_for()
        page.context.set_offline(False)
        sign.and_(page.locator("[data-state=live]")).wait_for()


def test_the_tcp_lab_by_keyboard(browser, site):
    with tab(browser) as (page, wrong):
        page.goto(f"{site}/lab/tcp/")
        message = page.get_by_role("textbox", name="Message")
        message.fill("grüezi")
        page.get_by_role("button", name="Connect and send").focus()
        page.keyboard.press("Enter")
        page.get_by_text("in UTF-8: grüezi").first.wait_for()
        assert page.url == f"{site}/lab/tcp/"
        assert message.input_value() == "grüezi"
        page.get_by_role("button", name="Copy: printf").wait_for()
        assert wrong == []
        page.get_by_label("hex").check()
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("pairs of the digits").wait_for()
        assert page.get_by_text("What went each way").count() == 0


def test_the_labs_without_a_script(browser, site):
    with tab(browser, java_script_enabled=False) as (page, wrong):
        page.goto(f"{site}/lab/tcp/")
        page.get_by_role("button", name="Connect and send").click()
        page.get_by_text("What went each way").wait_for()
        page.goto(f"{site}/lab/http/")
        page.get_by_role("link", name="A folded line").click()
        page.get_by_role("button", name="Send these bytes").click()
        page.get_by_text("A folded line (obs-fold)").wait_for()
        assert wrong == []


def test_the_http_lab(browser, site):
    with tab(browser) as (page, wrong):
        page.goto(f"{site}/lab/http/")
        page.get_by_role("link", name="Two lengths").click()
        page.get_by_role("button", name="Send these bytes").click()
        page.get_by_text("Two different lengths").wait_for()
        # The peer echoes, and a request is no response.
        assert page.locator(".outcome").count() == 3
        assert page.get_by_text("no answer").count() >= 2
        assert (
            page.locator(".faulty").first.get_attribute("title").startswith("empty line (RFC 9112, 2.1): Two")
        )
        assert wrong == []


def test_the_wsgi_lab(browser, site):
    with tab(browser) as (page, wrong):
        page.goto(f"{site}/lab/wsgi/?show=chunked")
        page.get_by_role("button", name="Ask all four").focus()
        page.keyboard.press("Enter")
        # Four interpreters are started for it.
        page.get_by_role("heading", name="What the application was given").wait_for(timeout=40_000)
        table = page.get_by_role("table")
        assert table.get_by_role("columnheader").count() == 5
        read = table.get_by_role("row").filter(has_text="wsgi.input.read()")
        assert read.get_by_role("cell").all_inner_texts() == ["''", *["'Hello, chunks'"] * 3]
        same = table.get_by_role("row").filter(has_text="REQUEST_METHOD")
        assert same.is_visible()
        page.get_by_label("show only what differs").check()
        assert not same.is_visible()
        assert read.is_visible()
        assert wrong == []


def test_the_websocket_lab(browser, site):
    """Its peer here sends back what it reads, and a request is no answer to a handshake."""
    with tab(browser) as (page, wrong):
        page.goto(f"{site}/lab/websocket/")
        page.get_by_role("link", name="A reserved bit").click()
        assert page.get_by_label("Frames, one a line").input_value().startswith("text rsv1: Hello")
        page.get_by_role("button", name="Connect and send").click()
        page.get_by_text("It has not become a WebSocket").wait_for()
        assert wrong == []


def test_the_browsers_own_connection_comes_back(browser, site):
    """On the site's own port nobody answers it: it says so and tries again until it is told not to."""
    with tab(browser) as (page, _):
        page.goto(f"{site}/lab/websocket/")
        panel = page.locator(".live-socket")
        assert panel.get_by_role("button", name="Send").is_disabled()
        panel.get_by_role("button", name="Connect").click()
        panel.get_by_text("Connection lost (1006: no close frame came); trying again in 1 s.").wait_for()
        panel.get_by_text("trying again in 2 s.").wait_for()
        panel.get_by_role("button", name="Close").click()
        panel.get_by_text("Not connected.").wait_for()


def test_the_push_lab_goes_on_with_what_there_is(browser, site):
    """On the site's own port nobody answers the other three: they say that they try, and polling works."""
    with tab(browser) as (page, _):
        page.goto(f"{site}/lab/push/")
        polling = page.locator("[data-transport=polling]")
        polling.get_by_text("Asking once a second.").wait_for()
        page.get_by_label("Say something").fill("Anybody there?")
        page.get_by_role("button", name="Post").click()
        polling.get_by_role("log").get_by_text("Anybody there?").wait_for()
        page.wait_for_function("document.querySelectorAll('.pane[data-state=lost]').length === 4")
        assert polling.locator("[data-count=messages]").inner_text() == "1"
