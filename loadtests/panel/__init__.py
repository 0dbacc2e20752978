"""The page beside Locust's own: times in microseconds, who works how hard, and who is the limit."""

from loadtests.panel.routes import routes

__all__ = ["routes"]
