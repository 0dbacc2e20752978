"""How many connections a process holds."""

from django.conf import settings
from rooms import RoomError

from realtime.counters import counters

__all__ = ["NoSpace", "require_space"]


class NoSpace(RoomError):  # noqa: N818 (as the other errors of rooms)
    """This process holds as many connections as it may."""

    status = 503
    code = "no_space"


def require_space() -> None:
    """Raise ``NoSpace`` where another connection that stays would be one too many."""
    if counters.connections >= settings.CONNECTIONS:
        counters.refused += 1
        raise NoSpace(f"All {settings.CONNECTIONS:,} connections are in use; try again later.")
