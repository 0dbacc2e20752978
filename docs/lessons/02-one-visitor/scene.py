from stage import Stage


def scene(stage: Stage) -> None:
    host = stage.start("python host.py {port}", ready="Waiting")
    stage.run("python client.py {port}")
    host.is_over()
    stage.run("python client.py {port}")
