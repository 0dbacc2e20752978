"""``python -m tcp --listen 127.0.0.1:9000 --protocol echo [--listen … --protocol …] --model selector``"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from serving.counters import Board
from serving.driver import Service
from serving.limits import Limits
from serving.log import Log
from serving.options import add_options
from serving.protocol import Factory
from serving.server import Door, serve

from tcp.protocols import PROTOCOLS

#: Threads in which the room waits for Redis. It answers in a fraction of a millisecond; they are for when it
#: does not.
ROOM_THREADS = 8


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser("python -m tcp", description="Serve protocols on raw TCP connections.")
    add_options(parser, environ, Limits())
    parser.add_argument(
        "--protocol", choices=[*PROTOCOLS, "room"], action="append", required=True,
        help="what to speak at the address of the --listen before it",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if len(options.listen) != len(options.protocol):
        parser.error(
            f"each --listen has its --protocol; these are {len(options.listen)} and {len(options.protocol)}"
        )
    protocols = dict(PROTOCOLS)
    board = Board()
    if "room" in options.protocol:
        try:
            protocols["room"] = room(environ, board.totals)
        except ValueError as error:
            parser.error(str(error))
    doors = [
        Door(
            address,
            Service(
                name, protocols[name], options.limits, processes=options.processes, loop=options.loop,
                threads=ROOM_THREADS if name == "room" else 0,
            ),
        )
        for address, name in zip(options.listen, options.protocol, strict=True)
    ]  # fmt: skip
    return serve(
        doors,
        model=options.model,
        workers=options.workers,
        board=board,
        log=Log("tcp"),
        shared=options.shared,
    )


def room(environ: Mapping[str, str], counts: Callable[[], Mapping[str, int]]) -> Factory:
    """The room, which alone needs more than the standard library: Redis' client, and ``rooms``."""
    try:
        from tcp.room.hubs import Hubs  # noqa: PLC0415 - the others do without
        from tcp.room.protocol import Room  # noqa: PLC0415
        from tcp.room.settings import Settings  # noqa: PLC0415
    except ModuleNotFoundError as error:
        missing = str(error.name).partition(".")[0]
        raise ValueError(
            f"the room needs {missing}, which is not installed; install services/rooms and what "
            "services/tcp/requirements.txt lists"
        ) from error
    hubs = Hubs(Settings.read(environ))
    return lambda peer: Room(peer, hubs, time.monotonic, counts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
