"""What a framework is: requests find their handler by method and path, and what goes wrong becomes an answer.

The rule of this file: a handler is a function from Request to Response. One that is a generator takes its
content piece by piece (see ``application``); any other is called when its content is complete.
"""

import inspect
import logging
import re
from collections.abc import Callable, Generator
from http import HTTPStatus

from httpd.application import Answer, Consumer
from httpd.request import Request
from httpd.response import TEXT, Response
from httpd.site.pages import show_error

__all__ = ["Handler", "Problem", "Router"]

logger = logging.getLogger(__name__)

Handler = Callable[[Request], Answer]

#: A parameter in a route: ``{name}`` is one segment of the path, ``{name:path}`` all the rest of it.
PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


#: RFC 9110 section 9.3 and RFC 5789, without CONNECT: we are no proxy.
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})


class Problem(Exception):  # noqa: N818 - it is no failure of ours
    """A handler's way out: an error that the client gets to know."""

    def __init__(self, status: HTTPStatus, reason: str, **fields: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.fields = fields


class Router:
    """An application made of handlers.

    Routes are added before it serves; then any number of threads may call it.
    """

    def __init__(self) -> None:
        self._exact: dict[str, dict[str, Handler]] = {}
        self._patterns: list[tuple[re.Pattern[str], dict[str, Handler]]] = []

    # --- routes ------------------------------------------------------------------------------

    def route(self, path: str, *methods: str) -> Callable[[Handler], Handler]:
        """Have the decorated handler answer these methods on this path. GET answers HEAD as well."""

        def add(handler: Handler) -> Handler:
            handlers = self._handlers_of(path)
            for method in methods:
                handlers[method] = handler
                if method == "GET":
                    handlers.setdefault("HEAD", handler)
            return handler

        return add

    def get(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "GET")

    def post(self, path: str) -> Callable[[Handler], Handler]:
        return self.route(path, "POST")

    def any(self, path: str) -> Callable[[Handler], Handler]:
        """Have the decorated handler answer every method, also those that nobody has heard of."""
        return self.route(path, "*")

    def _handlers_of(self, path: str) -> dict[str, Handler]:
        if "{" not in path:
            return self._exact.setdefault(path, {})
        pattern = re.compile(
            "".join(
                f"(?P<{name}>{'.+' if whole else '[^/]+'})" if name else re.escape(text)
                for text, name, whole in split_route(path)
            )
        )
        for known, handlers in self._patterns:
            if known == pattern:
                return handlers
        self._patterns.append((pattern, {}))
        return self._patterns[-1][1]

    # --- requests ----------------------------------------------------------------------------

    def __call__(self, request: Request) -> Answer:
        try:
            try:
                handler = self._exact[request.path][request.method]
            except KeyError:
                handler = self._find(request)
            if request.content is None and not inspect.isgeneratorfunction(handler):
                return collect(handler, request)
            return handler(request)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises, the client gets an answer
            return answer_error(request, error)

    def _find(self, request: Request) -> Handler:
        """Find the handler the long way; raise the ``Problem`` that says why there is none."""
        handlers = self._exact.get(request.path_text)
        if handlers is None:
            for pattern, candidates in self._patterns:
                match = pattern.fullmatch(request.path_text)
                if match:
                    handlers, request.parameters = candidates, match.groupdict()
                    break
        if handlers is None and not request.asterisk:
            if request.method not in METHODS:
                raise unknown_method(request)
            raise Problem(HTTPStatus.NOT_FOUND, "There is no such page here.")
        known = handlers or {}
        handler = known.get(request.method) or known.get("*")
        if handler is not None:
            return handler
        allowed = ", ".join(sorted({*known, "OPTIONS"} if known else METHODS))
        if request.method == "OPTIONS":
            return lambda _: Response(b"", HTTPStatus.NO_CONTENT, "").add("Allow", allowed)
        if request.method not in METHODS:
            raise unknown_method(request)
        raise Problem(HTTPStatus.METHOD_NOT_ALLOWED, f"This page takes {allowed}.", Allow=allowed)


def unknown_method(request: Request) -> Problem:
    """RFC 9110 section 15.6.2:

    501 for a method that nobody here has heard of; 405 for one that this path does not take.
    """
    return Problem(HTTPStatus.NOT_IMPLEMENTED, f"Nothing here knows the method {request.method}.")


def split_route(path: str) -> Generator[tuple[str, str, str], None, None]:
    """Cut a route into literal texts and parameters."""
    position = 0
    for match in PARAMETER.finditer(path):
        yield path[position : match.start()], "", ""
        yield "", match[1], match[2] or ""
        position = match.end()
    yield path[position:], "", ""


def collect(handler: Handler, request: Request) -> Consumer:
    """Gather the content, within the connection's limit; then call the handler, which takes it whole."""
    content = bytearray()  # not a list: an object for each tiny chunk would be many times the limit
    while piece := (yield):
        content += piece
    request.content = bytes(content)
    try:
        answer = handler(request)
    except Exception as error:  # noqa: BLE001 - as in Router.__call__
        return answer_error(request, error)
    assert isinstance(answer, Response)  # noqa: S101 - the handler of a complete content has nothing to wait for
    return answer


def answer_error(request: Request, error: Exception) -> Response:
    """Answer a ``Problem`` with what it says, anything else with 500 and a traceback in the log:

    A page for a browser, a line for a program.
    """
    if not isinstance(error, Problem):
        logger.error("%s %s failed", request.method, request.path, exc_info=error)
        error = Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong on our side. It is in the log."
        )
    if "text/html" in request.field("accept"):
        response = show_error(request, error.status, error.reason)
    else:
        response = Response(f"{error.reason}\n", error.status, TEXT)
    for name, value in error.fields.items():
        response.add(name, value)
    return response
