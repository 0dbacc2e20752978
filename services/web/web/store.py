"""The connection to Redis, and what to say when it fails."""

import functools

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry
from rooms.credentials import credentials

__all__ = ["client", "explain"]

#: Seconds. Redis answers in less than one millisecond; a visitor should hear soon that it doesn't.
TIMEOUT = 0.8


@functools.cache
def client() -> redis.Redis:
    """Return this process's client: a pool that opens connections when they are needed, for any thread."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        credential_provider=credentials(settings.REDIS_PASSWORD_FILE),
        driver_info=None,  # as rooms has it
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        # One attempt: who asks for the state wants to know it now, and asks again in a second.
        retry=Retry(NoBackoff(), 0),
    )


def explain(error: Exception) -> str:
    """Return the operating system's or the library's words as one short sentence."""
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(words.split()).rstrip(".")[:200] + "."
