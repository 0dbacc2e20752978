"""This stack's survey: which probe belongs to which service, with the addresses from the settings."""

import functools

from django.conf import settings

from web.counts import counts
from web.probes import FAILING, UP, Answer, ask_health, ask_locust, ask_nginx, ask_redis, ask_tcp
from web.store import client
from web.survey import Survey

__all__ = ["survey"]


def ask_ourselves() -> Answer:
    """Answer for this process without a request to it, which with one thread would wait for itself."""
    answer = ask_redis(client())
    if answer.state != UP:
        return Answer(FAILING, f"Redis: {answer.reason}")
    processes = f"{settings.WEB_WORKERS} process{'es' if settings.WEB_WORKERS > 1 else ''}"
    done = counts.totals()
    return Answer(
        UP,
        connections=done.get("connections"),
        requests=done.get("requests"),
        note=f"{processes}, {settings.WEB_THREADS} threads each",
    )


@functools.cache
def survey() -> Survey:
    """Return this process's survey: made at first use, so that the threads are the worker's."""
    return Survey(
        {
            "nginx": lambda: ask_nginx(settings.NGINX_STATUS_ADDRESS),
            "tcp": lambda: ask_tcp(settings.TCP_ECHO_ADDRESS, settings.TCP_ROOM_ADDRESS),
            "httpd": lambda: ask_health(settings.HTTPD_ADDRESS),
            "httpd-wsgi": lambda: ask_health(settings.HTTPD_WSGI_ADDRESS),
            "web": ask_ourselves,
            "realtime": lambda: ask_health(settings.REALTIME_ADDRESS),
            "redis": lambda: ask_redis(client()),
            "locust": lambda: ask_locust(settings.LOCUST_ADDRESS),
        }
    )
