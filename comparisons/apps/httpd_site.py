"""httpd's own router: a function from Request to Response for each path, on one of `serving`'s drivers."""

import argparse
import os
import sys
from collections.abc import Sequence

from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.service import Service
from httpd.site.router import Router
from serving.counters import Board
from serving.driver import Service as Served
from serving.limits import Limits
from serving.log import Log
from serving.options import add_options
from serving.server import Door, serve

router = Router()


@router.get("/hello")
def hello(request: Request) -> Response:
    return Response("Hello, World! This is an HTTP response.", 200, TEXT)


@router.post("/echo")
def echo(request: Request) -> Response:
    return Response(request.content or b"", 200, "application/octet-stream")


def main(arguments: Sequence[str]) -> int:
    """Serve the router, whatever has been added to it. `--threads` are for handlers that block."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_options(parser, os.environ, Limits())
    parser.add_argument("--threads", metavar="N", type=int, default=0)
    given = parser.parse_args(arguments)
    http = Service(router)
    served = Served("hello", http, given.limits, http.busy(), given.threads, given.processes, given.loop)
    doors = [Door(address, served) for address in given.listen]
    return serve(doors, model=given.model, workers=given.workers, board=Board(), log=Log("hello"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
