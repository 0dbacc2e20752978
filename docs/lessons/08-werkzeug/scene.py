from stage import Stage

FORM = b"name=%E9%9B%AA+%26+S%C3%B6hne"
REQUEST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 29\r\n\r\n"


def scene(stage: Stage) -> None:
    server = stage.start("python hello.py {port}", ready="CTRL+C")
    with stage.visit("anna") as anna:
        anna.sends(REQUEST, shown="POST / and the head’s other lines")
        stage.note("and a moment later")
        anna.sends(FORM)
        anna.reads_response()
        anna.reads_to_the_end()
    server.end()
    stage.note("the same application under our own server")
    stage.start("python -m httpd --listen 127.0.0.1:{port} --app hello:application", ready="listening")
    with stage.visit("anna") as anna:
        for _ in range(2):
            anna.sends(REQUEST + FORM, shown="POST / and the form")
            anna.reads_response()
