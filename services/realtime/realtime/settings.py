"""Django's settings, and the only place of this package that reads the environment."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from rooms.credentials import credentials
from rooms.keys import LAYER_PREFIX
from rooms.limits import HISTORY_MESSAGES

from realtime import limits


def text(name: str, default: str) -> str:
    """A variable as it is; empty counts as not set."""
    return os.environ.get(name, "").strip() or default


def number(name: str, default: int, least: int, most: int) -> int:
    """A variable that is a whole number."""
    value = text(name, str(default))
    if not (
        value.isascii() and value.isdigit() and len(value) <= len(str(most)) and least <= int(value) <= most
    ):
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number from {least} to {most}.")
    return int(value)


def redis_url() -> str:
    """Where Redis is."""
    value = text("REDIS_URL", "redis://127.0.0.1:6379/0")
    parts = urlsplit(value)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise ImproperlyConfigured(
            f"REDIS_URL is {value!r}: set it to an address such as redis://127.0.0.1:6379/0."
        )
    return value


def secret_key() -> str:
    """A key that Django wants to have. Nothing here is signed, so each process may make its own.

    ``SECRET_KEY_FILE`` gives the installation's key to whoever adds something that signs.
    """
    path = text("SECRET_KEY_FILE", "")
    if not path:
        return secrets.token_urlsafe(64)
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY_FILE is {path}, which cannot be read ({error}): "
            "leave it empty, or name a readable file."
        ) from error


DEBUG = False
SECRET_KEY = secret_key()
ALLOWED_HOSTS = [
    host for host in text("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").replace(" ", "").split(",") if host
]

INSTALLED_APPS = ["channels", "realtime"]
MIDDLEWARE = ["realtime.middleware.guard"]
ROOT_URLCONF = "realtime.urls"
ASGI_APPLICATION = "realtime.asgi.application"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []
LOGGING_CONFIG = None  # the server configures logging, for itself and for Django at once: realtime/logs.py

REDIS_URL = redis_url()
REDIS_PASSWORD_FILE = text("REDIS_PASSWORD_FILE", "")
ROOM_HISTORY = number("ROOM_HISTORY", HISTORY_MESSAGES, 1, 1_000_000)
WORKERS = number("REALTIME_WORKERS", 1, 1, 64)
POSTS_A_SECOND = number("REALTIME_POSTS_A_SECOND", limits.POSTS_A_SECOND, 1, 1_000_000)
POSTS_BURST = max(limits.POSTS_BURST, POSTS_A_SECOND)
SEND_SECONDS = number("REALTIME_SEND_SECONDS", limits.SEND_SECONDS, 1, 3600)
HEAD_SECONDS = number("REALTIME_HEAD_SECONDS", limits.HEAD_SECONDS, 1, 3600)
COMMENT_SECONDS = number("REALTIME_COMMENT_SECONDS", limits.COMMENT_SECONDS, 1, 3600)
FOLLOWED_ROOMS = number("REALTIME_ROOMS", limits.FOLLOWED_ROOMS, 1, 100_000)
WEBSOCKET_VIEWS = number("REALTIME_VIEWS", limits.WEBSOCKET_VIEWS, 1, 10_000)
WEBSOCKET_ACCEPT_ALL = (
    False  # whether views without a decorator of realtime.dwebsocket are called for WebSockets too
)
CONNECTIONS = number("REALTIME_CONNECTIONS", limits.CONNECTIONS, 1, 1_000_000)

# The layer that carries the wake-ups. Of channels-redis' two this is the one that publishes: a wake-up costs
# Redis one command and the listener none, and what nobody hears is not kept, because the log keeps it.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {
            "prefix": LAYER_PREFIX,
            "hosts": [
                {
                    "address": REDIS_URL,
                    "credential_provider": credentials(REDIS_PASSWORD_FILE),
                    "driver_info": None,  # as rooms has it
                    # None: a subscription may be silent for days. (The layer reads it with a time-out of its
                    # own, so none of the client library's cuts it; but the library's next major version has
                    # one of 5 s, and another layer may not.) Death is found by the two below and by the hubs'
                    # beat.
                    "socket_timeout": None,
                    "socket_connect_timeout": 2.0,
                    "socket_keepalive": True,
                }
            ],
        },
    }
}
