"""The service's settings, in a hurry.

It pings twice a second. And its Redis client gives up on whatever is silent for a third of one: the library's
next major version does after 5 s unless it is told otherwise. We tell it; this is what happens if we did not.
"""

from realtime import limits
from realtime.settings import *  # noqa: F403
from realtime.settings import CHANNEL_LAYERS

limits.PING_SECONDS = 0.5  # type: ignore[misc]
CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["socket_timeout"] = 0.3  # type: ignore[index]
