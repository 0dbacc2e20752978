"""Who is here: told to everyone, whichever process and transport they are on."""


def test_who_comes_and_goes_is_told(shared, person):
    running = shared("room")
    ada = person(running, "ada")
    assert ada.until("* ") == "* ada joined."
    bob = person(running, "bob")
    assert ada.until("* ") == "* bob joined."
    bob.say("QUIT")
    assert ada.until("* bob") == "* bob left."


def test_who_just_hangs_up_has_left(shared, person):
    running = shared("room")
    ada = person(running, "ada")
    assert ada.until("* ") == "* ada joined."
    bob = person(running, "bob")
    assert ada.until("* ") == "* bob joined."
    bob.file.close()
    bob.sock.close()
    assert ada.until("* bob") == "* bob left."


def test_a_name_that_two_have_is_here_until_both_have_left(shared, room, person, log):
    running = shared("room")
    ada = person(running, "ada")
    assert ada.until("* ") == "* ada joined."
    first, second = person(running, "bob"), person(running, "bob")
    assert ada.until("* ") == "* bob joined."
    first.say("QUIT")
    first.rest()
    assert "bob" in log.enter(room, [], "test")
    second.say("QUIT")
    assert ada.until("* bob left") == "* bob left."
    assert "bob" not in log.enter(room, [], "test")


def test_others_are_told_too(shared, room, person, log):
    ada = person(shared("room"))
    assert ada.until("* ") == "* ada joined."
    log.enter(room, ["carol"], "a browser")
    assert ada.until("* carol") == "* carol joined."
    assert log.enter(room, [], "a browser") == ["ada", "carol"]
    log.leave(room, ["carol"], "a browser")
    assert ada.until("* carol") == "* carol left."


def test_who_comes_is_told_who_is_here(shared, room, person, log):
    running = shared("room")
    log.enter(room, ["carol"], "a browser")
    ada = person(running, "ada")
    assert ada.until("* ") == "* ada joined."
    with running.connect() as sock, sock.makefile("rw") as file:
        file.write(f"JOIN {room} bob\n")
        file.flush()
        file.readline()
        assert file.readline() == f"* bob, you are in {room}; its last message is 0. ada, carol are here.\n"


def test_a_server_that_stops_takes_its_names_along(start, room, person, log):
    running = start(listen=("room",))
    ada = person(running, "ada")
    ada.until("* ada joined")
    assert running.stop() == 0
    assert log.enter(room, [], "test") == []
