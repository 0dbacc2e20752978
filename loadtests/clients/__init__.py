"""Clients of our own: bytes to and from the servers with as little of ours in between as possible.

In the order in which to read them: `failures`, `connection` (the only file with sockets), `response` and
`frames` (bytes in, replies out), then `tcp`, `http` and `websocket`, which put the two together. In a room:
`said`, then `polling`, `stream` (on `chunks` and `events`), `talk` and `lines`, which hear it, and `log`,
which reads and writes what is kept of it.
"""
