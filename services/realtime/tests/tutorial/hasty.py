"""The service's settings, and a Redis client that gives up on whatever is silent for a third of a second.

The library's next major version does after 5 s unless it is told otherwise. We tell it; this is what happens
if we did not.
"""

from realtime.settings import *  # noqa: F403
from realtime.settings import CHANNEL_LAYERS

CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["socket_timeout"] = 0.3  # type: ignore[index]
