"""What a service has done, counted where every process of it can read it.

The counters lie in memory that forked processes share: a row for each process, which alone writes it, so that
no lock is needed and a process that dies takes no count with it. The sum of its rows is the service's.
"""

import mmap
from enum import IntEnum

__all__ = ["Board", "Count", "Row", "TooManyProcessesError"]


class Count(IntEnum):
    """The columns of a row."""

    OPEN = 0  # connections now
    ACCEPTED = 1  # connections so far
    REFUSED = 2  # connections past the limit
    PIECES = 3  # times that bytes came in: for echo and its like, the requests
    REQUESTS = 4  # requests read, where the protocol knows what a request is
    RECEIVED = 5  # bytes
    SENT = 6  # bytes
    RESET = 7  # connections that the peer broke
    EXPIRED = 8  # deadlines that passed
    FAILED = 9  # exceptions in a protocol
    STARVED = 10  # times that descriptors or memory ran out
    EVICTED = 11  # idle connections that were closed then, to let others in


#: One process's counts, by `Count`. Plain integers: ``row[Count.SENT] += 64``.
Row = memoryview

#: Rows that a board has room for: more processes than anybody runs, in a few pages of memory.
ROOM = 512


class TooManyProcessesError(ValueError):
    """A board is full."""


class Board:
    """Rows of counters for the processes of some services. Make it, and add rows, before forking."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.mine: Row = memoryview(bytearray(len(Count) * 8)).cast("Q")  # this process's row, once it serves
        self.words = memoryview(mmap.mmap(-1, ROOM * len(Count) * 8)).cast("Q")

    def add(self, name: str) -> Row:
        """A row for one more process of a service."""
        start = len(self.names) * len(Count)
        if start + len(Count) > len(self.words):
            raise TooManyProcessesError(f"there can be {ROOM} processes at most; take fewer workers")
        self.names.append(name)
        return self.words[start : start + len(Count)]

    def totals(self, name: str | None = None) -> dict[str, int]:
        """The sums over all rows, or over those of one service."""
        starts = [index * len(Count) for index, row in enumerate(self.names) if name in (None, row)]
        return {count.name.lower(): sum(self.words[start + count] for start in starts) for count in Count}
