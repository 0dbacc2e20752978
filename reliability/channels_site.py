"""Channels' echo as its documentation has it, with a hello beside it for who comes without a WebSocket."""

from channels.routing import ProtocolTypeRouter  # type: ignore[import-untyped]

from benchmarks.realtime_stock import application as stock
from reliability.hello import asgi

__all__ = ["application"]

application = ProtocolTypeRouter({"http": asgi, **stock.application_mapping})
