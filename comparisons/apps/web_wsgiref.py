"""The site under wsgiref, which the standard library has so that one can see how it is done.

``python -m comparisons.apps.web_wsgiref HOST PORT``
"""

import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

from web.wsgi import application


class Quiet(WSGIRequestHandler):
    """Without its access log, as all the others."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    make_server(sys.argv[1], int(sys.argv[2]), application, handler_class=Quiet).serve_forever()
