from stage import Stage


def scene(stage: Stage) -> None:
    stage.start("python server.py {port}", ready="The room")
    stage.note("polling: is there something? No. Is there something?")
    for _ in range(3):
        with stage.visit("anna") as anna:
            anna.sends(b"GET /messages?after=0 HTTP/1.1\r\n\r\n")
            anna.reads_response()
    stage.note("Comet: tell me as soon as there is something")
    with stage.visit("anna") as anna:
        anna.sends(b"GET /wait?after=0 HTTP/1.1\r\n\r\n")
        with stage.visit("bob") as bob:
            bob.sends(b"POST /messages HTTP/1.1\r\nContent-Length: 11\r\n\r\nHello, anna")
            bob.hears_nothing()
            anna.reads_response()
            bob.reads_response()
    stage.note("and only now")
    with stage.visit("anna") as anna:
        anna.sends(b"GET /wait?after=0 HTTP/1.1\r\n\r\n")
        anna.reads_response()
