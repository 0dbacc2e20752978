"""This installation's runs, each read once."""

import functools

from django.conf import settings

from web.results.folder import Folder, MissingError
from web.results.result import Figure, MalformedError, Result

__all__ = ["folder", "last_costs", "result_of"]


def folder() -> Folder:
    """The folder that the settings name."""
    return Folder(settings.RESULTS_DIR)


def result_of(run: str) -> Result:
    """Return a run's result. Raises MissingError and MalformedError."""
    return parsed(run, folder().changed(run, "result.json"))


@functools.lru_cache(maxsize=64)
def parsed(run: str, changed: int) -> Result:  # noqa: ARG001 (one that was written again is another)
    return Result.read(folder().read(run, "result.json"))


def last_costs(suite: str) -> tuple[str, dict[str, Figure]]:
    """Return the newest run of a suite that can be believed, and what each of its entries costs, by name.

    Asked of the services directly: the front door costs the same on every rung but the first.
    """
    for run in folder().runs():
        try:
            result = result_of(run)
        except (MissingError, MalformedError):
            continue
        if result.suite == suite and result.complete and result.audited:
            entries = [entry for entry in result.entries if entry.via == "direct"]
            return run, {entry.name: entry.cost for entry in entries if entry.cost}
    return "", {}
