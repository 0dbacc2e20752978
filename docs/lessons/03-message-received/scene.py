from stage import Stage

ANSWER = b"Message received!"


def scene(stage: Stage) -> None:
    server = stage.start("python server.py {port}", ready="Waiting")
    anna = stage.arrive("anna")
    anna.sends(b"one")
    anna.reads(len(ANSWER))
    server.say_until("3 bytes")
    anna.sends(b"x" * 3000, shown="one message of 3,000 bytes")
    anna.reads(3 * len(ANSWER))
    server.say_until("952 bytes")
    bob = stage.arrive("bob")
    bob.sends(b"one")
    bob.sends(b"two")
    bob.hears_nothing()
    anna.leaves()
    bob.reads(len(ANSWER))
    bob.hears_nothing()
    server.say_until("6 bytes")
