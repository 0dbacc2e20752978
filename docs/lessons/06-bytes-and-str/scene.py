from stage import Stage


def scene(stage: Stage) -> None:
    server = stage.start("python server.py {port}", ready="Open")
    with stage.visit("anna") as anna:
        anna.sends(b"GET / HTTP/1.1\r\n\r\n")
        anna.reads_response()
    server.say_until("GET")
    request = "GET /雪".encode()
    with stage.visit("bob") as bob:
        bob.sends(request[:-1], shown="“GET /” and two of the three bytes of 雪")
        bob.reads_to_the_end()
    server.is_over()
