"""What is served."""

from dataclasses import dataclass, field

from serving.limits import Limits
from serving.protocol import Factory

__all__ = ["Service"]


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, and how, apart from where."""

    name: str
    factory: Factory
    limits: Limits = field(default_factory=Limits)
    refusal: bytes = b""  # what a connection past the limit is told before it is closed
    threads: int = 0  # that blocking `work` runs in; 0 is in the driver itself
    processes: int = 8  # of the prefork model
    loop: str = "asyncio"  # of the asyncio model; or uvloop
