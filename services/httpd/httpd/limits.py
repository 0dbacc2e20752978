"""How much of everything a peer may use.

Each limit is a number with a reason; each violation has one answer.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import Self

__all__ = ["Limits"]

#: Lengths have as many digits as well: see `framing`.
WHOLE = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one connection may ask of us. Sizes are octets."""

    #: A request-line. RFC 9112 section 3 recommends 8,000 at least. Past it: 414, or 400 if it is not the
    #: target that is long.
    request_line: int = 8 * 1024
    #: All field lines together: cookies are the largest that honest clients send. Past it: 431.
    field_lines: int = 64 * 1024
    #: The number of field lines: each costs an object, however short. Past it: 431.
    field_count: int = 100
    #: The content of a request, in memory at once in the worst case. Past it: 413, before reading it where
    #: its length is known.
    content: int = 1024 * 1024
    #: Empty lines in front of a request-line: RFC 9112 section 2.2 asks for one at least, for old clients.
    #: Past it: 400.
    empty_lines: int = 4
    #: A chunk's size with its extensions. Past it: 400.
    chunk_line: int = 256
    #: The extensions of all chunks of one content, which we ignore: who sends more wants us busy. Past it:
    #: 400.
    chunk_extensions: int = 16 * 1024
    #: What is read of a content that nobody wants, to keep the connection for the next request. Past it we
    #: end the connection.
    discarded: int = 1024 * 1024

    def read(self, text: str) -> Self:
        """These limits, changed by ``content=65536,field_count=50``, as the command line has it.

        Raises ``ValueError``.
        """
        known = [field.name for field in fields(self)]
        values: dict[str, int] = {}
        for part in filter(None, text.replace(" ", "").split(",")):
            name, _, number = part.partition("=")
            if name not in known:
                raise ValueError(f"no limit is called {name!r}; there are {', '.join(known)}")
            if not WHOLE.fullmatch(number):
                raise ValueError(f"the limit {name!r} is a whole number, as in {name}=10, not {number!r}")
            values[name] = int(number)
        return replace(self, **values)

    def __str__(self) -> str:
        return ",".join(f"{field.name}={getattr(self, field.name)}" for field in fields(self))
