"""The static files of one folder, served by ``httpd``: ``python -m benchmarks.httpd_files FOLDER``"""

import sys
from pathlib import Path

from httpd.request import Request
from httpd.response import Response
from httpd.service import Service
from httpd.site.files import Files
from httpd.site.router import Router
from serving.counters import Board
from serving.driver import Service as Served
from serving.log import Log
from serving.server import Door, serve

__all__: list[str] = []

router = Router()
files = Files(Path(sys.argv[1]))


@router.get("/{name:path}")
def file(request: Request) -> Response:
    """Any file of the folder."""
    return files(request, request.parameters["name"])


if __name__ == "__main__":
    door = Door(("127.0.0.1", 0), Served("files", Service(router)))
    sys.exit(serve([door], model="selector", workers=1, board=Board(), log=Log("files")))
