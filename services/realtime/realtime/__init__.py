"""WebSocket, long polling and streaming on Channels: the rung where a connection stays open both ways."""
