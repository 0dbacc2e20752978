"""``python -m tcp --listen 127.0.0.1:9000 --protocol echo [--listen … --protocol …] --model selector``"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from serving.counters import Board
from serving.driver import Service
from serving.limits import Limits
from serving.log import Log
from serving.options import add_options
from serving.server import Door, serve

from tcp.protocols import PROTOCOLS


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Read the command line, and serve."""
    parser = argparse.ArgumentParser("python -m tcp", description="Serve protocols on raw TCP connections.")
    add_options(parser, environ, Limits())
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, action="append", required=True,
        help="what to speak at the address of the --listen before it",
    )  # fmt: skip
    options = parser.parse_args(arguments)
    if len(options.listen) != len(options.protocol):
        parser.error(
            f"each --listen has its --protocol; these are {len(options.listen)} and {len(options.protocol)}"
        )
    board = Board()
    doors = [
        Door(
            address,
            Service(name, PROTOCOLS[name], options.limits, processes=options.processes, loop=options.loop),
        )
        for address, name in zip(options.listen, options.protocol, strict=True)
    ]
    return serve(doors, model=options.model, workers=options.workers, board=board, log=Log("tcp"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
