"""The stack under test. It runs already: these fixtures find it, or say that it is not there."""

import sys
from pathlib import Path

import pytest

# pytest imports the test modules by path (--import-mode=importlib) and puts their folder on no search path;
# this brings `wire`, the suite's own clients, within their reach.
sys.path.insert(0, str(Path(__file__).parent))

from wire.stack import NoStackError, Stack


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
