"""Where a room lives in Redis, and where those who listen to it wait."""

from typing import Final

__all__ = ["LAYER_PREFIX", "here_key", "log_key", "room_group", "wake_channel"]

#: The ``prefix`` of the channel layer. ``realtime`` gives it to channels-redis.
LAYER_PREFIX: Final = "layercake"


def log_key(room: str) -> str:
    """The stream that is the room's log. In ``redis-cli``: ``XRANGE rooms:log:lobby - +``."""
    return f"rooms:log:{room}"


def here_key(room: str) -> str:
    """The sorted set of who is in the room."""
    return f"rooms:here:{room}"


def room_group(room: str) -> str:
    """The room's group in Channels."""
    return f"room.{room}"


def wake_channel(room: str) -> str:
    """The Redis channel that channels-redis' pub/sub layer subscribes to for that group.

    Posting publishes there by itself, in the same step as the write: ``web`` and ``tcp`` wake Channels'
    consumers without knowing Channels. ``realtime`` tests that the layer still calls it so.
    """
    return f"{LAYER_PREFIX}__group__{room_group(room)}"
