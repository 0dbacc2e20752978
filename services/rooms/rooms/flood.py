"""How fast one client may talk in a room."""

__all__ = ["Flood", "Flooded"]


class Flooded(Exception):  # noqa: N818 (it is what we are)
    """The client went on although it was told to slow down."""


class Flood:
    """A bucket that fills with ``rate`` messages a second, up to ``burst``, and from which each message takes
    one.

    A message that finds it empty is refused. More refusals than the bucket holds are a flood; they are
    forgiven at the rate at which it fills. So who is a little too fast is only told so, and who is more than
    twice too fast, and goes on, is shown out, however few of its messages we manage to look at.
    """

    __slots__ = ("burst", "filled", "level", "rate", "refused")

    def __init__(self, rate: float, burst: int, now: float) -> None:
        """``now``: seconds of a clock that never goes back."""
        self.rate = rate
        self.burst = burst
        self.level = float(burst)
        self.filled = now
        self.refused = 0.0

    def admits(self, now: float) -> bool:
        """Whether another message is all right. Raises ``Flooded`` when it has been enough."""
        filling = (now - self.filled) * self.rate
        self.level = min(self.burst, self.level + filling)
        self.refused = max(0.0, self.refused - filling)
        self.filled = now
        if self.level >= 1:
            self.level -= 1
            return True
        self.refused += 1
        if self.refused > self.burst:
            raise Flooded
        return False
