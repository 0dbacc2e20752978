"""The service's settings with views of the tests'."""

import os

from realtime.settings import *  # noqa: F403

ROOT_URLCONF = "tutorial.urls"
WEBSOCKET_ACCEPT_ALL = os.environ.get("ACCEPT_ALL") == "1"
