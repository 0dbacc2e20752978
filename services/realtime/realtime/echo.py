"""The ladder's rung: what comes in goes out, text as text and binary as binary."""

from realtime.consumer import SocketConsumer
from realtime.counters import counters

__all__ = ["Echo", "EchoOnce"]


class Echo(SocketConsumer):
    """Send every message back, until the client closes."""

    async def talk(self) -> None:
        """The event that came is the event that goes; only its type changes."""
        receive, send = self.receive, self.send
        while (event := await receive())["type"] == "websocket.receive":
            counters.received += 1
            event["type"] = "websocket.send"
            await send(event)


class EchoOnce(SocketConsumer):
    """Send one message back, then close."""

    async def talk(self) -> None:
        """RFC 6455, section 7.4.1: 1000, the purpose of the connection is fulfilled."""
        event = await self.receive()
        if event["type"] == "websocket.receive":
            counters.received += 1
            await self.send({**event, "type": "websocket.send"})
            await self.send({"type": "websocket.close", "code": 1000})
