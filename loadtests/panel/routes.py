"""The page's addresses, below Locust's: `layercake/` and what it needs, and `layercake/now`, its figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, Response, abort

from loadtests.panel.report import Report

if TYPE_CHECKING:
    from locust.env import Environment

__all__ = ["routes"]

TYPES: Final = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}

POLICY: Final = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)
"""As the site's pages have it: nothing but this server's own files, and nothing written into the page."""


def routes(environment: Environment) -> Blueprint:
    """To be registered below Locust's own address."""
    blueprint = Blueprint("panel", __name__, url_prefix="/layercake")
    report = Report(environment)
    # A few kilobytes: read once, and no name from outside ever becomes a path.
    files = {file.name: file.read_bytes() for file in (Path(__file__).parent / "files").iterdir()}

    @blueprint.route("/")
    def page() -> Response:
        return Response(files["page.html"], mimetype="text/html")

    @blueprint.route("/<name>")
    def file(name: str) -> Response:
        if name not in files:
            abort(404)
        return Response(files[name], mimetype=TYPES[Path(name).suffix])

    @blueprint.route("/now")
    def now() -> dict[str, Any]:
        return report.now()

    @blueprint.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-cache"
        return response

    return blueprint
