"""Flask: an application object, and functions that its decorators give a path."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/hello")
def hello() -> Response:
    return Response("Hello, World! This is an HTTP response.", mimetype="text/plain")


@app.post("/echo")
def echo() -> Response:
    return Response(request.get_data(), mimetype="application/octet-stream")
