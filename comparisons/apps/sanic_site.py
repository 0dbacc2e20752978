"""Sanic: coroutines under decorators, and a server of its own."""

from sanic import HTTPResponse, Request, Sanic, raw, text

app = Sanic("hello")


@app.get("/hello")
async def hello(request: Request) -> HTTPResponse:
    return text("Hello, World! This is an HTTP response.")


@app.post("/echo")
async def echo(request: Request) -> HTTPResponse:
    return raw(request.body)
