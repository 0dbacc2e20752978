"""A server that answers each request with what it has understood of it, for the tests that need a socket.

``python recorder.py MODEL [FILE]``: one line of JSON a request, in its answer and, if it is named, in a file.
"""

import json
import sys
from pathlib import Path

from httpd.limits import Limits
from httpd.request import Request
from httpd.response import Response
from httpd.service import Service
from serving.counters import Board
from serving.driver import Service as Served
from serving.limits import Limits as Deadlines
from serving.log import Log
from serving.server import Door, serve


def application(request: Request):
    return answer(request) if request.content is not None else collect(request)


def collect(request: Request):
    pieces = []
    while piece := (yield):
        pieces.append(piece)
    request.content = b"".join(pieces)
    return answer(request)


def answer(request: Request) -> Response:
    assert request.content is not None
    seen = {
        "method": request.method,
        "target": request.target,
        "content": request.content.decode("latin-1"),
        "fields": request.fields,
    }
    line = json.dumps(seen) + "\n"
    if len(sys.argv) > 2:
        with Path(sys.argv[2]).open("a") as file:
            file.write(line)
    return Response(line, 200, "application/json")


if __name__ == "__main__":
    service = Service(application, Limits())
    served = Served("recorder", service, Deadlines(), service.busy(), processes=2)
    sys.exit(
        serve(
            [Door(("127.0.0.1", 0), served)], model=sys.argv[1], workers=1, board=Board(), log=Log("recorder")
        )
    )
