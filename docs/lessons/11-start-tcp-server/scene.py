from stage import Stage

COMMAND = "python manage.py start_tcp_server {port}"
GREETING = "欢迎使用Layercake系统".encode()


def scene(stage: Stage) -> None:
    server = stage.start(COMMAND, ready="TCP server")
    with stage.visit("anna") as anna:
        anna.reads(len(GREETING))
        anna.sends(b"bye")
        anna.reads_to_the_end()
    server.interrupt()
    server.is_over()
    stage.note("the way in which Docker, supervisor and systemd end a program")
    server = stage.start(COMMAND, ready="TCP server")
    with stage.visit("bob") as bob:
        bob.reads(len(GREETING))
        server.terminate()
        bob.reads_to_the_end()
    server.is_over()
