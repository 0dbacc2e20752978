"""How long a driver waits and how much it holds, each with its reason. Every one can be set."""

from dataclasses import dataclass, fields, replace
from typing import Self

__all__ = ["Limits"]

#: Of anything. More seconds than some 24 days are more than the kernel can be told to wait.
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and counts. A field's default is the house's; its comment says why and what happens past it."""

    idle: float = 60.0  # a peer that says nothing holds a descriptor; `expired()`
    head: float = 10.0  # a head that trickles in is an attack or a broken peer; `expired()`
    content: float = 30.0  # no byte for this long: the upload is dead; `expired()`
    unread: float = 30.0  # a peer that takes none of its answer for this long is gone; reset
    linger: float = 2.0  # for the peer to close after we have, so that a reset can't overtake our last bytes
    quiet: float = 1.0  # while the server drains, a connection that is idle for this long has had its answer
    drain: float = 10.0  # after SIGTERM; who is not done by then is cut off
    connections: int = (
        4096  # one more is closed at once, so that those inside go on as if nothing had happened
    )

    def __post_init__(self) -> None:
        for field in fields(self):
            if not 0 < getattr(self, field.name) <= MOST:
                raise ValueError(f"the limit {field.name!r} must be more than 0, and at most {MOST:,}")

    def shortest(self) -> float:
        """The shortest of the times."""
        return min(self.idle, self.head, self.content, self.unread, self.linger, self.quiet, self.drain)

    def read(self, text: str) -> Self:
        """These limits, changed by ``idle=15,connections=100``, as the command line has it."""
        known = {field.name: field.type for field in fields(self)}
        values: dict[str, float] = {}
        for part in filter(None, text.replace(" ", "").split(",")):
            name, _, number = part.partition("=")
            if name not in known:
                raise ValueError(f"no limit is called {name!r}; there are {', '.join(known)}")
            try:
                values[name] = int(number) if known[name] is int else float(number)
            except ValueError:
                raise ValueError(f"the limit {name!r} is a number, as in {name}=10, not {number!r}") from None
        return replace(self, **values)  # type: ignore[arg-type]  # each of its field's own type

    def __str__(self) -> str:
        return ",".join(f"{field.name}={getattr(self, field.name):g}" for field in fields(self))
