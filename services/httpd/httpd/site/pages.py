"""Pages as HTML. One layout; every value that goes into a page is escaped on its way.

Links are relative, and each page knows how deep it lies, so that the pages work behind a prefix that a
proxy takes off. One step above the root is the site then; without a proxy it is the root itself.
"""

from collections.abc import Iterable
from html import escape
from http import HTTPStatus

from httpd.request import Request
from httpd.response import Response

__all__ = ["page", "show", "show_error", "table", "up"]

#: What a page may load and do: this site's own files and forms, and nobody may put it into a frame.
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

NAVIGATION = (
    ("", "Start"),
    ("hello", "Hello"),
    ("inspect", "Inspect"),
    ("form", "Form"),
    ("visits", "Visits"),
    ("stream", "Stream"),
)


def up(path: str) -> str:
    """Return the way from the page at ``path`` to the root of the site: ``./``, ``../``, ``../../`` …"""
    return "../" * (path.count("/") - 1) or "./"


def page(request: Request, title: str, body: str) -> str:
    """Put a body, which is HTML already, into the layout."""
    root = up(request.path)
    here = request.path.lstrip("/")
    links = "\n".join(
        f'<a href="{root}{path}"{" aria-current=page" if path == here else ""}>{name}</a>'
        for path, name in NAVIGATION
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · httpd · Layercake</title>
<link rel="icon" href="{root}static/icon.svg">
<link rel="stylesheet" href="{root}static/style.css">
</head>
<body>
<header><nav aria-label="Pages"><span><a href="{root}../">Layercake</a> / httpd</span>
{links}
</nav></header>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
<footer>HTTP/1.1 written by hand: <code>services/httpd</code>. Part of Layercake.</footer>
</body>
</html>
"""


def table(rows: Iterable[tuple[str, object]], *headings: str) -> str:
    """Write a table of two columns."""
    head = "".join(f"<th scope=col>{escape(heading)}</th>" for heading in headings)
    body = "\n".join(
        f"<tr><th scope=row>{escape(str(name))}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows
    )
    head = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f'<div class="scroll"><table>{head}<tbody>\n{body}\n</tbody></table></div>'


def show(request: Request, title: str, body: str, status: int = 200) -> Response:
    """Answer with a page, that may load nothing from elsewhere and run no script."""
    return Response(page(request, title, body), status).add("Content-Security-Policy", POLICY)


def show_error(request: Request, status: HTTPStatus, reason: str) -> Response:
    """Say what went wrong, and the way out."""
    body = f'<p>{escape(reason)}</p>\n<p><a href="{up(request.path)}">To the start</a></p>'
    return show(request, f"{status.value} {status.phrase}", body, status)
