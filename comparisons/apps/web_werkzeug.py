"""The site under Werkzeug's development server, as `flask run` starts it: a thread for each connection.

``python -m comparisons.apps.web_werkzeug HOST PORT``
"""

import logging
import sys

from web.wsgi import application
from werkzeug.serving import run_simple

if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # else it logs every request
    run_simple(sys.argv[1], int(sys.argv[2]), application, threaded=True)
