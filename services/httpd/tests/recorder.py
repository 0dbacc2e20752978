"""A server that answers each request with what it has understood of it, for the tests that need a socket.

``python recorder.py MODEL [LIMITS]``: one line of JSON a request.
"""

import json
import sys

from httpd.connection import Service, busy
from httpd.limits import Limits
from httpd.request import Request
from httpd.response import Response
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
    return Response(json.dumps(seen) + "\n", 200, "application/json")


if __name__ == "__main__":
    service = Service(application, Limits())
    deadlines = Deadlines().read(sys.argv[2] if len(sys.argv) > 2 else "")
    served = Served("recorder", service, deadlines, busy(service.date()), processes=2)
    sys.exit(
        serve(
            [Door(("127.0.0.1", 0), served)], model=sys.argv[1], workers=1, board=Board(), log=Log("recorder")
        )
    )
