"""Takes the README's pictures, of the stack that is up: ``.venv/bin/python tests/pictures.py``."""

import sys
from collections.abc import Callable

from playwright.sync_api import Browser, FloatRect, Page, ViewportSize
from wire.browser import chromium
from wire.stack import ROOT, NoStackError, Stack
from wire.tab import Tab

FOLDER = ROOT / "docs" / "images"
WINDOW = {"width": 1200, "height": 1000}
COLUMN: ViewportSize = {"width": 720, "height": 1000}  # the table is then below the picture


def front(page: Page) -> None:
    """The front page, when it is live."""
    page.locator("#live[data-state=live]").wait_for()


def two_lengths(page: Page) -> None:
    """A request that a server has to refuse, and what three of them made of it."""
    page.get_by_role("link", name="Two lengths").click()
    page.get_by_role("button", name="Send these bytes").click()
    page.get_by_role("heading", name="How it was read").wait_for()
    page.get_by_role("heading", name="What was sent").evaluate("sent => scrollTo(0, sent.offsetTop - 90)")


def lesson(page: Page) -> None:
    """A program beside what it does."""
    page.get_by_role("heading", name="What it does").wait_for()


#: Each picture: its name, the page, the colours, and what is to be done there first.
PICTURES: list[tuple[str, str, str, Callable[[Page], None]]] = [
    ("front", "/", "light", front),
    ("http-lab", "/lab/http/", "dark", two_lengths),
    ("lesson", "/lessons/message-received/", "light", lesson),
]


def ladder(browser: Browser) -> None:
    """The picture of the newest report on the ladder, as `make bench` has left it."""
    reports = sorted((ROOT / "results").glob("*-ladder/report.html"))
    if not reports:
        sys.exit("there is no report on the ladder: `make bench` makes one")
    options = {"viewport": COLUMN, "color_scheme": "light", "device_scale_factor": 2}
    with Tab.opened(browser, **options) as tab:
        tab.page.goto(reports[-1].as_uri())
        section = tab.page.locator("section").first
        top, bottom = section.bounding_box(), section.locator("svg").first.bounding_box()
        assert top is not None
        assert bottom is not None
        high = bottom["y"] + bottom["height"] + 16 - (top["y"] + 1)  # without the line between two sections
        clip: FloatRect = {"x": 0, "y": top["y"] + 1, "width": COLUMN["width"], "height": high}
        tab.page.screenshot(path=FOLDER / "ladder.png", clip=clip, full_page=True)
    sys.stdout.write("docs/images/ladder.png\n")


def main() -> int:
    """Take them all; `ladder` alone needs no stack."""
    if sys.argv[1:] == ["ladder"]:
        with chromium() as browser:
            ladder(browser)
        return 0
    stack = Stack.from_environment()
    try:
        stack.require()
    except NoStackError as problem:
        sys.exit(str(problem))
    with chromium() as browser:
        for name, path, scheme, prepare in PICTURES:
            options = {"viewport": WINDOW, "color_scheme": scheme, "reduced_motion": "reduce"}
            with Tab.opened(browser, **options) as tab:
                tab.page.goto(stack.site.url(path))
                prepare(tab.page)
                tab.page.screenshot(path=FOLDER / f"{name}.png")
                sys.stdout.write(f"docs/images/{name}.png\n")
        ladder(browser)
    return 0


if __name__ == "__main__":
    sys.exit(main())
