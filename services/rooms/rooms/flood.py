"""How fast one client may talk in a room."""

__all__ = ["Flood", "Flooded"]


class Flooded(Exception):  # noqa: N818 (it is what we are)
    """The client went on although it was told to slow down."""


class Flood:
    """A bucket that fills with ``rate`` messages a second, up to ``burst``, and from which each message takes
    one.

    A message that finds it empty is refused. As many refusals as the bucket holds, without an accepted
    message between them, are a flood.
    """

    __slots__ = ("burst", "filled", "level", "rate", "refused")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """``now``: seconds of a clock that never goes back."""
        self.rate = rate
        self.burst = burst
        self.level = float(burst)
        self.filled = now
        self.refused = 0

    def admits(self, now: float) -> bool:
        """Whether another message is all right. Raises ``Flooded`` when it has been enough."""
        self.level = min(self.burst, self.level + (now - self.filled) * self.rate)
        self.filled = now
        if self.level >= 1:
            self.level -= 1
            self.refused = 0
            return True
        self.refused += 1
        if self.refused > self.burst:
            raise Flooded
        return False
