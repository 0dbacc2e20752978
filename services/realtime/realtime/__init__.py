"""WebSocket, long polling and streaming on Channels: the rung where a connection stays open both ways.

To read it from the outside in: ``__main__`` and ``server`` start it, ``asgi`` takes a connection apart by
protocol, ``routing`` and ``urls`` by path. ``consumer`` is what all WebSockets have in common, ``echo`` the
least of them. A room is ``room`` (the connection), ``seat``, ``listener`` and ``catching_up`` (one who
listens), ``hub`` and ``hubs`` (everyone who listens here). ``views`` are the same room over long polling and
event streams, and ``dwebsocket`` lets a synchronous view talk over a WebSocket.

What is said in a room, ``/ws/rooms/<room>?after=N&name=…``, is one JSON object a message.

The client says:

``{"text", "author"?, "ref"?, "type": "post"?}``
    post this; ``author`` goes before ``name=``

The server says:

``{"type": "welcome", "room", "last", "names", "here"}``
    you are in; the room is at ``last``
``{"type": "message", "number", "author", "text", "time"}``
    the next message, for everyone
``{"type": "ack", "number", "ref"}``
    your message is in the log
``{"type": "error", "code", "detail", "ref"}``
    it is not, or we have a problem; where you are ahead of the room, ``last`` is where it is
``{"type": "missed", "from", "to"}``
    the room has forgotten these
``{"type": "joined" | "left", "names", "here"}``
    who came or went; how many are here

An acknowledgement and the message itself may come in either order. A close says why: 1008 is a flood, 1012
that the server restarts, 1013 that the listener was too slow or the server is full; after the last two a
client comes back with the number that it saw last, and misses nothing.
"""
