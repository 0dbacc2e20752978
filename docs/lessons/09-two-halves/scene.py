from stage import Stage, Visitor


def asks(visitor: Visitor, path: bytes) -> None:
    visitor.sends(b"GET %s HTTP/1.1\r\n\r\n" % path)
    visitor.reads_response()


def scene(stage: Stage) -> None:
    server = stage.start("python server.py {port}", ready="Serving")
    with stage.visit("anna") as anna:
        asks(anna, b"/hello")
    stage.note("a page that exists, with a question")
    with stage.visit("anna") as anna:
        asks(anna, b"/hello?name=Anna")
    server.end()
    stage.note("somebody who knows PEP 3333 by heart stands between the two")
    checked = stage.start("python checked.py {port}", ready="Serving")
    with stage.visit("bob") as bob:
        bob.sends(b"GET /hello HTTP/1.1\r\n\r\n")
        bob.reads_to_the_end()
    checked.is_over()
