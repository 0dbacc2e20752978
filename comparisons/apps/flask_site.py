"""Flask, as its quickstart writes it."""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/hello")
def hello() -> Response:
    """A greeting."""
    return Response("Hello, World! This is an HTTP response.", mimetype="text/plain")


@app.post("/echo")
def echo() -> Response:
    """What was sent."""
    return Response(request.get_data(), mimetype="text/plain")
