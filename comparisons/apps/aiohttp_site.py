"""aiohttp's server: coroutines, a table of routes, and `run_app`."""

import sys

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/hello")
async def hello(request: web.Request) -> web.Response:
    return web.Response(text="Hello, World! This is an HTTP response.")


@routes.post("/echo")
async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


if __name__ == "__main__":
    app = web.Application()
    app.add_routes(routes)
    web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), access_log=None)
