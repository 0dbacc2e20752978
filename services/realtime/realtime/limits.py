"""What one connection, and one process, may take. Each limit has one answer, which stands beside it.

Those that somebody may want to set are in ``settings.py``, with these as their defaults; what a room itself
accepts is in ``rooms.limits``.
"""

from typing import Final

from rooms.limits import POSTS_A_SECOND, POSTS_BURST

__all__ = [
    "BEHIND_MESSAGES",
    "COMMENT_SECONDS",
    "CONNECTIONS",
    "CONTENT_BYTES",
    "FIELDS",
    "FIELD_BYTES",
    "FOLLOWED_ROOMS",
    "FOLLOWING",
    "FRAGMENTS",
    "HEAD_PIECE",
    "HEAD_PORTION",
    "HEAD_SECONDS",
    "LOG_CONNECTIONS",
    "OTHER_DESCRIPTORS",
    "PING_SECONDS",
    "PLAIN_CONNECTIONS",
    "PORTION",
    "POSTS_A_SECOND",
    "POSTS_BURST",
    "QUIET_SECONDS",
    "RECEIVE_BUFFER",
    "SEND_BUFFER",
    "SEND_SECONDS",
    "SPARE_DESCRIPTORS",
    "STARTS",
    "STOP_SECONDS",
    "TARGET_BYTES",
    "WEBSOCKET_BYTES",
    "WEBSOCKET_VIEWS",
    "WRITE_BUFFER",
]

#: Connections a process, of all kinds; the next handshake or request gets 503. A quarter of the descriptors
#: that a container has by default, and some 100 MiB of memory.
CONNECTIONS: Final = 4_096

#: Connections of plain requests besides: health checks, pages, what nginx keeps alive; past it a request gets
#: 503.
PLAIN_CONNECTIONS: Final = 512

#: Descriptors that are no client's: plain connections, Redis, the event loop, files.
OTHER_DESCRIPTORS: Final = 600

#: A WebSocket message; past it close 1009. Sixteen times the longest text of a room leaves space for JSON's
#: escapes.
WEBSOCKET_BYTES: Final = 64 * 1024

#: Frames of one message; past it close 1008. Whoever streams a message cuts it into tens of frames, and each
#: costs as much as a message.
FRAGMENTS: Final = 1_000

#: Bytes that are parsed before other connections have their turn: a few hundred of the smallest frames, each
#: of which takes some ten microseconds.
PORTION: Final = 4 * 1024

#: The same for requests, of which the smallest costs as much as several frames.
HEAD_PORTION: Final = 1024

#: Of what comes in larger portions, which no browser sends, what is parsed at a time. A request of fifty
#: bytes is five kilobytes when it has been parsed, and waits for those before it.
HEAD_PIECE: Final = 256

#: A request-target; past it 414. nginx has the same.
TARGET_BYTES: Final = 8 * 1024

#: A request-line and all field lines; past it 431. Trailers are field lines too.
FIELD_BYTES: Final = 72 * 1024

#: How many field lines; past it 431.
FIELDS: Final = 100

#: Requests that are begun before the loop has its turn; others wait in the order in which they came.
STARTS: Final = 16

#: The same for requests that came together with another one. They keep a loop busy that has nothing better to
#: do, and a turn that begins so few of them is over in a millisecond or two.
FOLLOWING: Final = 4

#: A request's content; past it 413. Nothing here takes any but the tutorials' views, which ignore it.
CONTENT_BYTES: Final = 64 * 1024

#: For a request's head to be complete; then 408.
HEAD_SECONDS: Final = 10

#: Synchronous views that talk over a WebSocket at once, each in a thread; past it a handshake gets 503. A
#: thread's stack is some hundred KiB in use, and hundreds of them take turns badly.
WEBSOCKET_VIEWS: Final = 64

#: Frames that wait for a listener who does not read; past it close 1013, and it resumes with ``after=``.
BEHIND_MESSAGES: Final = 256

#: Bytes that the kernel keeps of what one client has sent and nobody has read, and so the most that one read
#: brings.
RECEIVE_BUFFER: Final = 32 * 1024

#: Bytes that the kernel buffers for one client. It would grow to megabytes for one that does not read.
SEND_BUFFER: Final = 128 * 1024

#: Descriptors that are not left to clients, however few there are: Redis, the event loop, files.
SPARE_DESCRIPTORS: Final = 100

#: Bytes that wait for the kernel to take them before we stop reading from that client.
WRITE_BUFFER: Final = 32 * 1024

#: How long the kernel keeps what a client does not take; then the connection is reset.
SEND_SECONDS: Final = 30

#: Rooms that a process follows; a listener of another one gets an error that says so.
FOLLOWED_ROOMS: Final = 1_000

#: Connections to Redis for posting and reading. One is enough for thousands of messages a second; more of
#: them keep a slow read from holding up the others.
LOG_CONNECTIONS: Final = 16

#: Between two pings on a silent WebSocket, and how long its pong may take. Far below the hour after which
#: nginx would cut it, and below the minute after which many a router forgets a silent connection.
PING_SECONDS: Final = 20.0

#: Between two comments on a silent event stream, for the same reason.
COMMENT_SECONDS: Final = 15

#: After SIGTERM: how long a connection without a request stays, so that one that is on its way is answered.
QUIET_SECONDS: Final = 1.0

#: After SIGTERM: how long requests and close handshakes may take.
STOP_SECONDS: Final = 10
