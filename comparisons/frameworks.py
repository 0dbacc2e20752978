"""The same hello and the same echo in other frameworks."""

from __future__ import annotations

from typing import Final

from bench.suites import GREETING
from comparisons.table import Candidate, Comparison, Exchange

__all__ = ["SUITE"]

HELLO: Final = Exchange(job="hello", protocol="http", path="/hello", expected=GREETING)
ECHO: Final = Exchange(job="echo", protocol="http", path="/echo")

SUITE: Final = Comparison(
    name="frameworks",
    title="The same hello in other frameworks",
    question="What does each framework cost, on the server that its documentation recommends?",
    exchanges=(HELLO, ECHO),
    candidates=(
        Candidate(
            name="flask",
            title="Flask",
            command=(
                "{python} -m gunicorn --bind {host}:{port} --workers 1 --threads 4 "
                "comparisons.apps.flask_site:app"
            ),
            packages=("flask>=3", "gunicorn>=23"),
            versions=("flask", "gunicorn"),
            server="Gunicorn, gthread",
            settings="1 process, 4 threads, no access log",
            reason="Flask's documentation names Gunicorn first, and threads for views that wait.",
        ),
    ),
)
