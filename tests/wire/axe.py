"""axe-core in a tab: what would keep somebody out of a page."""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Page

__all__ = ["barriers"]

#: How much it has to matter. What is below, axe itself calls moderate or minor.
GRAVE = {"critical", "serious"}


def barriers(page: Page) -> list[str]:
    """Return each grave violation on the page as it is now: the rule, and where it is broken."""
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in found
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
