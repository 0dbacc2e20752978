"""Starlette, which FastAPI stands on: coroutines, and a list of routes that lead to them."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


async def hello(request: Request) -> Response:
    return PlainTextResponse("Hello, World! This is an HTTP response.")


async def echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/octet-stream")


app = Starlette(routes=[Route("/hello", hello), Route("/echo", echo, methods=["POST"])])
