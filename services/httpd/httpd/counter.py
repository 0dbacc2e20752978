"""How many requests a service has read, in all of its processes.

Memory that forked processes share, a word for each: a process alone writes its own, so that no lock is
needed. Which word is a matter of the process's number; processes that live at once have numbers far closer
together than there are words.
"""

import mmap
import os

__all__ = ["Counter"]

WORDS = 4096


class Counter:
    """Make it before forking; the last process that has it frees it."""

    __slots__ = ("word", "words")

    def __init__(self) -> None:
        self.words = memoryview(mmap.mmap(-1, WORDS * 8)).cast("Q")
        self.word = 0

    def enter(self) -> None:
        """Find this process's word.

        It is called now and then, for nobody tells a process that it was forked.
        """
        self.word = os.getpid() % WORDS

    def add(self) -> None:
        """Count one."""
        self.words[self.word] += 1

    def total(self) -> int:
        """The sum over all processes, those that have ended included."""
        return sum(self.words)
