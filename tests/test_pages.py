"""Every page in a real browser: nobody is kept out, nothing comes from outside, and nothing is heavy."""

import re
import secrets
import sys
from urllib.parse import urljoin, urlsplit

import pytest
from wire.axe import barriers
from wire.http import NO_ANSWER, fetch
from wire.stack import ROOT
from wire.tab import DESKTOP, Tab
from wire.wait import wait_for

sys.path.insert(0, str(ROOT / "services" / "web" / "tests"))

from bench_results import entry, write_run

PHONE = {"width": 360, "height": 740}
WIDE = {"width": 1600, "height": 1000}
SCHEMES = ["light", "dark"]

#: Two runs older than any real one, so that nobody's newest is theirs; another suite's have other names.
OLD, NEW = (f"0000-00-00-00000{number}-pages-{secrets.token_hex(4)}" for number in (1, 2))

#: What a run's report must not do.
REPORT = (
    "<!doctype html><html lang=en><title>A report</title><style>p{color:rgb(1,2,3)}</style><p>The report.</p>"
    "<script>document.title = 'It ran'</script><p onclick=\"document.title = 'It ran'\">Press me.</p>"
)

PAGES = {
    "front": "/",
    "lab-tcp": "/lab/tcp/",
    "lab-http": "/lab/http/",
    "lab-wsgi": "/lab/wsgi/",
    "lab-websocket": "/lab/websocket/",
    "lab-push": "/lab/push/",
    "lessons": "/lessons/",
    "lesson": "/lessons/polling-and-comet/",
    "results": "/results/",
    "result": f"/results/{NEW}/",
    "comparison": f"/results/compare/?a={OLD}&b={NEW}",
    "404": "/no/such/page",
    "nginx-404": "/static/no-such-file.css",
}
#: Pages with something to read on them. (The push lab is only alive.)
STILL = [name for name in PAGES if name != "lab-push"]

#: Bytes over the wire, for everything that the first visit of a page asks for.
HEAVY = 100_000


@pytest.fixture(scope="module", autouse=True)
def _runs():
    """Two runs of the bench, where the stack looks for them, for as long as this module's tests run."""
    results = ROOT / "results"
    try:
        for name, cost in ((OLD, 420.0), (NEW, 510.0)):
            run = write_run(
                results, name, report=REPORT, entries=[entry("tcp", 1, 11.5), entry("web", 4, cost)]
            )
            # A container's user is somebody else.
            run.chmod(0o755)
            for file in run.iterdir():
                file.chmod(0o644)
        yield
    finally:
        for name in (OLD, NEW):
            remove(results / name)


def remove(run):
    if run.exists():
        for file in run.iterdir():
            file.unlink()
        run.rmdir()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(browser, site, screenshots, name, scheme):
    with Tab.opened(browser, color_scheme=scheme, reduced_motion="reduce") as tab:
        for viewport in (PHONE, WIDE):
            tab.page.set_viewport_size(viewport)
            tab.page.goto(site.url(PAGES[name]))
            width = viewport["width"]
            assert tab.page.evaluate("() => document.scrollingElement.scrollWidth") <= width
            tab.page.screenshot(path=screenshots / f"{name}-{scheme}-{width}.png", full_page=True)
            # Each scheme once and each width once: what axe finds is a matter of colours, or of what fits.
            if (viewport is PHONE) == (scheme == "light"):
                assert barriers(tab.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_our_own_mistake_keeps_nobody_out(browser, site, screenshots, scheme):
    """No address makes the site fail; its page is put where one would, with the style that is served."""
    source = ROOT / "services/web/web/templates/500.html"
    with Tab.opened(browser, color_scheme=scheme, viewport=PHONE) as tab:
        tab.page.route("**/broken", lambda route: route.fulfill(status=500, path=source))
        tab.page.goto(site.url("/broken"))
        tab.page.screenshot(path=screenshots / f"500-{scheme}.png")
        assert tab.page.get_by_role("link").evaluate("link => getComputedStyle(link).borderRadius") == "10px"
        assert barriers(tab.page) == []


def test_a_service_that_is_away_keeps_nobody_out(browser, site, screenshots, processes, is_up):
    processes.stop("httpd")
    try:
        for scheme in SCHEMES:
            with Tab.opened(browser, color_scheme=scheme, viewport=PHONE) as tab:
                assert tab.page.goto(site.url("/httpd/")).status in NO_ANSWER
                assert tab.page.evaluate("() => document.scrollingElement.scrollWidth") <= PHONE["width"]
                tab.page.screenshot(path=screenshots / f"502-{scheme}.png")
                assert barriers(tab.page) == []
                again = tab.page.get_by_role("link", name="Try again")
                assert again.evaluate("link => link.href") == site.url("/httpd/")
    finally:
        processes.start("httpd")
        wait_for("httpd to be up", lambda: is_up("httpd"))


@pytest.mark.parametrize("name", PAGES)
def test_the_first_visit_is_light_and_asks_nobody_else(browser, site, name):
    with Tab.opened(browser, viewport=DESKTOP) as tab:
        sizes = []
        network = tab.page.context.new_cdp_session(tab.page)
        network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        network.send("Network.enable")
        tab.page.goto(site.url(PAGES[name]), wait_until="load")
        assert 0 < sum(sizes) < HEAVY
        assert tab.hosts_asked() == {f"{site.host}:{site.port}"}


@pytest.mark.parametrize("name", PAGES)
def test_its_policy_lets_nothing_into_the_page(site, name):
    (policy,) = fetch(site, PAGES[name], headers={"Accept": "text/html"}).field_lines(
        "Content-Security-Policy"
    )
    directives = dict(directive.strip().partition(" ")[::2] for directive in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["frame-ancestors"] == "'none'"
    assert directives.get("script-src", "'none'") in {"'none'", "'self'"}
    # nginx's own error pages have their style in them, and neither script nor form.
    inside = directives.get("style-src") == "'unsafe-inline'"
    assert inside == (name == "nginx-404")


@pytest.mark.parametrize("name", PAGES)
def test_what_it_loads_is_kept_for_a_year(site, name):
    page = fetch(site, PAGES[name], headers={"Accept": "text/html"}).text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(files) >= (0 if name == "nginx-404" else 2)
    for file in files:
        assert "immutable" in fetch(site, file).headers["Cache-Control"], file


@pytest.mark.parametrize("name", ["front", "lessons", "lesson", "results", "result"])
def test_every_link_leads_somewhere(browser, site, name):
    with Tab.opened(browser, java_script_enabled=False) as tab:
        tab.page.goto(site.url(PAGES[name]))
        hrefs = tab.page.locator("a[href]").evaluate_all("all => all.map(link => link.getAttribute('href'))")
        paths = {urlsplit(urljoin(PAGES[name], href)).path for href in hrefs}
        assert {path: fetch(site, path).status for path in paths} == dict.fromkeys(paths, 200)


@pytest.mark.parametrize("name", STILL)
def test_it_can_be_read_without_a_script(browser, site, name):
    """The same headings in the same order: what one reads is in the page, and no script brings it."""
    headings = {}
    for scripts in (True, False):
        with Tab.opened(browser, viewport=DESKTOP, java_script_enabled=scripts) as tab:
            tab.page.goto(site.url(PAGES[name]))
            reading = tab.page.locator("h1, h2").filter(visible=True)
            headings[scripts] = [
                heading.inner_text()
                for heading in reading.all()
                if not heading.locator("xpath=ancestor::*[@data-needs-script]").count()
            ]
    assert headings[False]
    assert headings[False] == headings[True]


class TestLessons:
    def test_through_them_by_keyboard(self, browser, site):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/"))
            tab.page.get_by_role("navigation", name="Main").get_by_role("link", name="Lessons").focus()
            tab.page.keyboard.press("Enter")
            tab.page.wait_for_url("**/lessons/")
            tab.page.get_by_role("link", name="A server that greets and hangs up").focus()
            tab.page.keyboard.press("Enter")
            for expected in ("one-visitor", "message-received"):
                tab.page.get_by_role("navigation", name="Other lessons").locator("[rel=next]").focus()
                tab.page.keyboard.press("Enter")
                tab.page.wait_for_url(f"**/lessons/{expected}/")
            assert tab.page.get_by_role("heading", level=1).inner_text() == "Message received!"
            tab.page.get_by_text("Run it yourself").focus()
            tab.page.keyboard.press("Enter")
            tab.page.get_by_text("python docs/lessons/03-message-received/server.py 8000").wait_for()
            assert tab.errors == []

    def test_the_programs_are_shown_as_they_are(self, browser, site):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/lessons/greet/"))
            source = (ROOT / "docs/lessons/01-greet/server.py").read_text("utf-8")
            assert tab.page.locator("pre.program").inner_text().strip() == source.strip()
            assert "欢迎使用Layercake系统" in tab.page.locator(".capture").inner_text()


class TestResults:
    def test_from_the_list_to_a_report_that_runs_nothing(self, browser, site):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/results/"))
            tab.page.locator(f"a[href='/results/{NEW}/']").click()
            assert "510.0" in tab.page.get_by_role("main").inner_text()
            tab.page.get_by_role("link", name="The whole report").click()
            paragraph = tab.page.get_by_text("The report.")
            assert paragraph.evaluate("p => getComputedStyle(p).color") == "rgb(1, 2, 3)"
            tab.page.get_by_text("Press me.").click()
            assert tab.page.title() == "A report"

    def test_two_are_compared(self, browser, site):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/results/"))
            tab.page.get_by_label(f"A: {OLD}").check()
            tab.page.get_by_label(f"B: {NEW}").check()
            tab.page.get_by_role("button", name="Compare A with B").click()
            row = tab.page.get_by_role("row").filter(has_text="web echo")
            assert "+21.4 %" in row.inner_text()
            assert "more" in row.inner_text()
            assert "no difference" in tab.page.get_by_role("row").filter(has_text="tcp echo").inner_text()
            assert tab.errors == []

    @pytest.mark.parametrize(
        "path", ["..%2f..%2f.env", "%2e%2e/README.md", f"{NEW}/..%2f..%2f..%2f.env", f"{NEW}/secret_key"]
    )
    def test_no_way_out(self, site, path):
        assert fetch(site, f"/results/{path}").status in {400, 404}


class TestCounts:
    @pytest.mark.parametrize(("service", "what"), [("tcp", "reads"), ("web", "requests")])
    def test_the_front_page_shows_what_a_service_does(self, site, browser, service, what):
        with Tab.opened(browser, viewport=DESKTOP) as tab:
            tab.page.goto(site.url("/"))
            rung = tab.page.locator(f"#ladder [data-service={service}]")
            rung.locator("[data-field=rate]").get_by_text(re.compile(rf"^[\d.,]+ {what}/s$")).wait_for()
            assert re.fullmatch(r"\d+ open", rung.locator("[data-field=connections]").inner_text())
