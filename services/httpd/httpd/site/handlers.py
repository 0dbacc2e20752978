"""The demo handlers: the ladder's two jobs, and pages that show what HTTP is made of."""

import hmac
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template

from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.site.files import Files
from httpd.site.pages import show, table
from httpd.site.router import Problem, Router

__all__ = ["HELLO", "router"]

HELLO = b"Hello, World! This is an HTTP response."

FOLDER = Path(__file__).parent

START, FORM, VISITS = (
    Template((FOLDER / "templates" / f"{name}.html").read_text(encoding="utf-8"))
    for name in ("start", "form", "visits")
)

#: What the front page tells of the server's counts.
FIGURES = (("requests", "requests so far"), ("accepted", "connections so far"), ("open", "connections now"))

#: Pieces that /stream sends when it is not told how many, and at most.
PIECES, MOST_PIECES = 10, 1000


class Handlers(Router):
    """The router, and what its pages know about the server."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Callable[[], Mapping[str, int]] = dict  # what the server has seen, if it tells
        self.key = secrets.token_bytes(32)  # signs cookies; made before workers fork, and new at each start


router = Handlers()

files = Files(FOLDER / "static")


@router.get("/")
def start(request: Request) -> Response:
    seen = router.counts()
    figures = "".join(f"<li><b>{seen.get(name, 0):,}</b> {text}</li>" for name, text in FIGURES)
    return show(request, "HTTP, written by hand", START.substitute(figures=figures))


@router.get("/test.jpg")
def image(request: Request) -> Response:
    return files(request, "test.jpg")


@router.get("/static/{name:path}")
def static(request: Request) -> Response:
    return files(request, request.parameters["name"])


@router.get("/hello")
def hello(request: Request) -> Response:  # noqa: ARG001
    return Response(HELLO, 200, "text/plain")


@router.get("/hello/{name}")
def hello_name(request: Request) -> Response:
    return Response(f"Hello, {request.parameters['name']}! This is an HTTP response.", 200, TEXT)


@router.post("/echo")
def echo(request: Request) -> Response:
    return Response(request.content or b"", 200, "application/octet-stream")


@router.get("/livez")
def livez(request: Request) -> Response:  # noqa: ARG001
    return Response("ok\n", 200, TEXT)


@router.get("/healthz")
def healthz(request: Request) -> Response:  # noqa: ARG001
    return Response(json.dumps({"status": "ok", **router.counts()}), 200, "application/json")


@router.any("/inspect")
def inspect(request: Request) -> Response:
    return show(request, "The request as it arrived", describe(request))


@router.get("/form")
def form(request: Request) -> Response:
    values = parsed(request, "query_values")
    return show(request, "A form", FORM.substitute() + (filled("The query", values) if values else ""))


@router.post("/form")
def submit(request: Request) -> Response:
    kind = request.field("content-type").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "A form is application/x-www-form-urlencoded.")
    return show(
        request,
        "What the form said",
        filled("The content", parsed(request, "form_values")) + FORM.substitute(),
    )


@router.get("/visits")
def visits(request: Request) -> Response:
    count = unsign(router.key, request.cookies.get("visits", "")) + 1
    response = show(
        request, "Visits", VISITS.substitute(count=count, times="time" if count == 1 else "times")
    )
    return response.add(
        "Set-Cookie", f"visits={sign(router.key, count)}; HttpOnly; SameSite=Lax; Max-Age=31536000"
    )


@router.get("/stream")
def stream(request: Request) -> Response:
    wanted = parsed(request, "query_values").get("pieces", [""])[0] or str(PIECES)
    if not wanted.isascii() or not wanted.isdigit() or not 0 < int(wanted[:9]) <= MOST_PIECES:
        raise Problem(HTTPStatus.BAD_REQUEST, f"pieces is a number from 1 to {MOST_PIECES}.")
    return Response.stream(count_up(int(wanted)), 200, TEXT)


# --- /inspect --------------------------------------------------------------------------------


def describe(request: Request) -> str:
    """Show a request three ways: as octets, as text, and as what was understood."""
    octets = request.head + (request.content or b"")
    host, port = request.peer.remote[:2]
    parts = [
        ("method", request.method),
        ("request-target", request.target),
        ("path", request.path_text),
        *(
            ("query", f"{name} = {value}")
            for name, values in parsed(request, "query_values").items()
            for value in values
        ),
        ("version", f"HTTP/1.{request.minor}"),
        ("content", f"{len(request.content or b'')} octets"),
        ("connection", "goes on" if request.keep_alive else "ends with the answer"),
        ("peer", f"{host} port {port}"),
    ]
    return f"""<h2>As octets</h2>
<pre>{escape(dump(octets))}</pre>
<h2>As text</h2>
<pre>{escape(octets.decode("utf-8", "replace"))}</pre>
<h2>As understood</h2>
{table(parts)}
<h2>Its fields</h2>
{table(request.fields, "Name", "Value")}"""


def dump(octets: bytes, most: int = 4096) -> str:
    """Write octets as hexadecimal numbers, sixteen a line, and beside them as characters."""
    lines = []
    for start in range(0, min(len(octets), most), 16):
        line = octets[start : start + 16]
        text = "".join(chr(octet) if 32 <= octet < 127 else "·" for octet in line)
        lines.append(f"{start:08x}  {line.hex(' '):47}  {text}")
    if len(octets) > most:
        lines.append(f"… and {len(octets) - most} more")
    return "\n".join(lines)


# --- /form -----------------------------------------------------------------------------------


def parsed(request: Request, which: str) -> dict[str, list[str]]:
    """The values of a form; a 400 for one with too many of them."""
    try:
        values: dict[str, list[str]] = getattr(request, which)
    except ValueError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"The form has too many fields: {error}.") from error
    return values


def filled(title: str, values: Mapping[str, list[str]]) -> str:
    """Show a form's values; a name that occurs twice has two."""
    rows = [(name, value) for name, given in values.items() for value in given]
    return f"<h2>{title}</h2>\n{table(rows, 'Name', 'Value')}\n"


# --- /visits ---------------------------------------------------------------------------------


def sign(key: bytes, count: int) -> str:
    """Write a number so that nobody else can write another one."""
    return f"{count}.{hmac.digest(key, str(count).encode(), sha256).hex()}"


def unsign(key: bytes, text: str) -> int:
    """Read a signed number; 0 for what we have not signed."""
    number, _, _ = text.partition(".")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        return 0
    return (
        int(number)
        if hmac.compare_digest(text.encode("latin-1", "replace"), sign(key, int(number)).encode())
        else 0
    )


# --- /stream ---------------------------------------------------------------------------------


def count_up(pieces: int) -> Iterator[bytes]:
    """Each piece is made when the one before it has been taken."""
    for number in range(1, pieces + 1):
        yield f"piece {number} of {pieces}\n".encode()
