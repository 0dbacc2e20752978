from stage import Stage

REQUEST = b"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"


def scene(stage: Stage) -> None:
    stage.start("python server.py {port}", ready="Open")
    with stage.visit("anna") as anna:
        anna.sends(REQUEST)
        anna.reads_response()
    bob = stage.arrive("bob")
    stage.note("and says nothing, as browsers do that open a connection in advance")
    with stage.visit("anna") as anna:
        anna.sends(REQUEST)
        anna.hears_nothing()
        bob.leaves()
        anna.reads_response()
