"""What one connection, and one process, may take. Each limit has one answer, which stands beside it.

Those that somebody may want to set are in ``settings.py``, with these as their defaults; what a room itself
accepts is in ``rooms.limits``.
"""

from typing import Final

__all__ = [
    "BEHIND_MESSAGES",
    "BODY_PING_SECONDS",
    "CONNECTIONS",
    "FOLLOWED_ROOMS",
    "LOG_CONNECTIONS",
    "PING_SECONDS",
    "STOP_SECONDS",
    "WEBSOCKET_BYTES",
]

#: Connections a process, of all kinds; the next handshake or request gets 503. A quarter of the descriptors
#: that a container has by default, and some 100 MiB of memory.
CONNECTIONS: Final = 4_096

#: A WebSocket message; past it close 1009. Sixteen times the longest text of a room leaves space for JSON's
#: escapes.
WEBSOCKET_BYTES: Final = 64 * 1024

#: Frames that wait for a listener who does not read; past it close 1013, and it resumes with ``after=``.
BEHIND_MESSAGES: Final = 256

#: Rooms that a process follows; a listener of another one gets an error that says so.
FOLLOWED_ROOMS: Final = 1_000

#: Connections to Redis for posting and reading. One is enough for thousands of messages a second; more of
#: them keep a slow read from holding up the others.
LOG_CONNECTIONS: Final = 16

#: Between two pings on a silent WebSocket, and how long its pong may take. Far below the hour after which
#: nginx would cut it, and below the minute after which many a router forgets a silent connection.
PING_SECONDS: Final = 20.0

#: Between two comments on a silent event stream, for the same reason.
BODY_PING_SECONDS: Final = 15.0

#: After SIGTERM: how long requests and close handshakes may take.
STOP_SECONDS: Final = 10
