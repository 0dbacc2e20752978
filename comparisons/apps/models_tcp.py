"""tcp's echo with a handler that takes 5 ms: `--job wait` or `--job compute`, under any model.

The contract of `serving` has a word for who waits: WAKE. A driver that blocks sleeps until the peer is woken,
a loop serves the others meanwhile, and the protocol is the same. For who computes there is no such word: it
has its process's one interpreter for as long as it takes, and only another process has another one.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from serving.counters import Board
from serving.driver import Service
from serving.limits import Limits
from serving.log import Log
from serving.options import add_options
from serving.protocol import Factory, Output, Peer, Protocol, Waiting
from serving.server import Door, serve

from comparisons.apps.slow import Clock, compute

__all__ = ["JOBS", "Computes", "Waits"]

CLOCK = Clock()


class Waits(Protocol):
    """Sends back what it gets, 5 ms later."""

    __slots__ = ("data", "peer")

    def __init__(self, peer: Peer) -> None:
        super().__init__(peer)
        self.peer = peer
        self.data = b""

    def received(self, data: bytes) -> Output:
        self.data = data
        self.waiting = Waiting.WAKE
        CLOCK.wake_later(self.peer)
        return b""

    def resumed(self) -> Output:
        data, self.data = self.data, b""
        self.waiting = Waiting.IDLE
        return data


class Computes(Protocol):
    """Sends back what it gets, after 5 ms of processor time."""

    __slots__ = ()

    def received(self, data: bytes) -> Output:
        compute()
        return data


JOBS: dict[str, Factory] = {"wait": Waits, "compute": Computes}


def main(arguments: Sequence[str]) -> int:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser(description="tcp's echo with a handler that takes 5 ms.")
    add_options(parser, os.environ, Limits())
    parser.add_argument("--job", choices=JOBS, required=True)
    given = parser.parse_args(arguments)
    service = Service("echo", JOBS[given.job], given.limits, processes=given.processes, loop=given.loop)
    doors = [Door(address, service) for address in given.listen]
    return serve(doors, model=given.model, workers=given.workers, board=Board(), log=Log("tcp"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
