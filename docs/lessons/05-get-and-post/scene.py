from stage import Stage, Visitor, quoted


def post(visitor: Visitor, content: bytes) -> None:
    visitor.sends(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content))


def shows_the_page(visitor: Visitor) -> None:
    _, _, page = visitor.reads_all().partition(b"\r\n\r\n")
    visitor.tell(f"reads  {quoted(page)}")


def scene(stage: Stage) -> None:
    server = stage.start("python server.py {port}", ready="Open")
    with stage.visit("anna") as anna:
        anna.sends(b"GET /?name=Anna HTTP/1.1\r\n\r\n")
        shows_the_page(anna)
    with stage.visit("bob") as bob:
        post(bob, b"name=Bob")
        shows_the_page(bob)
    stage.note("a name as a browser sends it: 雪 & Söhne")
    with stage.visit("yuki") as yuki:
        post(yuki, b"name=%E9%9B%AA+%26+S%C3%B6hne")
        shows_the_page(yuki)
    stage.note("a name that is none")
    with stage.visit("eve") as eve:
        post(eve, b"name=<script>alert(1)</script>")
        shows_the_page(eve)
    stage.note("and content that comes a moment after the head")
    with stage.visit("carol") as carol:
        carol.sends(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
        carol.reads_to_the_end()
    server.is_over()
