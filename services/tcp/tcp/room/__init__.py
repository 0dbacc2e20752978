"""The room over plain TCP: one line a message, for a person with ``nc``.

To read it from the outside in: ``line`` is what is said on the wire, ``protocol`` is one connection,
without a socket, a clock or a thread. ``seat`` is its place in the room, ``listener`` what waits for it.
``hub`` is a room as this process follows it, for all its listeners at once; ``hubs`` are the rooms,
``follower`` is the one thread that hears from Redis, ``presence`` is who is here. ``settings`` is what can be
set.

The client says::

    JOIN <room> <name> [after=N]    once; then every line is a message, but for
    QUIT                            which leaves, as end of file does
    COUNTS                          before JOIN: what the service has done, as SIGUSR1 has it logged

The server says, told apart by how a line begins::

    17 ada: hello                   message 17 of the room, to everybody in it, its author too
    * bob joined.                   something to know
    ERR This line is not UTF-8 …    something went wrong; the connection lives where it can

A message's own line is its acknowledgement: it is in the log, and everyone gets it. A line that was answered
with ERR was not posted, or, if Redis was gone, not as far as is known. Who comes back says with ``after=``
which number it saw last and gets the rest, once and in order.
"""
