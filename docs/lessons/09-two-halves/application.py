def application(environ, start_response):
    if environ["PATH_INFO"] == "/hello":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"Hello from the other half!"]
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"Nothing here."]
