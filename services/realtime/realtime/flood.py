"""How fast one client may talk in a room: the same on every transport."""

from rooms.flood import Flood, Flooded

__all__ = ["Flood", "Flooded"]
