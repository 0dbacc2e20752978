"""What a room tells a stranger about the service that it is a part of."""


def counts(running):
    """Ask in a connection of its own: what was counted, by name."""
    with running.connect() as stranger:
        stranger.sendall(b"COUNTS\nQUIT\n")
        hello, counted = stranger.makefile().read().splitlines()
    assert hello.startswith("* This is a room.")
    assert counted.startswith("* open=")
    return {name: int(number) for name, number in (word.split("=") for word in counted[2:].split())}


def test_they_are_those_of_all_ports_and_processes(start):
    running = start("--workers", "2", listen=("room", "echo"))
    with running.connect(1) as echo:
        echo.sendall(bytes(65_536))
        assert len(echo.makefile("rb").read(65_536)) == 65_536
        # A worker counts after it has done something, and who asked before is gone a little later.
        running.until(lambda: counts(running)["received"] >= 65_536)
        running.until(lambda: counts(running)["open"] == 2)
    running.until(lambda: counts(running)["open"] == 1)
    first, second = counts(running), counts(running)
    assert second["accepted"] == first["accepted"] + 1
    running.until(lambda: counts(running)["pieces"] > second["pieces"])


def test_they_are_asked_for_as_a_message_by_who_is_in(start, person):
    ada = person(start(listen=("room",)))
    ada.say("COUNTS")
    assert ada.messages(1) == ["1 ada: COUNTS"]
