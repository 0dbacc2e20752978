"""The last word on a test in a room: what was heard is compared with what stands in the room's log."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from loadtests.tally import LEDGER
from loadtests.users.rooms import ROOMS
from loadtests.users.truth import TRUTHS

if TYPE_CHECKING:
    from locust.env import Environment

__all__ = ["audit"]

ROW = ("LOG", "room audit")
"""Type and name of its line in Locust's table; failed requests there are messages that stand otherwise in the
log."""


def audit(environment: Environment) -> None:
    """Do so at the end of every test of this process; each begins as the first did."""

    def compare(**given: object) -> None:
        del given  # what Locust tells all who listen
        for found in TRUTHS.audit():
            events = LEDGER.tally(*ROW).events
            events["compared"] += found.compared
            events["different"] += found.different
            for _ in range(found.different):
                fail(environment, "a message stands in the room's log otherwise than it was heard")
            if found.reason:
                fail(environment, f"the room's log can't be read: {found.reason}")

    def begin(**given: object) -> None:
        del given
        TRUTHS.clear()
        for user in ROOMS:
            user.turns = count()

    environment.events.test_start.add_listener(begin)  # type: ignore[no-untyped-call]
    environment.events.test_stop.add_listener(compare)  # type: ignore[no-untyped-call]


def fail(environment: Environment, reason: str) -> None:
    """A failed request with its reason."""
    environment.events.request.fire(  # type: ignore[no-untyped-call]
        request_type=ROW[0],
        name=ROW[1],
        response_time=0,
        response_length=0,
        exception=ValueError(reason),
        context={},
    )
