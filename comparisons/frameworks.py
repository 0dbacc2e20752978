"""The same hello and the same echo in other frameworks, each as its documentation writes it and serves it.

One process each. What serves it is part of the answer: nobody chooses a framework without its server. Where
the documentation leaves the number of threads open it is four, as the stack's Django has. Access logs are
off, as on every rung of the ladder; the greeting, its type and the echo's are the same octets everywhere.
"""

from __future__ import annotations

from typing import Final

from bench.suites import GREETING
from comparisons.table import Candidate, Comparison, Exchange

__all__ = ["SUITE"]

HELLO: Final = Exchange(job="hello", protocol="http", path="/hello", expected=GREETING)
ECHO: Final = Exchange(job="echo", protocol="http", path="/echo")

GUNICORN: Final = (
    "{python} -m gunicorn --bind {host}:{port} --workers 1 --threads 4 --no-control-socket comparisons.apps."
)

UVICORN: Final = "{python} -m uvicorn --host {host} --port {port} --no-access-log comparisons.apps."

SUITE: Final = Comparison(
    name="frameworks",
    title="The same hello in other frameworks",
    question="What does each framework cost, on the server that its documentation recommends?",
    exchanges=(HELLO, ECHO),
    candidates=(
        Candidate(
            name="httpd",
            title="httpd's own router",
            command="{python} -m comparisons.apps.httpd_site --listen {host}:{port}",
            uses=("serving", "httpd"),
            group="router",
            server="httpd, selector",
            settings="1 process, 1 thread",
            reason="The stack's own, run as the rung httpd is: what a framework is before it has features.",
        ),
        Candidate(
            name="django",
            title="Django",
            command=f"{GUNICORN}django_site:app",
            packages=("django>=5.2,<5.3", "gunicorn>=27"),
            versions=("django", "gunicorn"),
            server="Gunicorn, gthread",
            settings="1 process, 4 threads",
            reason="Django's documentation of deployment names Gunicorn first; without threads that closes "
            "every connection.",
        ),
        Candidate(
            name="flask",
            title="Flask",
            command=f"{GUNICORN}flask_site:app",
            packages=("flask>=3", "gunicorn>=27"),
            versions=("flask", "gunicorn"),
            server="Gunicorn, gthread",
            settings="1 process, 4 threads",
            reason="Flask's documentation of deployment names Gunicorn first; threads for the same reason as "
            "Django's.",
        ),
        Candidate(
            name="starlette",
            title="Starlette",
            command=f"{UVICORN}starlette_site:app",
            packages=("starlette>=1", "uvicorn[standard]>=0.50"),
            versions=("starlette", "uvicorn", "uvloop", "httptools"),
            server="uvicorn, uvloop and httptools",
            settings="1 process, 1 loop",
            reason="Starlette's documentation starts it with uvicorn; `[standard]` is uvicorn's word for the "
            "quick loop and parser.",
        ),
        Candidate(
            name="fastapi",
            title="FastAPI",
            command=f"{UVICORN}fastapi_site:app",
            packages=("fastapi>=0.160", "uvicorn[standard]>=0.50"),
            versions=("fastapi", "starlette", "uvicorn", "uvloop", "httptools"),
            server="uvicorn, uvloop and httptools",
            settings="1 process, 1 loop",
            reason="What `fastapi run` starts: uvicorn, and one process of it in each container.",
        ),
        Candidate(
            name="sanic",
            title="Sanic",
            command="{python} -m sanic comparisons.apps.sanic_site:app --host {host} --port {port} "
            "--single-process --no-access-logs --no-motd",
            packages=("sanic>=25.12",),
            versions=("sanic", "uvloop", "httptools"),
            server="its own, uvloop and httptools",
            settings="1 process, 1 loop",
            reason="Its documentation prefers its own server, and its command line to start it.",
        ),
        Candidate(
            name="aiohttp",
            title="aiohttp",
            command="{python} -m comparisons.apps.aiohttp_site {host} {port}",
            packages=("aiohttp>=3.14",),
            server="its own, asyncio",
            settings="1 process, 1 loop",
            reason="Its documentation of deployment begins with `run_app`, for one process.",
        ),
        Candidate(
            name="tornado",
            title="Tornado",
            command="{python} -m comparisons.apps.tornado_site {host} {port}",
            packages=("tornado>=6.5",),
            server="its own, asyncio",
            settings="1 process, 1 loop",
            reason="Its documentation runs its own server in `asyncio.run`, a process for each core.",
        ),
    ),
)
