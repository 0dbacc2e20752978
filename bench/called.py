"""An address that goes by another name."""

from __future__ import annotations

from loadtests.addresses import Address

__all__ = ["Called"]


class Called(Address):
    """Requests to it say `localhost`, which every service of the stack answers to, whatever address it is
    reached by.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return f"localhost:{self.port}"
