"""The stack under test. It runs already: these fixtures find it, or say that it is not there."""

import os
import sys
from pathlib import Path

import pytest

# pytest imports the test modules by path (--import-mode=importlib) and puts their folder on no search path;
# this brings `wire`, the suite's own clients, within their reach.
sys.path.insert(0, str(Path(__file__).parent))

from wire.browser import chromium
from wire.lab import press
from wire.locust import Locust
from wire.processes import processes_of
from wire.stack import NoStackError, Stack
from wire.tab import DESKTOP, Tab
from wire.up import up_or_not

#: These ask a Docker engine; of local processes there is nothing that they could ask.
collect_ignore = [] if os.environ.get("LAYERCAKE_MODE") == "docker" else ["test_containers.py"]


@pytest.fixture(scope="session")
def stack():
    """The running stack. Without one nothing here can be tested, and that is a failure, not a skip."""
    try:
        found = Stack.from_environment()
        found.require()
    except NoStackError as problem:
        pytest.exit(str(problem), returncode=3)
    return found


@pytest.fixture(scope="session")
def site(stack):
    return stack.site


@pytest.fixture(params=["nginx", "direct"])
def way(request):
    """Each test that asks for it runs through nginx and around it."""
    return request.param


@pytest.fixture(scope="session")
def screenshots(stack):
    """Where the browser's pictures go, for somebody to look at."""
    folder = stack.run_dir / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser():
    """A browser for a module's tests; each opens a tab of its own in it."""
    with chromium() as started:
        yield started


@pytest.fixture
def locust(site):
    """A Locust that is idle before a test and after it."""
    master = Locust(site)
    master.stop()
    yield master
    master.stop()


@pytest.fixture(scope="session")
def processes(stack):
    """The processes behind the stack, to kill and to stop. Whoever stops one starts it again."""
    return processes_of(stack)


@pytest.fixture(scope="session")
def is_up(stack):
    """Ask whether a service does its work now. (What /status/ says may be a second old.)"""
    return up_or_not(stack)


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
