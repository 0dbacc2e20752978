from stage import Stage


def scene(stage: Stage) -> None:
    server = stage.start("python server.py {port}", ready="Waiting")
    with stage.visit("anna") as anna:
        anna.reads_to_the_end()
    server.say_until("Somebody")
    server.interrupt()
    stage.note("and once more, at once")
    stage.start("python server.py {port}", ready="OSError").is_over()
