"""The site's settings. The environment is read here and nowhere else, once, when the process starts."""

import os
from pathlib import Path
from typing import Any

from rooms.limits import HISTORY_MESSAGES

from web.environment import Environment
from web.secret_key import read_or_create

_environment = Environment(os.environ)
_here = Path(__file__).resolve().parent

# --- what Django is -----------------------------------------------------------------------------------------

DEBUG = False
SECRET_KEY = _environment.text("SECRET_KEY", "") or read_or_create(
    Path(_environment.text("SECRET_KEY_FILE", ".run/secret_key"))
)
ALLOWED_HOSTS = _environment.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

ROOT_URLCONF = "web.urls"
WSGI_APPLICATION = "web.wsgi.application"

# Nobody signs in here and nothing is kept but rooms, which live in Redis: no database, no sessions, no admin.
INSTALLED_APPS = ["django.contrib.staticfiles", "web"]
DATABASES: dict[str, Any] = {}
USE_TZ = True
TIME_ZONE = "UTC"  # the pages say so beside each time
USE_I18N = False

MIDDLEWARE = [
    "web.head.WithoutContent",
    # These three come before the ones that may refuse a request, so that the refusal carries their fields
    # too.
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "web.policy.ContentSecurityPolicy",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# --- security -----------------------------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "web.views.errors.csrf_failure"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True

# No X-Forwarded-* field decides anything in Django: nginx passes Host on as it came, and X-Forwarded-Proto is
# for Gunicorn, which believes it from FORWARDED_ALLOW_IPS only (see gunicorn_conf.py).
USE_X_FORWARDED_HOST = False
USE_X_FORWARDED_PORT = False

# What `check --deploy` would have, and plain HTTP on a loopback address rules out. Behind TLS, take these
# away.
SILENCED_SYSTEM_CHECKS = [
    "security.W004",  # HSTS: a browser told so of 127.0.0.1 would lock its user out of every local site
    "security.W008",  # redirect to HTTPS: there is none to redirect to
    "security.W016",  # a CSRF cookie marked Secure would not come back over plain HTTP
]

# --- limits -------------------------------------------------------------------------------------------------

#: Content of one request. The same 1 MiB as on the rungs below, so that they can be compared.
MAX_CONTENT_BYTES = 1024 * 1024
# Django's own limit for forms and request.body: the same.
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_CONTENT_BYTES

# --- static files -------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(_environment.text("STATIC_ROOT", ".run/static")).absolute()
STORAGES = {"staticfiles": {"BACKEND": "web.storage.HashedStorage"}}

# --- what is shown of the repository ------------------------------------------------------------------------

# Both lie where the process starts: in a checkout, and in a container's /app.
LESSONS_DIR = Path(_environment.text("LESSONS_DIR", "docs/lessons")).absolute()
#: Where the bench leaves its runs. It need not exist.
RESULTS_DIR = Path(_environment.text("RESULTS_DIR", "results")).absolute()

# --- logging ------------------------------------------------------------------------------------------------

# Ours replaces Django's: its mail to administrators and its development server's log have no use here.
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "rooms.jsonline.JSONLine"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "line"}
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {
        # Replaces the handlers that Django's default configuration gives its own loggers.
        "django": {"level": "INFO", "handlers": [], "propagate": True},
        # A visitor's mistyped address is nginx's access log's business; what is logged here is ours to
        # repair.
        "django.request": {"level": "ERROR"},
    },
}

# --- the stack around us ------------------------------------------------------------------------------------

HTTPD_ADDRESS = _environment.address("HTTPD_ADDRESS", "127.0.0.1:8001")
NGINX_ADDRESS = _environment.address("NGINX_ADDRESS", "127.0.0.1:8080")
HTTPD_WSGI_ADDRESS = _environment.address("HTTPD_WSGI_ADDRESS", "127.0.0.1:8004")
REALTIME_ADDRESS = _environment.address("REALTIME_ADDRESS", "127.0.0.1:8003")
LOCUST_ADDRESS = _environment.address("LOCUST_ADDRESS", "127.0.0.1:8089")
NGINX_STATUS_ADDRESS = _environment.address("NGINX_STATUS_ADDRESS", "127.0.0.1:8088")
REDIS_URL = _environment.text("REDIS_URL", "redis://127.0.0.1:6390/0")
REDIS_PASSWORD_FILE = _environment.text("REDIS_PASSWORD_FILE", "")
#: How many messages a room keeps. Whoever posts cuts it, so all who do must be told the same.
ROOM_HISTORY = _environment.number("ROOM_HISTORY", HISTORY_MESSAGES, least=1, most=1_000_000)

#: The tcp service's protocols: where each answers, where nginx answers for it, and the port that nginx
#: publishes, which is what a visitor types after ``nc``.
TCP_PROTOCOLS = {
    name.lower(): (
        _environment.address(f"TCP_{name}_ADDRESS", f"127.0.0.1:{9100 + number}"),
        _environment.address(f"NGINX_TCP_{name}_ADDRESS", f"127.0.0.1:{9000 + number}"),
        _environment.number(f"TCP_{name}_PORT", 9000 + number, least=1, most=65535),
    )
    for number, name in enumerate(["ECHO", "ACK", "GREET", "BYE", "ROOM"])
}
TCP_ECHO_ADDRESS, _, TCP_ECHO_PORT = TCP_PROTOCOLS["echo"]
TCP_ROOM_ADDRESS, _, TCP_ROOM_PORT = TCP_PROTOCOLS["room"]

#: All that the WSGI lab's servers are told of this process: where Python and its packages are, and a variable
#: to find again. One of them hands its process' variables to the application, and so to the page.
LAB_SERVERS_ENVIRONMENT = {
    name: value
    for name in ("PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
    if (value := os.environ.get(name))
} | {"OF_THE_PROCESS": "and not of the request"}

# --- Gunicorn: see gunicorn_conf.py for the reasons ---------------------------------------------------------

WEB_LISTEN = _environment.address("WEB_LISTEN", "127.0.0.1:8002")
WEB_ADDRESS = _environment.address("WEB_ADDRESS", str(WEB_LISTEN))
WEB_WORKERS = _environment.number("WEB_WORKERS", 1, least=1, most=256)
WEB_THREADS = _environment.number("WEB_THREADS", 4, least=1, most=256)
WEB_KEEPALIVE = _environment.number("WEB_KEEPALIVE", 75, least=1, most=3600)
WEB_GRACEFUL_TIMEOUT = _environment.number("WEB_GRACEFUL_TIMEOUT", 10, least=1, most=600)
FORWARDED_ALLOW_IPS = _environment.text("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
WEB_ACCESS_LOG = _environment.number("WEB_ACCESS_LOG", 0, least=0, most=1)
