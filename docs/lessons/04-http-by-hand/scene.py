from stage import Stage, Visitor


def shows_what_came(visitor: Visitor) -> None:
    head, _, content = visitor.reads_all().partition(b"\r\n\r\n")
    kind = head.decode().splitlines()[1]
    visitor.tell(f"reads  {kind}, and {len(content):,} bytes")


def scene(stage: Stage) -> None:
    stage.start("python server.py {port}", ready="Open")
    with stage.visit("anna") as anna:
        anna.sends(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        shows_what_came(anna)
    with stage.visit("anna") as anna:
        anna.sends(b"GET /test.jpg HTTP/1.1\r\nHost: localhost\r\n\r\n")
        shows_what_came(anna)
    with stage.visit("bob") as bob:
        bob.sends(b"GET /te")
        stage.note("the rest, “st.jpg HTTP/1.1”, is still on its way")
        shows_what_came(bob)
    with stage.visit("carol") as carol:
        carol.sends(b"GET / HTTP/1.1\r\nHost: localhost\r\nReferer: http://localhost/test.jpg\r\n\r\n")
        shows_what_came(carol)
